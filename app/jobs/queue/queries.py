"""Reading the queue: who waits, who runs, how long trainings took."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.jobs.models import Job, JobEpoch, JobState
from app.jobs.queue.fairness import fair_order
from app.labs.forecast import MeasuredRun


class QueuedJob(NamedTuple):
    """The minimum needed to predict when other jobs start; there may be ten thousand of them."""

    id: UUID
    recipe: str
    epochs: float | None
    started_at: datetime | None


_BRIEFLY = (Job.id, Job.recipe, Job.hyperparameters["epochs"].as_float(), Job.started_at)


def queued_jobs(session: Session, queue: str) -> Sequence[QueuedJob]:
    """All queued jobs, in the order in which they will start."""
    waiting = select(*_BRIEFLY).where(Job.state == JobState.QUEUED, Job.queue == queue)
    return [QueuedJob(*row) for row in session.execute(waiting.order_by(*fair_order()))]


def running_jobs(session: Session, queue: str) -> Sequence[QueuedJob]:
    running = select(*_BRIEFLY).where(Job.state == JobState.RUNNING, Job.queue == queue)
    return [QueuedJob(*row) for row in session.execute(running)]


def recent_seconds(session: Session, recipe: str, limit: int = 20) -> Sequence[tuple[dict[str, Any], float]]:
    """(hyperparameters, seconds of training) of a recipe's latest succeeded jobs."""
    rows = session.execute(
        select(Job.hyperparameters, Job.started_at, Job.finished_at)
        .where(Job.recipe == recipe, Job.state == JobState.SUCCEEDED, Job.attempt == 1)
        .order_by(Job.finished_at.desc())
        .limit(limit)
    )
    return [(values, (finished - started).total_seconds()) for values, started, finished in rows]


def measured_runs(session: Session, recipe: str, limit: int = 40) -> Sequence[MeasuredRun]:
    """A recipe's latest succeeded jobs, newest first. An interrupted one says nothing about its duration."""
    latest = (
        select(Job.id)
        .where(Job.recipe == recipe, Job.state == JobState.SUCCEEDED, Job.attempt == 1)
        .order_by(Job.finished_at.desc())
        .limit(limit)
        .subquery()
    )
    epochs = (
        select(JobEpoch.job_id, func.count().label("count"), func.sum(JobEpoch.seconds).label("seconds"))
        .where(JobEpoch.job_id.in_(select(latest.c.id)))
        .group_by(JobEpoch.job_id)
        .subquery()
    )
    parameters = Job.report["parameters"].as_integer()
    rows = session.execute(
        select(
            Job.hyperparameters, epochs.c.count, epochs.c.seconds, Job.started_at, Job.finished_at, parameters
        )
        .join(epochs, epochs.c.job_id == Job.id)
        .order_by(Job.finished_at.desc())
    )
    return [
        MeasuredRun(settings, count, seconds, (finished - started).total_seconds(), size)
        for settings, count, seconds, started, finished, size in rows
    ]
