"""What a reader finds. The databases only say where the words are; the order is made here, so that it is the same on both."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.i18n import LANGUAGES
from app.search import queries
from app.search.excerpt import count, excerpt, marked
from app.search.models import SearchEntry
from app.search.pages import Found, Result, SearchPage
from app.search.tokens import Group, index_words, loosened, query_groups

RESULTS_PER_PAGE = 10
SUGGESTIONS = 16
LONGEST_QUERY = 200


def search(session: Session, user: User | None, query: str, number: int, language: str) -> SearchPage:
    """One page of what `query` finds in this language; where nothing has all its words, what comes nearest."""
    query = " ".join(query.split())[:LONGEST_QUERY]
    groups = query_groups(query)
    user_id = user.id if user else None
    entries, groups, found = _find(session, groups, user_id, language) if groups else ([], [], "all")
    if not entries:
        return SearchPage(query, suggestions=queries.term_names(session, language, SUGGESTIONS))
    pages = -(-len(entries) // RESULTS_PER_PAGE)
    number = min(max(1, number), pages)
    shown = entries[(number - 1) * RESULTS_PER_PAGE : number * RESULTS_PER_PAGE]
    return SearchPage(query, _results(session, shown, groups), len(entries), number, pages, found)


def _find(
    session: Session, groups: list[Group], user_id: UUID | None, language: str
) -> tuple[list[SearchEntry], list[Group], Found]:
    entries = queries.matching(session, groups, user_id, language)
    if entries:
        return _ranked(session, entries, groups), groups, "all"
    # A search in the other language than the page's: the lessons have the same sections in both.
    other = next(name for name in LANGUAGES if name != language)
    entries = queries.matching(session, groups, None, other)
    if entries:
        return _ranked(session, entries, groups), groups, "other-language"
    groups = loosened(groups)
    return (
        (_nearest(session, groups, user_id, language), groups, "some")
        if len(groups) > 1
        else ([], groups, "all")
    )


def _ranked(session: Session, entries: Sequence[SearchEntry], groups: Sequence[Group]) -> list[SearchEntry]:
    """By tier; within one, the exact name, then who says it most, then reading order."""
    wanted = {group.typed for group in groups}
    places = queries.places(session, {entry.lesson_id for entry in entries})

    def key(entry: SearchEntry) -> tuple:
        course, _slug, position, _title = places[entry.lesson_id]
        is_exact = any(set(name.casefold().split()) == wanted for name in entry.heading.split(" · "))
        return (
            _tier(entry, groups),
            not is_exact,
            -count(entry.text, groups),
            course,
            position,
            entry.position,
            entry.id,
        )

    return sorted(entries, key=key)


def _tier(entry: SearchEntry, groups: Sequence[Group]) -> int:
    """Titles with all the words, then terms, then headings; then own notes; then who has some of them in its name; then texts."""
    if entry.kind == "note":
        return 3
    heading = index_words(entry.heading)
    in_heading = sum(group.stands_in(heading) for group in groups)
    if in_heading == len(groups):
        return {"title": 0, "term": 1, "section": 2}[entry.kind]
    return 4 if in_heading else {"title": 5, "section": 6, "term": 7}[entry.kind]


def _nearest(
    session: Session, groups: Sequence[Group], user_id: UUID | None, language: str
) -> list[SearchEntry]:
    """What has some of the words; a word that few have counts for more."""
    found = [queries.matching_ids(session, group, user_id, language) for group in groups]
    worth: dict[int, float] = {}
    for ids in found:
        for entry_id in ids:
            worth[entry_id] = worth.get(entry_id, 0.0) + 1 / len(ids)
    best = sorted(worth, key=lambda entry_id: (-worth[entry_id], entry_id))[: 5 * RESULTS_PER_PAGE]
    entries = queries.entries(session, best)
    ranked = _ranked(session, list(entries.values()), groups)
    return sorted(ranked, key=lambda entry: -worth[entry.id])


def _results(session: Session, entries: Sequence[SearchEntry], groups: Sequence[Group]) -> list[Result]:
    places = queries.places(session, {entry.lesson_id for entry in entries})
    results = []
    for entry in entries:
        course, slug, _position, title = places[entry.lesson_id]
        note = f"?note={entry.note_id}" if entry.note_id else ""
        anchor = f"#{entry.anchor}" if entry.anchor else ""
        results.append(
            Result(
                kind=entry.kind,
                address=f"/courses/{course}/lessons/{slug}{note}{anchor}",
                lesson_title=title,
                language=entry.language,
                heading=marked(entry.heading, groups),
                excerpt=excerpt(entry.text, groups, entry.language),
            )
        )
    return results
