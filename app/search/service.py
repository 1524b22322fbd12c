"""Search results. The databases only find the matches; ranking is done here, so that it is the same on both."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board.finding import FoundComment
from app.core.i18n import LANGUAGES, in_language
from app.core.i18n import gettext as _
from app.search import queries
from app.search.comments import find_comments
from app.search.excerpt import count, excerpt, marked
from app.search.models import SearchEntry
from app.search.pages import CommentResult, Found, Result, SearchPage
from app.search.questions import asked_groups, most_meant, name_in
from app.search.tokens import Group, index_words, loosened, query_groups
from app.web.pagination import page_of

RESULTS_PER_PAGE = 10
COMMENTS = 8
SUGGESTIONS = 16
LONGEST_QUERY = 200
# Number of terms taken from a question.
MOST_NAMED = 4


def search(session: Session, user: User | None, query: str, number: int, language: str) -> SearchPage:
    """One page of results in this language; without full matches, the nearest ones."""
    typed = " ".join(query.split())
    query = typed[:LONGEST_QUERY]
    cut_to = LONGEST_QUERY if len(typed) > LONGEST_QUERY else 0
    asked = asked_groups(query)
    groups = asked or query_groups(query)
    user_id = user.id if user else None
    entries, groups, found = _find(session, groups, user_id, language) if groups else ([], [], "all")
    named = _named(session, query, language) if asked else []
    if named:
        entries = list({entry.id: entry for entry in [*named, *entries]}.values())
        found = "all"
    comments = _comments(session, user, groups, language) if number == 1 else []
    if not entries:
        suggestions = [] if comments else queries.term_names(session, language, SUGGESTIONS)
        return SearchPage(typed, comments=comments, cut_to=cut_to, suggestions=suggestions)
    number, pages, offset = page_of(number, len(entries), RESULTS_PER_PAGE)
    shown = entries[offset : offset + RESULTS_PER_PAGE]
    results = _results(session, shown, groups)
    return SearchPage(typed, results, len(entries), number, pages, found, comments, cut_to)


def _comments(
    session: Session, user: User | None, groups: Sequence[Group], language: str
) -> list[CommentResult]:
    """The newest with all the words."""
    if not groups:
        return []
    found = find_comments(session, user, groups, COMMENTS)
    return [
        CommentResult(
            f"/comments/{comment.id}",
            comment.author_id,
            comment.author,
            marked(comment.title, groups),
            _place(comment),
            excerpt(comment.text, groups, language),
            comment.created_at,
            comment.is_imported,
        )
        for comment in found
    ]


def _place(comment: FoundComment) -> str:
    if comment.lesson_title:
        return in_language(comment.lesson_title)
    return _("below a training job") if comment.is_below_job else _("on the class board")


def _named(session: Session, query: str, language: str) -> list[SearchEntry]:
    """What a question names: the term, the lesson with that title or defining it, then the next."""
    headings = queries.headings(session, language)
    places = [
        (place, number)
        for number, heading in enumerate(headings)
        if heading.kind == "term" and (place := name_in(query, heading.heading))
    ]
    wanted: list[int] = []
    for number in most_meant(places)[:MOST_NAMED]:
        term = headings[number]
        name = next(name for name in term.heading.split(" · ") if name_in(query, name))
        titles = [each for each in headings if each.kind == "title"]
        called = [each.id for each in titles if name_in(each.heading, name)]
        defined = [each.id for each in titles if each.lesson_id == term.lesson_id]
        wanted += [term.id, *called[:1], *defined]
    entries = queries.entries(session, wanted)
    return [entries[entry_id] for entry_id in dict.fromkeys(wanted)]


def _find(
    session: Session, groups: list[Group], user_id: UUID | None, language: str
) -> tuple[list[SearchEntry], list[Group], Found]:
    entries = queries.matching(session, groups, user_id, language)
    if entries:
        return _ranked(session, entries, groups), groups, "all"
    # A query in the other language than the page's: the lessons have the same sections in both.
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
    """By tier; then exact names, then number of matches, then reading order."""
    wanted = {group.typed for group in groups}
    places = queries.places(session, {entry.lesson_id for entry in entries})

    def key(entry: SearchEntry) -> tuple[Any, ...]:
        course, _slug, position, _t = places[entry.lesson_id]
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
    """Titles with all the words, then terms, headings, own notes, partial matches in names, and texts."""
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
    """Entries with some of the words; rare words count for more."""
    found = [queries.matching_ids(session, group, user_id, language) for group in groups]
    worth: dict[int, float] = {}
    for ids in found:
        for entry_id in ids:
            worth[entry_id] = worth.get(entry_id, 0.0) + 1 / len(ids)
    best = sorted(worth, key=lambda entry_id: (-worth[entry_id], entry_id))[: 5 * RESULTS_PER_PAGE]
    entries = queries.entries(session, best)
    ranked = _ranked(session, list(entries.values()), groups)
    return sorted(ranked, key=lambda entry: -worth[entry.id] * _weight(entry, groups))


def _weight(entry: SearchEntry, groups: Sequence[Group]) -> float:
    """A match in a name counts for more than one in a text."""
    heading = index_words(entry.heading)
    share = sum(group.stands_in(heading) for group in groups) / len(groups)
    return 1 + share * {"title": 3, "term": 3, "section": 1}.get(entry.kind, 0)


def _results(session: Session, entries: Sequence[SearchEntry], groups: Sequence[Group]) -> list[Result]:
    places = queries.places(session, {entry.lesson_id for entry in entries})
    results = []
    for entry in entries:
        course, slug, _number, title = places[entry.lesson_id]
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
