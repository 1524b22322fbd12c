"""Which job is next, and who owns it: fair order, lease, fencing.

A claim increments the job's `attempt` and sets its lease. Every later write of the runner names its attempt and has no
effect once another attempt, or an end, has replaced it.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from app.core import events
from app.core.config import get_settings
from app.core.database_clock import database_now
from app.core.db import after_commit, changed_rows
from app.jobs.events import JobEnded
from app.jobs.models import Job, JobLogLine, JobState
from app.jobs.queue.fairness import fair_order
from app.jobs.queue.pauses import not_paused
from app.jobs.queue.tickets import send_ticket
from app.jobs.result.reasons import INTERRUPTED_TOO_OFTEN
from worker.channel import AttemptSuperseded

HELD_LOG = "something of the site is away. This does not count against the training."
# Longest delay, in seconds, before a job is retried after infrastructure failures.
LONGEST_HOLD = 60.0


@dataclass(frozen=True)
class Failure:
    """Why a job failed, for its student: a msgid and its values."""

    message: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Claim:
    job_id: UUID
    attempt: int
    recipe: str
    hyperparameters: dict[str, Any]
    queue: str
    threads: int
    recipe_digest: str | None = None
    start: dict[str, Any] | None = None


def claim_next(
    session: Session, queue: str, known: Mapping[str, str] | None = None, worker: str = ""
) -> Claim | None:
    """Take the next job in fair order, in one conditional UPDATE.

    `known` maps the recipes that this worker can train (slug -> digest of the recipe); without it, everything. `worker` is its name,
    by which it may be paused.
    """
    candidate = (
        select(Job.id)
        .where(*claimable(queue, known, worker))
        .order_by(*fair_order())
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    row = session.execute(
        update(Job)
        .where(Job.id == candidate, Job.state == JobState.QUEUED)
        .values(
            state=JobState.RUNNING,
            attempt=Job.attempt + 1,
            lease_expires_at=lease_end(),
            started_at=func.coalesce(Job.started_at, database_now()),
            phase="preparing",
            threads=func.coalesce(Job.threads, get_settings().threads_of_a_job),
            held_by=None,
            held_until=None,
        )
        .returning(
            Job.id,
            Job.attempt,
            Job.recipe,
            Job.hyperparameters,
            Job.queue,
            Job.threads,
            Job.recipe_digest,
            Job.start,
        )
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return Claim(*row) if row else None


def claimable(
    queue: str, known: Mapping[str, str] | None = None, worker: str = ""
) -> tuple[ColumnElement[bool], ...]:
    """The conditions for a queued job to be taken by a worker that knows these recipes."""
    conditions: list[ColumnElement[bool]] = [
        Job.state == JobState.QUEUED,
        Job.queue == queue,
        or_(Job.held_until.is_(None), Job.held_until <= database_now()),
        not_paused(queue, worker),
    ]
    if known is not None:
        # Jobs submitted before digests were stored are matched by recipe name.
        by_name = and_(Job.recipe_digest.is_(None), Job.recipe.in_(known))
        conditions.append(or_(Job.recipe_digest.in_(known.values()), by_name))
    return tuple(conditions)


def lease_end() -> Any:
    return database_now(get_settings().job_lease_seconds)


def write_as(session: Session, job_id: UUID, attempt: int, **values: Any) -> None:
    """Change the job as its current attempt. Raises AttemptSuperseded if it no longer is."""
    changed = changed_rows(
        session,
        update(Job)
        .where(Job.id == job_id, Job.attempt == attempt, Job.state == JobState.RUNNING)
        .values(**values)
        .execution_options(synchronize_session=False),
    )
    if changed != 1:
        raise AttemptSuperseded(f"attempt {attempt} no longer owns job {job_id}")


def renew_lease(session: Session, job_id: UUID, attempt: int) -> bool:
    """Extend the job's lease; True if its student asked to cancel it. Raises AttemptSuperseded."""
    write_as(session, job_id, attempt, lease_expires_at=lease_end())
    return session.scalar(select(Job.cancel_requested_at).where(Job.id == job_id)) is not None


