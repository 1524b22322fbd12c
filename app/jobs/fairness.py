"""In which order queued jobs start: what the worker claims by, and what the queue's places are counted by."""

from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from app.jobs.models import Job, JobState


def fair_order() -> tuple[ColumnElement[Any], ...]:
    """For ORDER BY over queued `Job`s: whose owner has fewest that run or stand before it, then who waited longest."""
    other = aliased(Job)
    stands_before = and_(
        other.state == JobState.QUEUED,
        other.queue == Job.queue,
        tuple_(other.created_at, other.id) < tuple_(Job.created_at, Job.id),
    )
    before = (
        select(func.count())
        .where(other.user_id == Job.user_id, or_(other.state == JobState.RUNNING, stands_before))
        .correlate(Job)
        .scalar_subquery()
    )
    return before, Job.created_at, Job.id
