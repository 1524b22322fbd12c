"""Which job next, and who owns it: fair order, lease, fencing.

A claim raises the job's `attempt` and sets its lease. Every later write of the runner names its attempt and changes
nothing once another attempt, or an end, has taken its place.
"""

from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app import listeners, signals  # noqa: F401 - who listens to a job's end
from app.clock import now
from app.config import get_settings
from app.i18n import N_
from app.jobs.fairness import fair_order
from app.jobs.models import Job, JobLogLine, JobState
from worker.channel import AttemptSuperseded

INTERRUPTED_TOO_OFTEN = N_(
    "The training was interrupted {count} times, so we stopped trying. Please start it again, smaller if it is large."
)


@dataclass(frozen=True)
class Failure:
    """Why a job failed, in words for its student: a msgid and its values."""

    message: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Claim:
    job_id: UUID
    attempt: int
    recipe: str
    hyperparameters: dict[str, Any]
    queue: str


def claim_next(session: Session, queue: str) -> Claim | None:
    """Take the next job in fair order, in one conditional UPDATE."""
    candidate = (
        select(Job.id)
        .where(Job.state == JobState.QUEUED, Job.queue == queue)
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
            started_at=func.coalesce(Job.started_at, now()),
            phase="preparing",
        )
        .returning(Job.id, Job.attempt, Job.recipe, Job.hyperparameters, Job.queue)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return Claim(*row) if row else None


def lease_end() -> Any:
    return now() + timedelta(seconds=get_settings().job_lease_seconds)


def write_as(session: Session, job_id: UUID, attempt: int, **values: Any) -> None:
    """Change the job as its current attempt. Raises AttemptSuperseded if it no longer is."""
    result = session.execute(
        update(Job)
        .where(Job.id == job_id, Job.attempt == attempt, Job.state == JobState.RUNNING)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if result.rowcount != 1:
        raise AttemptSuperseded(f"attempt {attempt} no longer owns job {job_id}")


def renew_lease(session: Session, job_id: UUID, attempt: int) -> bool:
    """Keep the job for another lease; True if its student asked to cancel it. Raises AttemptSuperseded."""
    write_as(session, job_id, attempt, lease_expires_at=lease_end())
    return session.scalar(select(Job.cancel_requested_at).where(Job.id == job_id)) is not None


def give_back(session: Session, job_id: UUID, attempt: int) -> None:
    """Return a running job to the queue because its worker shuts down; no fault of the job's."""
    write_as(session, job_id, attempt, state=JobState.QUEUED, lease_expires_at=None, phase=None)


def finish(
    session: Session,
    job_id: UUID,
    attempt: int,
    state: JobState,
    failure: Failure | None = None,
    **values: Any,
) -> None:
    """End the job. Raises AttemptSuperseded."""
    write_as(
        session,
        job_id,
        attempt,
        state=state,
        failure=asdict(failure) if failure else None,
        finished_at=now(),
        lease_expires_at=None,
        phase=None,
        **values,
    )
    signals.job_ended.send(session, job=session.get_one(Job, job_id, populate_existing=True))


def interrupt(session: Session, job_id: UUID, attempt: int, reason: str) -> JobState:
    """The attempt died. Queue the job again; fail it after too many deaths; end it if it was to be cancelled."""
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
    return JobState.QUEUED


def expired(session: Session) -> list[tuple[UUID, int, str]]:
    """(job, attempt, queue) of every running job whose lease has run out."""
    rows = session.execute(
        select(Job.id, Job.attempt, Job.queue).where(
            Job.state == JobState.RUNNING, Job.lease_expires_at < now()
        )
    )
    return list(rows.tuples())


def has_queued(session: Session, queue: str) -> bool:
    return (
        session.scalar(select(Job.id).where(Job.state == JobState.QUEUED, Job.queue == queue).limit(1))
        is not None
    )
