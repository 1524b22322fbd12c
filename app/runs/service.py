"""What one does with one's own trainings. Nothing here commits."""

from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board.orphans import leave_behind
from app.core import events, storage
from app.core.clock import now
from app.core.db import after_commit, changed_rows
from app.core.errors import Conflict, NotFound
from app.core.i18n import N_
from app.jobs.events import JobDeleted
from app.jobs.models import ENDED, Job
from app.jobs.service import get_job

NOT_YOURS = N_("There is no such training job, or it is not yours.")


def describe(session: Session, user: User, job_id: UUID, note: str, tags: str) -> None:
    """Raises NotFound."""
    _change(session, user, job_id, note=note, tags=f",{tags}," if tags else "")


def put_away(session: Session, user: User, job_id: UUID, *, on: bool) -> None:
    """Out of the list, and back. Idempotent. Raises NotFound."""
    _change(session, user, job_id, archived_at=now() if on else None)


def _change(session: Session, user: User, job_id: UUID, **values: object) -> None:
    own = update(Job).where(Job.id == job_id, Job.user_id == user.id).values(**values)
    if not changed_rows(session, own.execution_options(synchronize_session=False)):
        raise NotFound(NOT_YOURS)


def delete_run(session: Session, user: User, job_id: UUID) -> None:
    """With its files, log and curves; what others said about it stays. Raises NotFound, and Conflict before it has ended."""
    job = get_job(session, user, job_id)
    if not job.is_final:
        raise Conflict(N_("This training has not ended yet. Cancel it first."))
    events.send(session, JobDeleted(job=job))
    leave_behind(session, [f"job:{job_id}"])
    session.execute(
        delete(Job)
        .where(Job.id == job_id, Job.user_id == user.id, Job.state.in_(ENDED))
        .execution_options(synchronize_session=False)
    )
    after_commit(session, lambda: storage.delete_below(f"jobs/{job_id}/"))
