"""A job is its owner's alone until the owner shares it: then the whole class may look at it and talk about it."""

from markupsafe import Markup
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.names import public_name
from app.board.pages import SharedJob
from app.jobs.models import Job


def shared_job(session: Session, user: User, job: Job, discussion: Markup) -> SharedJob:
    is_own = job.user_id == user.id
    owner = user if is_own else session.get(User, job.user_id)
    return SharedJob(job.id, job.shared_at is not None, is_own, public_name(owner), discussion)
