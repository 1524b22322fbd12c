"""A course's glossary and its map of knowledge, from its published lessons."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.errors import NotFound
from app.core.text import Term
from app.courses import outline
from app.courses.pages import CoursePage, LessonEntry
from app.courses.service import get_course
from app.guide.pages import Arc, GlossaryPage, LessonTerms, MapPage, Row
from app.guide.queries import lesson_sources
from app.publishing.sources import LessonSource

# Of the arcs beside the lessons; a row is as high as `.map-row` in guide.css, 3.5rem of 16 units.
WIDTH, ROW = 72, 56
# The widest arc stays this far from the left edge.
MARGIN = 4

Needs = Mapping[str, Sequence[str]]


def glossary_page(session: Session, course_slug: str, user: User | None, query: str) -> GlossaryPage:
    course = outline.course_page(session, get_course(session, course_slug), user)
    sources = _sources(session, course)
    wanted = query.strip().casefold()
    lessons = [
        LessonTerms(entry, [term for term in sources[entry.lesson.slug].terms if _matches(term, wanted)])
        for entry in _entries(course)
    ]
    total = sum(len(source.terms) for source in sources.values())
    found = sum(len(each.terms) for each in lessons)
    return GlossaryPage(course.course, query.strip(), [each for each in lessons if each.terms], found, total)


def map_page(session: Session, course_slug: str, user: User | None, chosen_slug: str | None) -> MapPage:
    """Raises NotFound for a lesson that is not one of the course's."""
    course = outline.course_page(session, get_course(session, course_slug), user)
    entries = {entry.lesson.slug: entry for entry in _entries(course)}
    if chosen_slug is not None and chosen_slug not in entries:
        raise NotFound
    needs = {
        slug: [need for need in source.needs if need in entries]
        for slug, source in _sources(session, course).items()
    }
    needed = needed_for(chosen_slug, needs) if chosen_slug else set()
    rows = list(_rows(course, needed, chosen_slug))
    needed_entries = [entry for slug, entry in entries.items() if slug in needed]
    return MapPage(
        course=course.course,
        rows=rows,
        arcs=list(_arcs(rows, needs)),
        width=WIDTH,
        row_height=ROW,
        chosen=entries[chosen_slug] if chosen_slug else None,
        needed=needed_entries,
        next=next((entry for entry in needed_entries if not entry.is_done), None),
    )


def needed_for(slug: str, needs: Needs) -> set[str]:
    """All lessons that one needs for `slug`, directly or for what it needs. A circle ends where it began."""
    found: set[str] = set()
    waiting = list(needs.get(slug, ()))
    while waiting:
        need = waiting.pop()
        if need not in found and need != slug:
            found.add(need)
            waiting += needs.get(need, ())
    return found


def _entries(course: CoursePage) -> list[LessonEntry]:
    return [entry for module in course.modules for entry in module.lessons]


def _sources(session: Session, course: CoursePage) -> dict[str, LessonSource]:
    slugs = {entry.lesson.shown_id: entry.lesson.slug for entry in _entries(course)}
    return {slugs[revision]: source for revision, source in lesson_sources(session, slugs).items()}


def _matches(term: Term, wanted: str) -> bool:
    texts = (term.zh, term.en, term.definition.zh, term.definition.en)
    return any(wanted in text.casefold() for text in texts)


def _rows(course: CoursePage, needed: set[str], chosen: str | None) -> Iterator[Row]:
    for module in course.modules:
        yield Row(module.title)
        for entry in module.lessons:
            slug = entry.lesson.slug
            role = "chosen" if slug == chosen else "needed" if slug in needed else ""
            yield Row(entry.lesson.shown.title, entry, role)


def _arcs(rows: Sequence[Row], needs: Needs) -> Iterator[Arc]:
    """Marked ones last, so that they are drawn above the others."""
    places = {row.entry.lesson.slug: number for number, row in enumerate(rows) if row.entry}
    marked = {row.entry.lesson.slug for row in rows if row.entry and row.role}
    pairs = [(slug, need) for slug, wanted in needs.items() for need in wanted]
    longest = max((abs(places[slug] - places[need]) for slug, need in pairs), default=1)
    for slug, need in sorted(pairs, key=lambda pair: pair[0] in marked):
        yield Arc(_path(places[need], places[slug], longest), is_marked=slug in marked)


def _path(from_row: int, to_row: int, longest: int) -> str:
    """The farther apart two rows are, the farther their arc reaches out to the left."""
    top, bottom = (ROW * row + ROW // 2 for row in (from_row, to_row))
    # A cubic curve reaches three quarters of the way to its control points.
    reach = (WIDTH - MARGIN) * (abs(to_row - from_row) / longest) ** 0.5 / 0.75
    left = round(WIDTH - reach, 1)
    return f"M{WIDTH} {top}C{left} {top} {left} {bottom} {WIDTH} {bottom}"
