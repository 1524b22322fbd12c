"""A job is its owner's alone until the owner shares it: then the whole class may look at it and talk about it."""

from uuid import UUID

from markupsafe import Markup
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.names import public_name
from app.board.pages import SharedJob
from app.clock import now
from app.errors import NotFound
from app.i18n import N_
from app.jobs.models import Job


def share(session: Session, user: User, job_id: UUID, *, on: bool) -> None:
    """Harmless when repeated. Comments stay when sharing ends, and are there again when it begins again.

    Raises NotFound for a job that is somebody else's.
    """
    own = update(Job).where(Job.id == job_id, Job.user_id == user.id)
    moment = now() if on else None
    changed = session.execute(own.values(shared_at=moment).execution_options(synchronize_session=False))
    if not changed.rowcount:
        raise NotFound(N_("There is no such training, or it is not yours."))


def shared_job(session: Session, user: User, job: Job, discussion: Markup) -> SharedJob:
    is_own = job.user_id == user.id
    owner = user if is_own else session.get(User, job.user_id)
    return SharedJob(job.id, job.shared_at is not None, is_own, public_name(owner), discussion)
