"""What students do with jobs. Nothing here commits."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from redis.exceptions import RedisError
from sqlalchemy import update
from sqlalchemy.orm import Session
from structlog import get_logger

from app.accounts import service as accounts
from app.accounts.models import User
from app.accounts.sent_forms import is_first, made_before
from app.core import events
from app.core.clock import now
from app.core.config import get_settings
from app.core.db import after_commit, changed_rows
from app.core.errors import Conflict, Invalid, NotFound, SignInNeeded
from app.core.i18n import N_
from app.core.i18n import gettext as _
from app.core.redis import get_redis
from app.jobs import queries
from app.jobs.events import JobEnded, JobSubmitted
from app.jobs.models import Job, JobState
from app.jobs.queue.fairness import next_turn
from app.jobs.queue.tickets import send_ticket
from app.jobs.stream import add_event
from app.labs.service import checked_guess, checked_values
from app.recipes.recipe import Recipe, recipe_digest

log = get_logger()


def submit_job(
    session: Session,
    user: User,
    recipe: Recipe,
    values: Mapping[str, Any],
    guess: str = "",
    *,
    lesson_id: UUID | None = None,
    lab: Mapping[str, Any] | None = None,
    cloned_from: Job | None = None,
    continued_from: Job | None = None,
    start: Mapping[str, Any] | None = None,
) -> Job:
    """Validate settings, guess and quota, store a queued job, and wake a worker after the commit. Raises Invalid.

    A resent form returns the job that it created.
    """
    checked, meant = checked_values(recipe, values, lab), checked_guess(guess, lab)
    digest = recipe_digest(recipe.slug)
    if earlier := made_before(session, user, Job):
        return earlier
    # A first check without a lock refuses at once; the second, under the lock, is binding.
    check_quota(session, user)
    accounts.lock(session, user)
    if earlier := made_before(session, user, Job):
        return earlier
    check_quota(session, user)
    job = Job(
        id=uuid4(),
        user_id=user.id,
        recipe=recipe.slug,
        hyperparameters=checked,
        recipe_digest=digest,
        queue=recipe.queue,
        turn=next_turn(session, user.id, recipe.queue),
        lesson_id=lesson_id,
        lab_key=lab["key"] if lab else None,
        lab=dict(lab) if lab else None,
        guess=meant,
        cloned_from_id=cloned_from.id if cloned_from else None,
        continued_from_id=continued_from.id if continued_from else None,
        start=dict(start) if start else None,
    )
    is_first(session, user, job.id)
    session.add(job)
    session.flush()
    events.send(session, JobSubmitted(job=job))
    after_commit(session, lambda: send_ticket(job.queue))
    return job


def check_quota(session: Session, user: User) -> None:
    """A sweep counts as one. Raises Invalid."""
    quota = get_settings().job_quota_active
    if queries.count_active(session, user.id) >= quota:
        raise Invalid(
            {
                "": _(
                    "You have {count} training jobs waiting or running. Let one finish, or cancel one, first."
                ).format(count=quota)
            }
        )


def get_job(session: Session, user: User, job_id: UUID, *, with_epochs: bool = False) -> Job:
    """Raises NotFound for a job that does not exist or is another user's."""
    job = queries.job_of(session, user.id, job_id, with_epochs=with_epochs)
    if job is None:
        raise NotFound(N_("There is no such training job, or it is not yours."))
    return job


def get_readable_job(session: Session, user: User, job_id: UUID) -> Job:
    """One's own job or a shared one, for viewing. Raises NotFound."""
    job = queries.readable_job(session, user, job_id)
    if job is None:
        raise NotFound(N_("There is no such training job, or it is not yours."))
    return job


def get_watched_job(session: Session, user: User | None, guest_key: str | None, job_id: UUID) -> Job:
    """A job that a user may look at, or the one that a visitor tries. Raises NotFound; SignInNeeded for any other visitor."""
    if user is not None:
        return get_readable_job(session, user, job_id)
    job = queries.guests_job(session, guest_key, job_id) if guest_key else None
    if job is None:
        raise SignInNeeded
    return job


def request_cancellation(session: Session, user: User, job_id: UUID) -> Job:
    """Cancel a queued job at once; ask the worker to stop a running one. Raises Conflict if it has ended."""
    return cancel(session, get_job(session, user, job_id))


def cancel(session: Session, job: Job) -> Job:
    """The same, for whoever may cancel it."""
    if _change_state(
        session,
        job.id,
        JobState.QUEUED,
        {"state": JobState.CANCELLED, "finished_at": now(), "cancel_requested_at": now()},
    ):
        session.refresh(job)
        events.send(session, JobEnded(job=job))
        after_commit(session, lambda: announce_state(job.id, JobState.CANCELLED))
    elif not _change_state(session, job.id, JobState.RUNNING, {"cancel_requested_at": now()}):
        raise Conflict(N_("This training has already ended."))
    return job


def _change_state(session: Session, job_id: UUID, state: JobState, values: dict[str, Any]) -> bool:
    """Change a job only while it is in `state`; a worker may change it at the same time."""
    changed = changed_rows(
        session,
        update(Job)
        .where(Job.id == job_id, Job.state == state)
        .values(**values)
        .execution_options(synchronize_session=False),
    )
    return changed == 1


def announce_state(job_id: UUID, state: str) -> None:
    """Notify pages that watch a job. If Redis is unreachable they find out when they next load."""
    try:
        add_event(get_redis(), job_id, "state", {"state": state})
    except RedisError as error:
        log.warning("state not announced", job=str(job_id), error=str(error))
