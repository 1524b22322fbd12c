"""Reading what others may see of a reader."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session, defer

from app.accounts.models import Role, User
from app.board.models import Comment, CommentState
from app.courses.models import Course, Lesson, LessonReading, LessonRevision
from app.jobs.models import Job, JobState


def lessons_read(session: Session, user_id: UUID) -> Sequence[Row]:
    """(course's slug, lesson's slug, its title) of the lessons read to their end, the latest first."""
    statement = (
        select(Course.slug.label("course"), Lesson.slug, LessonRevision.title)
        .select_from(LessonReading)
        .join(Lesson, Lesson.id == LessonReading.lesson_id)
        .join(Course, Course.id == Lesson.course_id)
        .join(LessonRevision, LessonRevision.id == Lesson.published_revision_id)
        .where(LessonReading.user_id == user_id)
    )
    return session.execute(statement.order_by(LessonReading.read_at.desc(), Lesson.id)).all()


def featured_comments(session: Session, user_id: UUID, limit: int) -> Sequence[Comment]:
    """The latest that can be seen, without their HTML."""
    statement = select(Comment).where(
        Comment.author_id == user_id, Comment.is_featured, Comment.state == CommentState.VISIBLE
    )
    newest_first = statement.order_by(Comment.created_at.desc(), Comment.id).limit(limit)
    return session.scalars(newest_first.options(defer(Comment.html))).all()


def shared_jobs(session: Session, user_id: UUID, limit: int) -> Sequence[Job]:
    """The latest that their owner shows to the class."""
    statement = select(Job).where(Job.user_id == user_id, Job.shared_at.is_not(None))
    return session.scalars(statement.order_by(Job.created_at.desc(), Job.id).limit(limit)).all()


def running_jobs(session: Session, user_id: UUID) -> Sequence[UUID]:
    return session.scalars(select(Job.id).where(Job.user_id == user_id, Job.state == JobState.RUNNING)).all()


def job_ids(session: Session, user_id: UUID) -> Sequence[UUID]:
    return session.scalars(select(Job.id).where(Job.user_id == user_id)).all()


def count_admins(session: Session) -> int:
    statement = select(func.count(User.id)).where(User.role == Role.ADMIN, User.disabled_at.is_(None))
    return session.scalar(statement) or 0
