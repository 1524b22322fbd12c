"""Queries for notes. Ownership is part of every query: another user's note is not found."""

from collections.abc import Sequence
from typing import TypeVarTuple
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload, load_only
from sqlalchemy.orm.strategy_options import _AbstractLoad

from app.courses.models import Lesson, LessonRevision
from app.notes.models import Note


def note_of(session: Session, user_id: UUID, note_id: UUID, *, is_deleted: bool = False) -> Note | None:
    """A note with its lesson, its course and the lesson's title."""
    state = Note.deleted_at.is_not(None) if is_deleted else Note.deleted_at.is_(None)
    statement = select(Note).where(Note.id == note_id, Note.user_id == user_id, state)
    return session.scalar(statement.options(*_with_lesson()))


def notes_on(session: Session, user_id: UUID, lesson_id: UUID, language: str) -> Sequence[Note]:
    """The notes on a lesson's text in one language, oldest first."""
    statement = _own(select(Note), user_id, lesson_id).where(Note.language == language)
    return session.scalars(statement.order_by(Note.created_at, Note.id)).all()


def count_on(session: Session, user_id: UUID, lesson_id: UUID) -> int:
    return session.scalar(_own(select(func.count(Note.id)), user_id, lesson_id)) or 0


def notes_of(
    session: Session, user_id: UUID, lesson_id: UUID | None, *, limit: int, offset: int
) -> Sequence[Note]:
    """All notes (or those on one lesson), last changed first, with their lessons."""
    statement = (
        _own(select(Note), user_id, lesson_id)
        .options(*_with_lesson())
        .order_by(Note.updated_at.desc(), Note.id)
    )
    return session.scalars(statement.limit(limit).offset(offset)).all()


def count_notes(session: Session, user_id: UUID, lesson_id: UUID | None) -> int:
    return session.scalar(_own(select(func.count(Note.id)), user_id, lesson_id)) or 0


def lesson(session: Session, lesson_id: UUID) -> Lesson | None:
    """A published lesson with its course and its title."""
    statement = select(Lesson).where(Lesson.id == lesson_id, Lesson.published_revision_id.is_not(None))
    return session.scalar(
        statement.options(joinedload(Lesson.course), joinedload(Lesson.published).options(*_title_only()))
    )


Rows = TypeVarTuple("Rows")


def _own(statement: Select[*Rows], user_id: UUID, lesson_id: UUID | None) -> Select[*Rows]:
    statement = statement.where(Note.user_id == user_id, Note.deleted_at.is_(None))
    return statement.where(Note.lesson_id == lesson_id) if lesson_id else statement


def _with_lesson() -> tuple[_AbstractLoad, ...]:
    return (
        joinedload(Note.lesson).joinedload(Lesson.course),
        joinedload(Note.lesson).joinedload(Lesson.published).options(*_title_only()),
    )


def _title_only() -> tuple[_AbstractLoad, ...]:
    """Without the lesson's texts."""
    return (load_only(LessonRevision.title),)
