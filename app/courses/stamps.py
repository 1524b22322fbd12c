"""Validator of a lesson's cached page: one query over everything it shows."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, String, and_, bindparam, cast, func, select
from sqlalchemy.orm import Session

from app.accounts.duties import waiting_for
from app.accounts.models import User, UserSession, is_open
from app.accounts.service import TOUCH_EVERY
from app.core.clock import now
from app.core.db import UtcDateTime
from app.core.signing import hash_token
from app.courses.models import Course, CourseState, Lesson, LessonReading, LessonRevision, ReadingPosition
from app.jobs.models import Job
from app.quizzes.models import QuizAttempt
from app.web import slots

LESSON_ADDRESS = r"/courses/(?P<course>[a-z0-9-]+)/lessons/(?P<lesson>[a-z0-9-]+)"


def lesson_stamp(session: Session, token: str, parts: Mapping[str, str]) -> tuple[Any, ...] | None:
    """None once the reader's session has ended, or when its use has to be recorded again."""
    values = {**parts, "token": hash_token(token), "seen_after": now() - TOUCH_EVERY}
    row = session.execute(_statement(), values).first()
    return tuple(row) if row else None


@lru_cache
def _statement() -> Select[Any]:
    """Built once: building it takes longer than running it."""
    own_reading = and_(LessonReading.lesson_id == Lesson.id, LessonReading.user_id == User.id)
    own_place = and_(ReadingPosition.lesson_id == Lesson.id, ReadingPosition.user_id == User.id)
    return (
        select(
            User.name,
            User.role,
            User.unread,
            waiting_for(),
            Course.title,
            Course.first_number,
            Lesson.published_revision_id,
            LessonRevision.rendered_with,
            LessonReading.read_at,
            ReadingPosition.anchor,
            ReadingPosition.fraction,
            _answers(func.count()),
            _answers(func.max(QuizAttempt.created_at)),
            _jobs(),
            _shelf(),
            *slots.below_lesson.stamp,
        )
        .select_from(UserSession)
        .join(User, User.id == UserSession.user_id)
        .join(Course, Course.slug == bindparam("course"))
        .join(Lesson, and_(Lesson.course_id == Course.id, Lesson.slug == bindparam("lesson")))
        .join(LessonRevision, LessonRevision.id == Lesson.published_revision_id)
        .outerjoin(LessonReading, own_reading)
        .outerjoin(ReadingPosition, own_place)
        .where(
            UserSession.token_hash == bindparam("token"),
            UserSession.last_seen_at > bindparam("seen_after", type_=UtcDateTime()),
            is_open(),
            Course.state != CourseState.HIDDEN,
        )
    )


def _answers(aggregate: ColumnElement[Any]) -> ScalarSelect[Any]:
    return (
        select(aggregate)
        .where(QuizAttempt.user_id == User.id, QuizAttempt.lesson_id == Lesson.id)
        .correlate(User, Lesson)
        .scalar_subquery()
    )


def _jobs() -> ScalarSelect[Any]:
    """The labs' trainings and their states; whether a goal was reached is stored with the last state."""
    return (
        select(func.aggregate_strings(cast(Job.id, String) + Job.state, ","))
        .where(Job.user_id == User.id, Job.lesson_id == Lesson.id)
        .correlate(User, Lesson)
        .scalar_subquery()
    )


def _shelf() -> ScalarSelect[Any]:
    """The course's lessons in order: the page links to its neighbours by title."""
    beside = Lesson.__table__.alias("beside")
    parts = cast(beside.c.position, String) + beside.c.slug + cast(beside.c.published_revision_id, String)
    return (
        select(func.aggregate_strings(parts, ","))
        .where(beside.c.course_id == Course.id, beside.c.published_revision_id.is_not(None))
        .correlate(Course)
        .scalar_subquery()
    )
