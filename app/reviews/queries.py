"""Queries for cards. Readers see only their own; a card whose question is gone from its lesson drops out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVarTuple
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, Select, String, cast, exists, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session, contains_eager
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from app.core.db import may_write
from app.courses.models import Course, Lesson, LessonRevision, open_to_readers
from app.reviews.models import ReviewCard


class is_among(FunctionElement[bool]):
    """Whether a string is in a stored JSON list of strings."""

    inherit_cache = True
    type = Boolean()


@compiles(is_among, "sqlite")
def _is_among_sqlite(element: is_among, compiler: SQLCompiler, **options: Any) -> str:
    value, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"EXISTS (SELECT 1 FROM json_each({values}) AS entry WHERE entry.value = {value})"


@compiles(is_among, "postgresql")
def _is_among_postgresql(element: is_among, compiler: SQLCompiler, **options: Any) -> str:
    value, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({values} @> to_jsonb(CAST({value} AS text)))"


def due_cards(
    session: Session, user_id: UUID, moment: datetime, limit: int
) -> Sequence[tuple[ReviewCard, Lesson]]:
    """Those due longest, each with its lesson and course."""
    statement = (
        _asked(select(ReviewCard, Lesson))
        .join(Lesson.course)
        .where(ReviewCard.user_id == user_id, ReviewCard.due_at <= moment)
        .order_by(ReviewCard.due_at, ReviewCard.id)
        .options(contains_eager(Lesson.course).defer(Course.source))
    )
    return session.execute(statement.limit(limit)).all()


def count_due(session: Session, user_id: UUID, moment: datetime) -> int:
    statement = _asked(select(func.count(ReviewCard.id)))
    return session.scalar(statement.where(ReviewCard.user_id == user_id, ReviewCard.due_at <= moment)) or 0


def next_due(session: Session, user_id: UUID) -> datetime | None:
    """When the first card is due, even if in the past."""
    statement = _asked(select(ReviewCard.due_at)).where(ReviewCard.user_id == user_id)
    return session.scalar(statement.order_by(ReviewCard.due_at).limit(1))


def readers_with_due_cards(moment: datetime) -> Select[UUID]:
    """As a query to be narrowed further: the ids of readers with due cards."""
    return _asked(select(ReviewCard.user_id)).where(ReviewCard.due_at <= moment).distinct()


def card_of(session: Session, user_id: UUID, card_id: UUID) -> tuple[ReviewCard, Lesson] | None:
    """A card with its lesson and course; locked against a concurrent answer if this session may write."""
    statement = (
        _asked(select(ReviewCard, Lesson))
        .join(Lesson.course)
        .where(ReviewCard.id == card_id, ReviewCard.user_id == user_id)
        .options(contains_eager(Lesson.course).defer(Course.source))
    )
    if may_write(session):
        statement = statement.with_for_update(of=ReviewCard)
    return session.execute(statement).first()


def waiting(session: Session, user_id: UUID, moment: datetime) -> Sequence[ReviewCard]:
    """A user's cards that are not due yet."""
    return session.scalars(
        select(ReviewCard).where(ReviewCard.user_id == user_id, ReviewCard.due_at > moment)
    ).all()


def has_card(session: Session, user_id: UUID, lesson_id: UUID, key: str) -> bool:
    is_of_question = (
        ReviewCard.user_id == user_id,
        ReviewCard.lesson_id == lesson_id,
        ReviewCard.question_key == key,
    )
    return bool(session.scalar(select(exists().where(*is_of_question))))


Rows = TypeVarTuple("Rows")


def _asked(statement: Select[*Rows]) -> Select[*Rows]:
    """Only cards whose question is in its lesson as published now."""
    key = cast(ReviewCard.question_key, String)
    placed: ColumnElement[bool] = is_among(key, LessonRevision.question_keys)
    return (
        statement.select_from(ReviewCard)
        .join(Lesson, Lesson.id == ReviewCard.lesson_id)
        .join(LessonRevision, LessonRevision.id == Lesson.published_revision_id)
        .where(placed, open_to_readers())
    )
