"""Queries for jobs. Ownership is part of each query: another user's job is not found."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, func, literal, or_, select
from sqlalchemy.orm import Session, defer, selectinload

from app.accounts.models import User
from app.core.permissions import Permission
from app.jobs.models import ACTIVE, Job, JobArtefact, JobEpoch, JobLogLine, JobState


def job_of(session: Session, user_id: UUID, job_id: UUID, *, with_epochs: bool = False) -> Job | None:
    statement = select(Job).where(Job.id == job_id, Job.user_id == user_id)
    return session.scalar(statement.options(selectinload(Job.epochs)) if with_epochs else statement)


def guests_job(session: Session, guest_key: str, job_id: UUID) -> Job | None:
    return session.scalar(select(Job).where(Job.id == job_id, Job.guest_key == guest_key))


def readable_job(session: Session, user: User, job_id: UUID) -> Job | None:
    """One's own job, or one shared with the class; for admins any job, so that they can help with failures."""
    may_read = or_(Job.user_id == user.id, Job.shared_at.is_not(None), literal(user.may(Permission.MANAGE)))
    return session.scalar(select(Job).where(Job.id == job_id, may_read))


def jobs_of(session: Session, user_id: UUID, *, limit: int) -> Sequence[Job]:
    """A user's jobs, newest first, without their reports."""
    statement = select(Job).where(Job.user_id == user_id).options(defer(Job.report))
    return session.scalars(statement.order_by(Job.created_at.desc(), Job.id).limit(limit)).all()


def count_active(session: Session, user_id: UUID) -> int:
    """Those of a sweep count as one: they take turns with everybody's, and there is one sweep at a time."""
    submitted = func.count(func.distinct(func.coalesce(Job.sweep_id, Job.id)))
    return session.scalar(select(submitted).where(Job.user_id == user_id, Job.state.in_(ACTIVE))) or 0


def previous_run(session: Session, job: Job) -> Job | None:
    """What its owner trained before in the same way and compares it with: the run it continues from or repeats, or the newest
    finished one of the same lab or recipe. Without its report.
    """
    own = select(Job).where(Job.user_id == job.user_id, Job.id != job.id).options(defer(Job.report))
    earlier_id = job.continued_from_id or job.cloned_from_id
    if earlier_id and (earlier := session.scalar(own.where(Job.id == earlier_id))):
        return earlier
    alike = own.where(
        Job.recipe == job.recipe,
        Job.lab_key == job.lab_key if job.lab_key else Job.lab_key.is_(None),
        Job.state == JobState.SUCCEEDED,
        Job.created_at < job.created_at,
    )
    return session.scalar(alike.order_by(Job.created_at.desc()).limit(1))


def from_scratch(session: Session, job: Job) -> UUID | None:
    """The newest finished training that repeats a continued one without its start: from scratch."""
    repeated = select(Job.id).where(
        Job.user_id == job.user_id, Job.cloned_from_id == job.id, Job.state == JobState.SUCCEEDED
    )
    return session.scalar(repeated.order_by(Job.created_at.desc()).limit(1))


def current_job(session: Session, user_id: UUID) -> tuple[Job, list[float | None]] | None:
    """The user's running training, otherwise the one waiting longest, with the loss of each finished epoch."""
    current = (
        select(Job.id)
        .where(Job.user_id == user_id, Job.state.in_(ACTIVE))
        .order_by(Job.state.desc(), Job.created_at, Job.id)
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Job, JobEpoch.epoch, JobEpoch.metrics)
        .outerjoin(JobEpoch, JobEpoch.job_id == Job.id)
        .where(Job.id == current)
        .order_by(JobEpoch.epoch)
        .options(defer(Job.report))
    ).all()
    if not rows:
        return None
    return rows[0].Job, [row.metrics.get("loss") for row in rows if row.epoch is not None]


def epoch_counts(session: Session, job_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Number of finished epochs of each job."""
    rows = session.execute(
        select(JobEpoch.job_id, func.max(JobEpoch.epoch))
        .where(JobEpoch.job_id.in_(job_ids))
        .group_by(JobEpoch.job_id)
    )
    return dict(rows.all())


def epochs_of(session: Session, job_id: UUID) -> Sequence[JobEpoch]:
    return session.scalars(select(JobEpoch).where(JobEpoch.job_id == job_id).order_by(JobEpoch.epoch)).all()


def artefacts(session: Session, job: Job) -> Sequence[JobArtefact]:
    if job.state != JobState.SUCCEEDED:
        return []
    statement = select(JobArtefact).where(JobArtefact.job_id == job.id, JobArtefact.attempt == job.attempt)
    return session.scalars(statement.order_by(JobArtefact.name)).all()


def artefact(session: Session, job: Job, name: str) -> JobArtefact | None:
    return session.get(JobArtefact, (job.id, job.attempt, name)) if job.state == JobState.SUCCEEDED else None


def log_lines(session: Session, job_id: UUID, limit: int = 2000) -> Sequence[JobLogLine]:
    """The last lines of a job's log, in order."""
    statement = (
        select(JobLogLine).where(JobLogLine.job_id == job_id).order_by(JobLogLine.id.desc()).limit(limit)
    )
    return list(reversed(session.scalars(statement).all()))


def jobs_of_labs(
    session: Session, user_id: UUID, lesson_id: UUID, lab_key: str | None = None
) -> list[tuple[Job, float | None]]:
    """The jobs a user started from a lesson's labs, or from one of them, newest first, without their reports; with the test loss
    of those that measured no accuracy.
    """
    # Only these reports are opened: they are the small ones.
    loss = case((Job.test_accuracy.is_(None), Job.report[("metrics", "test_loss")].as_float()))
    statement = select(Job, loss).where(Job.user_id == user_id, Job.lesson_id == lesson_id)
    if lab_key is not None:
        statement = statement.where(Job.lab_key == lab_key)
    statement = statement.options(defer(Job.report)).order_by(Job.created_at.desc(), Job.id)
    return [(job, value) for job, value in session.execute(statement)]


def done_labs(session: Session, user_id: UUID) -> dict[tuple[UUID, str], datetime]:
    """By (lesson, lab): when the user first reached the lab's goal."""
    rows = session.execute(
        select(Job.lesson_id, Job.lab_key, func.min(Job.goal_reached_at))
        .where(Job.user_id == user_id, Job.goal_reached_at.is_not(None), Job.lesson_id.is_not(None))
        .group_by(Job.lesson_id, Job.lab_key)
    )
    return {(lesson_id, key): moment for lesson_id, key, moment in rows if lesson_id and key and moment}
