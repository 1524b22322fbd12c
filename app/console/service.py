"""What an admin does with the queue, its workers and old files. Nothing here commits; every act is journalled."""

from datetime import UTC, date, datetime, time
from functools import partial
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.console import queries
from app.core import storage
from app.core.clock import now
from app.core.db import after_commit, changed_rows
from app.core.errors import Conflict, NotFound
from app.core.i18n import N_
from app.jobs.models import Job, JobArtefact, JobLogLine, JobState
from app.jobs.queue import pauses
from app.jobs.queue.tickets import QUEUES, send_ticket
from app.jobs.service import announce_state
from app.journal import journal

# Files of one clean-up: so many are deleted while its answer waits.
AT_ONCE = 500


def pause(session: Session, admin: User, target: str) -> None:
    if pauses.pause(session, target):
        journal.record(session, admin, "pause", target)


def resume(session: Session, admin: User, target: str) -> None:
    if pauses.resume(session, target):
        journal.record(session, admin, "resumption", target)
        for queue in QUEUES:
            if target == pauses.queue_target(queue):
                after_commit(session, partial(send_ticket, queue))


def requeue(session: Session, admin: User, job_id: UUID) -> Job:
    """Give a running training, or one that failed, back to the queue. It resumes from its last checkpoint, if there is one.

    Whoever trains it now owns it no more (see worker.claim) and ends by itself. Raises Conflict for any other training.
    """
    job = session.get(Job, job_id)
    if job is None:
        raise NotFound(N_("There is no such training job."))
    values: dict[str, object] = {
        "state": JobState.QUEUED,
        "lease_expires_at": None,
        "phase": None,
        "held_by": None,
        "held_until": None,
    }
    if job.state == JobState.FAILED:
        values |= {
            "failure": None,
            "finished_at": None,
            "started_at": None,
            "interruptions": 0,
            "give_backs": 0,
        }
    same = (Job.id == job_id, Job.attempt == job.attempt, Job.state.in_((JobState.RUNNING, JobState.FAILED)))
    statement = update(Job).where(*same, Job.state == job.state, Job.cancel_requested_at.is_(None))
    if not changed_rows(session, statement.values(**values).execution_options(synchronize_session=False)):
        raise Conflict(N_("Only a training that runs, or that has failed, can go back to the queue."))
    session.add(
        JobLogLine(job_id=job_id, attempt=job.attempt, line="Back to the queue: an admin asked for it.")
    )
    owner = session.get(User, job.user_id) if job.user_id else None
    journal.record(session, admin, "requeuing", owner or "a visitor", job=str(job_id), recipe=job.recipe)
    queue = job.queue
    after_commit(session, lambda: send_ticket(queue))
    after_commit(session, lambda: announce_state(job_id, JobState.QUEUED))
    return job


def start_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def clean_up(session: Session, admin: User, before: date) -> tuple[int, int]:
    """Delete the oldest files of trainings that ended before that day. Returns how many, and their bytes.

    Raises Conflict for a day to come.
    """
    if before > now().date():
        raise Conflict(N_("Please choose a day that has passed."))
    found = queries.old_files(session, start_of(before), AT_ONCE)
    keys, size = [file.key for file in found], sum(file.size for file in found)
    mine = (JobArtefact.job_id.in_({file.job_id for file in found}), JobArtefact.key.in_(keys))
    gone = delete(JobArtefact).where(*mine).execution_options(synchronize_session=False)
    if not found or not changed_rows(session, gone):  # another admin was faster
        return 0, 0
    journal.record(session, admin, "cleaning", before.isoformat(), files=len(keys), bytes=size)
    after_commit(session, lambda: storage.delete(*keys))
    return len(keys), size
