"""What a visitor has trained goes with them into their account; a sweep ends, and goes, with the last of its trainings."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.events import GuestSignedIn
from app.core.events import on
from app.jobs.events import JobDeleted, JobEnded
from app.jobs.guests import adopt
from app.jobs.models import Job
from app.jobs.sweeps.service import forget_empty_sweep, note_ended_job


@on(GuestSignedIn)
def _guest_signed_in(session: Session, *, user_id: UUID, guest_key: str) -> None:
    adopt(session, user_id, guest_key)


@on(JobEnded)
def _job_ended(session: Session, *, job: Job) -> None:
    note_ended_job(session, job)


@on(JobDeleted)
def _job_deleted(session: Session, *, job: Job) -> None:
    forget_empty_sweep(session, job)
