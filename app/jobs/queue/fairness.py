"""Fair queueing: students take turns, however many jobs each has submitted, and however long ago.

A job's `turn` is the round in which it is due: fair queueing by start tags, with one job as the unit. It is written once, on
submission, so that a claim reads the first entry of an index, and a queue position counts the entries before it.

- The queue's round is the highest turn ever claimed. A newcomer joins it: nobody collects credit by staying away.
- A student's next job is due one round after the last of her *recent* ones: those waiting, running, or submitted within the last
hour. So no second job of hers starts before the first job of everyone waiting, whether her first waits, runs or is done.
- A visitor's trial is due after all rounds: whenever a member's job waits, it is next.
- A job cancelled before it ever started used no turn. One that goes back to the queue keeps its own.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import SQLColumnExpression, func, or_, select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.jobs.models import ACTIVE, Job, JobState

RECENT = timedelta(hours=1)
# Of visitors' trials: behind every round that there will ever be.
GUESTS_TURN = 2**30


def fair_order() -> tuple[SQLColumnExpression[Any], ...]:
    """The order of queued jobs. Served by the index ix_jobs_state_queue_turn."""
    return (Job.turn, Job.created_at, Job.id)


def next_turn(session: Session, user_id: UUID, queue: str) -> int:
    """The turn of a job that `user_id` submits to `queue` now."""
    started = select(func.max(Job.turn)).where(Job.queue == queue, Job.attempt > 0, Job.turn < GUESTS_TURN)
    this_round = session.scalar(started)
    own = session.scalar(
        select(func.max(Job.turn)).where(
            Job.user_id == user_id,
            Job.queue == queue,
            or_(Job.attempt > 0, Job.state == JobState.QUEUED),
            or_(Job.created_at > now() - RECENT, Job.state.in_(ACTIVE)),
        )
    )
    return max(this_round or 0, -1 if own is None else own + 1)
