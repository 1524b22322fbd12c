"""A job is private until its owner shares it: then the whole class may view it."""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.clock import now
from app.core.db import changed_rows
from app.core.errors import NotFound
from app.core.i18n import N_
from app.jobs.models import Job


def share(session: Session, user: User, job_id: UUID, *, on: bool) -> None:
    """Idempotent. Comments stay when sharing ends, and reappear when it starts again.

    Raises NotFound for another user's job.
    """
    own = update(Job).where(Job.id == job_id, Job.user_id == user.id)
    moment = now() if on else None
    own = own.values(shared_at=moment).execution_options(synchronize_session=False)
    if not changed_rows(session, own):
        raise NotFound(N_("There is no such training job, or it is not yours."))
