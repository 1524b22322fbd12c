"""Index lookups. All differences between the databases are in this module."""

from collections.abc import Sequence
from typing import TypeVarTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, literal, literal_column, or_, select, text
from sqlalchemy.orm import Session

from app.courses.models import Course, Lesson, LessonRevision, open_to_readers
from app.search.models import SearchEntry
from app.search.tokens import Group, Phrase

# Enough to rank a course of some fifty lessons as a whole; beyond that both databases leave out the same entries.
MOST_CANDIDATES = 1000


def matching(
    session: Session, groups: Sequence[Group], user_id: UUID | None, language: str
) -> list[SearchEntry]:
    """Entries that match every group and that this reader may see: lessons in one language, own notes in any. In reading order."""
    return list(
        session.scalars(
            _visible(select(SearchEntry), user_id, language)
            .where(_has_all(session, groups))
            .limit(MOST_CANDIDATES)
        )
    )


def matching_ids(session: Session, group: Group, user_id: UUID | None, language: str) -> set[int]:
    statement = _visible(select(SearchEntry.id), user_id, language).where(_has_all(session, [group]))
    return set(session.scalars(statement.limit(MOST_CANDIDATES)))


def entries(session: Session, ids: Sequence[int]) -> dict[int, SearchEntry]:
    return {entry.id: entry for entry in session.scalars(select(SearchEntry).where(SearchEntry.id.in_(ids)))}


def headings(session: Session, language: str) -> Sequence[Row[int, str, str, UUID]]:
    """id, kind, heading and lesson_id of all titles and terms in a language, in reading order."""
    columns = select(SearchEntry.id, SearchEntry.kind, SearchEntry.heading, SearchEntry.lesson_id)
    names = _visible(columns, None, language).where(SearchEntry.kind.in_(["title", "term"]))
    return session.execute(names.limit(MOST_CANDIDATES)).all()


def places(session: Session, lesson_ids: set[UUID]) -> dict[UUID, tuple[str, str, int, dict[str, str]]]:
    """For each lesson: its course's slug, its own, its position, and its title in both languages."""
    rows = session.execute(
        select(Lesson.id, Course.slug, Lesson.slug, Lesson.position, LessonRevision.title)
        .join(Lesson.course)
        .join(Lesson.published)
        .where(Lesson.id.in_(lesson_ids))
    )
    return {lesson_id: (course, slug, position, title) for lesson_id, course, slug, position, title in rows}


def term_names(session: Session, language: str, limit: int) -> list[str]:
    """The course's first terms, for a reader who does not know what to search for."""
    statement = select(SearchEntry.heading).where(
        SearchEntry.kind == "term", SearchEntry.language == language
    )
    statement = statement.join(Lesson, Lesson.id == SearchEntry.lesson_id).join(Lesson.course)
    statement = statement.where(open_to_readers()).order_by(
        Course.position, Course.slug, Lesson.position, SearchEntry.position
    )
    return list(
        dict.fromkeys(heading.partition(" · ")[0] for heading in session.scalars(statement.limit(limit)))
    )


Rows = TypeVarTuple("Rows")


def _visible(statement: Select[*Rows], user_id: UUID | None, language: str) -> Select[*Rows]:
    """Titles and terms come first, so that a limit never cuts them off."""
    lessons = (SearchEntry.user_id.is_(None)) & (SearchEntry.language == language)
    seen = or_(lessons, SearchEntry.user_id == user_id) if user_id else lessons
    return (
        statement.join(Lesson, Lesson.id == SearchEntry.lesson_id)
        .join(Lesson.course)
        .where(seen, open_to_readers())
        .order_by(
            SearchEntry.kind == "section",
            Course.position,
            Course.slug,
            Lesson.position,
            SearchEntry.position,
            SearchEntry.id,
        )
    )


def _has_all(session: Session, groups: Sequence[Group]) -> ColumnElement[bool]:
    if session.get_bind().dialect.name == "postgresql":
        # The same expression as in the index.
        vector = func.to_tsvector(literal_column("'simple'"), SearchEntry.words)
        return vector.op("@@")(func.to_tsquery(literal_column("'simple'"), literal(postgresql_query(groups))))
    found = text("select rowid from search_index where search_index match :wanted").bindparams(
        wanted=fts5_query(groups)
    )
    return SearchEntry.id.in_(found.columns(SearchEntry.id).scalar_subquery())


def postgresql_query(groups: Sequence[Group]) -> str:
    return " & ".join(f"({' | '.join(map(_tsquery, group.phrases))})" for group in groups)


def fts5_query(groups: Sequence[Group]) -> str:
    return " AND ".join(f"({' OR '.join(map(_fts5, group.phrases))})" for group in groups)


def _tsquery(phrase: Phrase) -> str:
    return f"({' <-> '.join(phrase.words)}{':*' if phrase.is_beginning else ''})"


def _fts5(phrase: Phrase) -> str:
    return f'"{" ".join(phrase.words)}"{" *" if phrase.is_beginning else ""}'
