"""Queries for sweeps. Only its owner finds one."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, exists, func, select
from sqlalchemy.orm import Session, defer

from app.jobs.models import ACTIVE, Job, Sweep


def sweep_of(session: Session, user_id: UUID, sweep_id: UUID) -> Sweep | None:
    return session.scalar(select(Sweep).where(Sweep.id == sweep_id, Sweep.user_id == user_id))


def has_active_sweep(session: Session, user_id: UUID) -> bool:
    active = exists().where(Job.user_id == user_id, Job.sweep_id.is_not(None), Job.state.in_(ACTIVE))
    return bool(session.scalar(select(active)))


def runs_of(session: Session, sweep_id: UUID) -> Sequence[Row[Job, Mapping[str, Any] | None]]:
    """(job without its report, the report's metrics), in the order of the combinations."""
    statement = select(Job, Job.report["metrics"]).where(Job.sweep_id == sweep_id)
    return session.execute(statement.options(defer(Job.report)).order_by(Job.turn, Job.id)).all()


def locked_sweep(session: Session, sweep_id: UUID) -> Sweep | None:
    """Of several workers that end its last trainings at once, one after the other sees how many are left."""
    statement = select(Sweep).where(Sweep.id == sweep_id).with_for_update()
    return session.scalar(statement.execution_options(populate_existing=True))


def count_left(session: Session, sweep_id: UUID) -> int:
    left = select(func.count(Job.id)).where(Job.sweep_id == sweep_id, Job.state.in_(ACTIVE))
    return session.scalar(left) or 0
