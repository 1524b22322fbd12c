"""Links by which anybody may look at a training, until its owner revokes them. Nothing here commits."""

from secrets import token_urlsafe
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import User, is_open
from app.core.clock import now
from app.core.db import insert, sent_form
from app.core.errors import NotFound
from app.core.i18n import N_
from app.core.signing import hash_token, signature
from app.jobs.models import Job
from app.jobs.service import get_job
from app.runs.models import JobLink

GONE = N_("This link leads nowhere: it was revoked, or the training is deleted.")


def make_link(session: Session, user: User, job_id: UUID) -> str:
    """The token of a new link, which replaces the training's old one. Raises NotFound for another user's training.

    A resent form gives the token that it gave before.
    """
    job = get_job(session, user, job_id)
    sent = sent_form(session)
    token = signature(f"job-link:{job.id}:{user.id}:{sent}").hex() if sent else token_urlsafe(32)
    values = {"token_hash": hash_token(token), "created_at": now()}
    statement = insert(session, JobLink).values(job_id=job.id, **values)
    session.execute(statement.on_conflict_do_update(index_elements=[JobLink.job_id], set_=values))
    return token


def revoke_link(session: Session, user: User, job_id: UUID) -> None:
    """Idempotent. Raises NotFound for another user's training."""
    job = get_job(session, user, job_id)
    session.execute(
        delete(JobLink).where(JobLink.job_id == job.id).execution_options(synchronize_session=False)
    )


def link_of(session: Session, job: Job) -> JobLink | None:
    return session.get(JobLink, job.id)


def linked_job(session: Session, token: str) -> Job:
    """Raises NotFound for an unknown token, and while the owner's account is suspended."""
    statement = (
        select(Job)
        .join(JobLink, JobLink.job_id == Job.id)
        .join(User, User.id == Job.user_id)
        .where(JobLink.token_hash == hash_token(token), is_open())
        .options(joinedload(Job.user))
    )
    job = session.scalar(statement)
    if job is None:
        raise NotFound(GONE)
    return job
