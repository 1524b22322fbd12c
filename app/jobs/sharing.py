"""A job is its owner's alone until the owner shares it: then the whole class may look at it."""

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
    """Harmless when repeated. Comments stay when sharing ends, and are there again when it begins again.

    Raises NotFound for a job that is somebody else's.
    """
    own = update(Job).where(Job.id == job_id, Job.user_id == user.id)
    moment = now() if on else None
    own = own.values(shared_at=moment).execution_options(synchronize_session=False)
    if not changed_rows(session, own):
        raise NotFound(N_("There is no such training job, or it is not yours."))
