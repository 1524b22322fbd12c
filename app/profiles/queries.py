"""Queries for what others may see of a reader."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from app.board.models import Comment, CommentLike, CommentState, Thread
from app.courses.models import Course, CourseState, Lesson, LessonReading, LessonRevision, open_to_readers
from app.jobs.models import ACTIVE, Job


def lessons_read(session: Session, user_id: UUID) -> Sequence[Row[str, str, dict[str, Any]]]:
    """(course's slug, lesson's slug, its title) of the lessons read to the end, latest first."""
    statement = (
        select(Course.slug.label("course"), Lesson.slug, LessonRevision.title)
        .select_from(LessonReading)
        .join(Lesson, Lesson.id == LessonReading.lesson_id)
        .join(Course, Course.id == Lesson.course_id)
        .join(LessonRevision, LessonRevision.id == Lesson.published_revision_id)
        .where(LessonReading.user_id == user_id, Course.state != CourseState.HIDDEN)
    )
    return session.execute(statement.order_by(LessonReading.read_at.desc(), Lesson.id)).all()


def featured_comments(session: Session, user_id: UUID, limit: int) -> Sequence[Comment]:
    """The latest ones visible where they were written: not below what is no longer shared or published."""
    statement = (
        select(Comment)
        .join(Comment.thread)
        .outerjoin(Job, Job.id == Thread.job_id)
        .outerjoin(Lesson, Lesson.id == Thread.lesson_id)
        .where(
            Comment.author_id == user_id,
            Comment.is_featured,
            Comment.state == CommentState.VISIBLE,
            or_(Thread.job_id.is_(None), Job.shared_at.is_not(None)),
            or_(Thread.lesson_id.is_(None), open_to_readers()),
        )
    )
    return session.scalars(statement.order_by(Comment.created_at.desc(), Comment.id).limit(limit)).all()


def shared_jobs(session: Session, user_id: UUID, limit: int) -> Sequence[Job]:
    """The latest ones shared with the class."""
    statement = select(Job).where(Job.user_id == user_id, Job.shared_at.is_not(None))
    return session.scalars(statement.order_by(Job.created_at.desc(), Job.id).limit(limit)).all()


def lock_comments(session: Session, user_id: UUID) -> None:
    """The user's comments, their parents and those the user likes: comments before threads, in the order of app.board.counters."""
    own = Comment.author_id == user_id
    parents = select(Comment.parent_id).where(own, Comment.parent_id.is_not(None))
    liked = select(CommentLike.comment_id).where(CommentLike.user_id == user_id)
    concerned = or_(own, Comment.id.in_(parents), Comment.id.in_(liked))
    session.execute(select(Comment.id).where(concerned).order_by(Comment.id).with_for_update())


def active_jobs_locked(session: Session, user_id: UUID) -> Sequence[Row[UUID, str]]:
    """(id, state) of queued and running ones. Until the transaction ends no worker claims or finishes one."""
    statement = select(Job.id, Job.state).where(Job.user_id == user_id, Job.state.in_(ACTIVE))
    return session.execute(statement.order_by(Job.id).with_for_update()).all()


def job_ids(session: Session, user_id: UUID) -> Sequence[UUID]:
    return session.scalars(select(Job.id).where(Job.user_id == user_id)).all()
