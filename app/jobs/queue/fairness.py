"""Whose job is next: students take turns, however many jobs each has sent, and however long ago.

A job's `turn` is the round in which it is due: fair queueing by start tags, with one job as the unit. It is written once, when the
job is sent, so that a claim reads the first entry of an index, and a place in the queue counts those before it.

- The queue's round is the highest turn that was ever claimed. Who comes anew joins it: nobody collects credit by staying away.
- A student's next job is due one round after the last of her *recent* ones: those that wait, run, or were sent within the last
  hour. So no second job of hers starts before the first of everyone who waits, whether her first waits, runs or is done.
- A job that was cancelled before it ever started took no turn. One that goes back to the queue keeps its own.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import SQLColumnExpression, func, or_, select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.jobs.models import Job, JobState

RECENT = timedelta(hours=1)


def fair_order() -> tuple[SQLColumnExpression[Any], ...]:
    """What queued jobs are ordered by. Served by the index ix_jobs_state_queue_turn."""
    return (Job.turn, Job.created_at, Job.id)


def next_turn(session: Session, user_id: UUID, queue: str) -> int:
    """The turn of a job that `user_id` sends to `queue` now."""
    this_round = session.scalar(select(func.max(Job.turn)).where(Job.queue == queue, Job.attempt > 0))
    own = session.scalar(
        select(func.max(Job.turn)).where(
            Job.user_id == user_id,
            Job.queue == queue,
            or_(Job.attempt > 0, Job.state == JobState.QUEUED),
            or_(Job.created_at > now() - RECENT, Job.state.in_((JobState.QUEUED, JobState.RUNNING))),
        )
    )
    return max(this_round or 0, -1 if own is None else own + 1)
