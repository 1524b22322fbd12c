"""Queries for courses and what readers did in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, and_, bindparam, func, select
from sqlalchemy.orm import Session, contains_eager, defer, joinedload

from app.courses.models import (
    Course,
    CourseState,
    Lesson,
    LessonReading,
    LessonRevision,
    Module,
    ReadingPosition,
    open_to_readers,
)


@dataclass(frozen=True)
class Neighbour:
    """The lesson before or after another."""

    slug: str
    revision_id: UUID


@dataclass(frozen=True)
class OpenLesson:
    """A published lesson for one reader; `number` counts within its course, `place` is (anchor, fraction of its section)."""

    lesson: Lesson
    number: int
    rendered_with: str
    previous: Neighbour | None
    next: Neighbour | None
    read_at: datetime | None
    place: tuple[str, float] | None


def courses(session: Session) -> list[Course]:
    """Every course that is not hidden, the main one first, with its modules and published lessons, without the lessons' texts."""
    light = joinedload(Lesson.published).options(
        defer(LessonRevision.rendering), defer(LessonRevision.sources), defer(LessonRevision.quiz)
    )
    statement = (
        select(Course)
        .join(Course.modules)
        .join(Module.lessons)
        .where(Lesson.published_revision_id.is_not(None), Course.state != CourseState.HIDDEN)
        .options(contains_eager(Course.modules).contains_eager(Module.lessons).options(light))
        .order_by(Course.position, Course.slug, Module.position, Lesson.position)
    )
    return list(session.scalars(statement).unique())


def course_by_slug(session: Session, slug: str) -> Course | None:
    return next((course for course in courses(session) if course.slug == slug), None)


def next_position(session: Session) -> int:
    """After all courses: a new one does not become the main one."""
    last = session.scalar(select(func.max(Course.position)))
    return 0 if last is None else last + 1


def open_lesson(
    session: Session, course_slug: str, lesson_slug: str, user_id: UUID | None
) -> OpenLesson | None:
    """All that a lesson's page needs from these tables, in one query."""
    row = session.execute(
        _OPEN_LESSON, {"course": course_slug, "lesson": lesson_slug, "user_id": user_id}
    ).first()
    if row is None:
        return None
    return OpenLesson(
        lesson=row.Lesson,
        number=row.first_number + row.place - 1,
        rendered_with=row.rendered_with,
        previous=Neighbour(row.previous_slug, row.previous_id) if row.previous_id else None,
        next=Neighbour(row.next_slug, row.next_id) if row.next_id else None,
        read_at=row.read_at,
        place=(row.anchor, row.fraction) if row.anchor is not None else None,
    )


def _open_lesson_statement() -> Select[Any]:
    """Built once: building it takes longer than running it. The revisions' large columns are not loaded."""
    in_order: dict[str, Any] = {"order_by": (Lesson.position, Lesson.id)}
    shelf = (
        select(
            Lesson.id.label("lesson_id"),
            func.row_number().over(**in_order).label("place"),
            func.lag(Lesson.slug).over(**in_order).label("previous_slug"),
            func.lag(Lesson.published_revision_id, type_=Uuid()).over(**in_order).label("previous_id"),
            func.lead(Lesson.slug).over(**in_order).label("next_slug"),
            func.lead(Lesson.published_revision_id, type_=Uuid()).over(**in_order).label("next_id"),
        )
        .join(Lesson.course)
        .where(
            Course.slug == bindparam("course"),
            Lesson.published_revision_id.is_not(None),
            Course.state != CourseState.HIDDEN,
        )
        .subquery()
    )
    reader = bindparam("user_id", type_=Uuid())
    beside = (shelf.c.place, shelf.c.previous_slug, shelf.c.previous_id, shelf.c.next_slug, shelf.c.next_id)
    return (
        select(
            Lesson,
            *beside,
            Course.first_number,
            LessonRevision.rendered_with,
            LessonReading.read_at,
            ReadingPosition.anchor,
            ReadingPosition.fraction,
        )
        .join(shelf, shelf.c.lesson_id == Lesson.id)
        .join(Lesson.course)
        .join(Lesson.published)
        .outerjoin(LessonReading, and_(LessonReading.lesson_id == Lesson.id, LessonReading.user_id == reader))
        .outerjoin(
            ReadingPosition, and_(ReadingPosition.lesson_id == Lesson.id, ReadingPosition.user_id == reader)
        )
        .where(Lesson.slug == bindparam("lesson"))
        .options(contains_eager(Lesson.course).defer(Course.source))
    )


_OPEN_LESSON = _open_lesson_statement()


def published_lesson(session: Session, course_slug: str, lesson_slug: str) -> Lesson | None:
    """A lesson with its course and its published revision."""
    return session.scalar(
        select(Lesson)
        .join(Lesson.course)
        .where(Course.slug == course_slug, Lesson.slug == lesson_slug, open_to_readers())
        .options(contains_eager(Lesson.course), joinedload(Lesson.published))
    )


def lesson_by_id(session: Session, lesson_id: UUID) -> Lesson | None:
    """A published lesson with its course."""
    return session.scalar(
        select(Lesson).where(Lesson.id == lesson_id, open_to_readers()).options(joinedload(Lesson.course))
    )


def lessons_by_slug(session: Session, slugs: Sequence[str]) -> Sequence[Lesson]:
    """Published lessons with their courses, of the main course first."""
    statement = select(Lesson).join(Lesson.course).where(Lesson.slug.in_(slugs), open_to_readers())
    statement = statement.options(contains_eager(Lesson.course)).order_by(Course.position, Lesson.position)
    return session.scalars(statement).all()


def readings(session: Session, user_id: UUID) -> dict[UUID, datetime]:
    """Which lessons the user has read to the end, and when."""
    statement = select(LessonReading.lesson_id, LessonReading.read_at).where(LessonReading.user_id == user_id)
    return dict(session.execute(statement).all())


def latest_places(session: Session, user_id: UUID) -> dict[UUID, str]:
    """The lessons in which the user has a reading position, latest first, each with the heading above it."""
    statement = select(ReadingPosition.lesson_id, ReadingPosition.anchor)
    latest_first = ReadingPosition.noted_at.desc()
    rows = session.execute(statement.where(ReadingPosition.user_id == user_id).order_by(latest_first))
    return dict(rows.all())
