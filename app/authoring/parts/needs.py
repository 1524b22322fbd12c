"""Which lessons come first: what a lesson's form offers, and that no two wait for each other."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.authoring import queries
from app.authoring.pages import NeedChoice
from app.core.errors import Invalid
from app.core.i18n import current_language
from app.core.i18n import gettext as _
from app.courses.models import Lesson
from app.publishing.sources import parse_lesson


@dataclass(frozen=True)
class Neighbour:
    """A lesson of the same course as its draft has it, or, without one, as readers see it."""

    slug: str
    title: Mapping[str, str]
    needs: Sequence[str]
    is_published: bool

    @property
    def name(self) -> str:
        return self.title.get(current_language.get()) or next(filter(None, self.title.values()), self.slug)


def neighbours(session: Session, lesson: Lesson) -> list[Neighbour]:
    """Every lesson of the course in reading order, this one among them."""
    return [
        _neighbour(slug, text or "", is_published)
        for slug, text, is_published in queries.lesson_files(session, lesson.course_id)
    ]


def choices(course: Sequence[Neighbour], slug: str, needs: Iterable[str]) -> list[NeedChoice]:
    """The lessons before `slug`, and, so that they can be taken out, what it names by mistake."""
    chosen = list(needs)
    before = _before(course, slug)
    known = {each.slug: each for each in course}
    offered = [
        NeedChoice(each.slug, each.title, each.slug in chosen, is_published=each.is_published)
        for each in before
    ]
    here = {each.slug for each in before}
    wrong = [
        NeedChoice(need, known[need].title if need in known else {}, True, is_wrong=True)
        for need in dict.fromkeys(chosen)
        if need not in here
    ]
    return offered + wrong


def check_needs(course: Sequence[Neighbour], slug: str, needs: Sequence[str]) -> None:
    """Raises Invalid for a lesson that does not come before this one, and for one that waits for this one itself."""
    before = {each.slug: each for each in _before(course, slug)}
    known = {each.slug: each for each in course}
    for need in needs:
        if need in known and _waits_for(known, need, slug):
            sentence = _("“{title}” itself needs this lesson, so it cannot come first.")
            raise Invalid({"needs": sentence.format(title=known[need].name)})
        if need not in before:
            title = known[need].name if need in known else need
            sentence = _("“{title}” does not come before this lesson in the course.")
            raise Invalid({"needs": sentence.format(title=title)})


def _waits_for(known: Mapping[str, Neighbour], start: str, goal: str) -> bool:
    """Whether `start` needs `goal`, directly or through others."""
    seen: set[str] = set()
    ahead = [start]
    while ahead:
        slug = ahead.pop()
        if slug == goal:
            return True
        if slug not in seen and slug in known:
            seen.add(slug)
            ahead += known[slug].needs
    return False


def _before(course: Sequence[Neighbour], slug: str) -> Sequence[Neighbour]:
    place = next((index for index, each in enumerate(course) if each.slug == slug), len(course))
    return course[:place]


def _neighbour(slug: str, text: str, is_published: bool) -> Neighbour:
    try:
        source = parse_lesson(text)
    except ValueError:  # its own editor says so
        return Neighbour(slug, {}, [], is_published)
    return Neighbour(slug, source.title.model_dump(), source.needs, is_published)