def give_back(session: Session, job_id: UUID, attempt: int, held_by: str | None = None) -> None:
    """Return a running job to the queue: its worker is shutting down, or the infrastructure failed. It does not count as a failed
    attempt.

    The first time another worker may take it at once; after that it is delayed, longer each time.
    """
    values: dict[str, Any] = {}
    if held_by:
        before = session.scalar(select(Job.give_backs).where(Job.id == job_id)) or 0
        pause = min(2.0**before, LONGEST_HOLD) if before else 0.0
        values = {"held_by": held_by, "held_until": database_now(pause), "give_backs": before + 1}
        session.add(JobLogLine(job_id=job_id, attempt=attempt, line=f"Back to the queue: {HELD_LOG}"))
    write_as(session, job_id, attempt, state=JobState.QUEUED, lease_expires_at=None, phase=None, **values)
    _send_ticket_after_commit(session, job_id)


def _send_ticket_after_commit(session: Session, job_id: UUID) -> None:
    queue = session.scalars(select(Job.queue).where(Job.id == job_id)).one()
    after_commit(session, lambda: send_ticket(queue))


def finish(
    session: Session,
    job_id: UUID,
    attempt: int,
    state: JobState,
    failure: Failure | None = None,
    **values: Any,
) -> None:
    """Finish the job. Raises AttemptSuperseded."""
    write_as(
        session,
        job_id,
        attempt,
        state=state,
        failure=asdict(failure) if failure else None,
        finished_at=database_now(),
        held_by=None,
        lease_expires_at=None,
        phase=None,
        **values,
    )
    events.send(session, JobEnded(job=session.get_one(Job, job_id, populate_existing=True)))


def interrupt(session: Session, job_id: UUID, attempt: int, reason: str) -> JobState:
    """The attempt died. Requeue the job; fail it after too many deaths; cancel it if that was requested."""
    job = session.execute(
        select(Job.interruptions, Job.cancel_requested_at).where(Job.id == job_id, Job.attempt == attempt)
    ).one_or_none()
    if job is None:
        raise AttemptSuperseded(f"attempt {attempt} no longer owns job {job_id}")
    interruptions = job.interruptions + 1
    session.add(
        JobLogLine(
            job_id=job_id, attempt=attempt, line=f"Interrupted ({reason}); interruption {interruptions}"
        )
    )
    if job.cancel_requested_at:
        finish(session, job_id, attempt, JobState.CANCELLED, interruptions=interruptions)
        return JobState.CANCELLED
    if interruptions >= get_settings().job_interruptions:
        failure = Failure(INTERRUPTED_TOO_OFTEN, {"count": interruptions})
        finish(session, job_id, attempt, JobState.FAILED, failure, interruptions=interruptions)
        return JobState.FAILED
    write_as(
        session,
        job_id,
        attempt,
        state=JobState.QUEUED,
        lease_expires_at=None,
        phase=None,
        interruptions=interruptions,
    )
    _send_ticket_after_commit(session, job_id)
    return JobState.QUEUED


def expired(session: Session) -> list[tuple[UUID, int, str]]:
    """(job, attempt, queue) of every running job whose lease has expired."""
    rows = session.execute(
        select(Job.id, Job.attempt, Job.queue).where(
            Job.state == JobState.RUNNING, Job.lease_expires_at < database_now()
        )
    )
    return list(rows)


def has_queued(
    session: Session, queue: str, known: Mapping[str, str] | None = None, worker: str = ""
) -> bool:
    return session.scalar(select(Job.id).where(*claimable(queue, known, worker)).limit(1)) is not None


def count_queued(session: Session, queue: str, known: Collection[str], limit: int) -> int:
    """Number of queued jobs that some worker could take now, at most `limit`; `known` are the digests that workers have."""
    recipe = or_(Job.recipe_digest.is_(None), Job.recipe_digest.in_(known))
    found = select(Job.id).where(*claimable(queue), recipe).limit(limit).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0
