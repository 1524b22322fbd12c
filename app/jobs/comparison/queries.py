from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, literal, or_, select
from sqlalchemy.orm import Session, defer

from app.accounts.models import User
from app.core.permissions import Permission
from app.jobs.models import Job, JobEpoch


def readable_jobs(session: Session, user: User, job_ids: Sequence[UUID]) -> list[Job]:
    """Those of them that `user` may read, in the given order."""
    may_read = or_(Job.user_id == user.id, Job.shared_at.is_not(None), literal(user.may(Permission.MANAGE)))
    found = session.scalars(select(Job).where(Job.id.in_(job_ids), may_read)).all()
    return sorted(found, key=lambda job: job_ids.index(job.id))


def metrics_by_epoch(session: Session, job_ids: Sequence[UUID]) -> Sequence[Row[UUID, int, dict[str, float]]]:
    """(job, epoch, metrics) in order of epochs."""
    statement = select(JobEpoch.job_id, JobEpoch.epoch, JobEpoch.metrics).where(JobEpoch.job_id.in_(job_ids))
    return session.execute(statement.order_by(JobEpoch.job_id, JobEpoch.epoch)).all()


def others_to_compare(
    session: Session, user_id: UUID, job: Job, without: Sequence[UUID], limit: int
) -> Sequence[Job]:
    """The user's latest trainings by the same recipe, without their reports."""
    statement = select(Job).where(Job.user_id == user_id, Job.recipe == job.recipe, Job.id.not_in(without))
    statement = statement.options(defer(Job.report)).order_by(Job.created_at.desc(), Job.id)
    return session.scalars(statement.limit(limit)).all()
