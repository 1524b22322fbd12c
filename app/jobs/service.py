"""What a student does with jobs. Nothing here commits."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from redis.exceptions import RedisError
from sqlalchemy import update
from sqlalchemy.orm import Session
from structlog import get_logger

from app import signals
from app.accounts import service as accounts
from app.accounts.models import User
from app.clock import now
from app.config import get_settings
from app.db import after_commit
from app.errors import Conflict, Invalid, NotFound
from app.i18n import N_
from app.i18n import gettext as _
from app.jobs import queries
from app.jobs.fairness import next_turn
from app.jobs.models import Job, JobState
from app.jobs.recipes import Recipe, Value, recipe_digest
from app.jobs.stream import add_event
from app.jobs.tickets import send_ticket
from app.redis import get_redis
from app.typed import numbers_meant

log = get_logger()


def submit_job(
    session: Session,
    user: User,
    recipe: Recipe,
    fields: Mapping[str, str],
    *,
    lesson_id: UUID | None = None,
    lab: Mapping[str, Any] | None = None,
    cloned_from: Job | None = None,
) -> Job:
    """Check the form and the quota, store a queued job, and wake a worker once it is committed. Raises Invalid."""
    values = checked_values(recipe, fields, lab)
    guess = checked_guess(fields, lab)
    digest = recipe_digest(recipe.slug)
    # Whoever has no room waits for nobody; whoever has some counts again, alone.
    _check_quota(session, user)
    accounts.lock(session, user)
    _check_quota(session, user)
    job = Job(
        user_id=user.id,
        recipe=recipe.slug,
        hyperparameters=values,
        recipe_digest=digest,
        queue=recipe.queue,
        turn=next_turn(session, user.id, recipe.queue),
        lesson_id=lesson_id,
        lab_key=lab["key"] if lab else None,
        lab=dict(lab) if lab else None,
        guess=guess,
        cloned_from_id=cloned_from.id if cloned_from else None,
    )
    session.add(job)
    session.flush()
    signals.job_submitted.send(session, job=job)
    after_commit(session, lambda: send_ticket(job.queue))
    return job


def _check_quota(session: Session, user: User) -> None:
    quota = get_settings().job_quota_active
    if queries.count_active(session, user.id) >= quota:
        raise Invalid(
            {
                "": _(
                    "You have {count} trainings waiting or running. Let one end, or cancel one, first."
                ).format(count=quota)
            }
        )


def checked_values(
    recipe: Recipe, fields: Mapping[str, str], lab: Mapping[str, Any] | None
) -> dict[str, Value]:
    """The settings a form asks for; what a lab fixes or hides cannot be changed by the form. Raises Invalid."""
    locked = locked_values(recipe, lab)
    texts = {name: recipe.hyperparameter(name).as_text(value) for name, value in locked.items()}
    return recipe.parse_form({**fields, **texts})


def locked_values(recipe: Recipe, lab: Mapping[str, Any] | None) -> dict[str, Value]:
    """What a lab does not let one change: `fixed` values, and the starting value of `hidden` ones."""
    if not lab:
        return {}
    start = starting_values(recipe, lab)
    return {name: start[name] for name in (*lab["fixed"], *lab["hidden"])}


def starting_values(recipe: Recipe, lab: Mapping[str, Any] | None) -> dict[str, Value]:
    """The recipe's defaults, changed by the lab's."""
    return {**recipe.defaults, **((lab or {}).get("defaults") or {}), **((lab or {}).get("fixed") or {})}


def checked_guess(fields: Mapping[str, str], lab: Mapping[str, Any] | None) -> str | None:
    """What the student expects. Raises Invalid where a lab asks and nothing fitting came."""
    question = (lab or {}).get("guess")
    if not question:
        return None
    text = fields.get("guess", "").strip()
    if not text:
        raise Invalid({"guess": _("Please make a guess first. A wrong one teaches more than none.")})
    if question["kind"] == "choice":
        if text not in {option["value"] for option in question["options"]}:
            raise Invalid({"guess": _("Please choose one of the offered values.")})
        return text
    meant = numbers_meant(text)
    if not meant:
        raise Invalid({"guess": _("Please enter a number.")})
    # Of a percentage the share: 93% is 0.93.
    number = meant[-1]
    if is_share(question["metric"]) and not 0 <= number <= 1:
        raise Invalid({"guess": _("Please enter a number from 0 to 1, or a percentage such as 93%.")})
    return f"{number:g}"


def is_share(metric: str) -> bool:
    """Whether a metric lies between 0 and 1."""
    return metric.endswith("accuracy")


def get_job(session: Session, user: User, job_id: UUID, *, with_epochs: bool = False) -> Job:
    """Raises NotFound for a job that does not exist or is somebody else's."""
    job = queries.job_of(session, user.id, job_id, with_epochs=with_epochs)
    if job is None:
        raise NotFound(N_("There is no such training, or it is not yours."))
    return job


def get_readable_job(session: Session, user: User, job_id: UUID) -> Job:
    """One's own job or a shared one, to be looked at. Raises NotFound."""
    job = queries.readable_job(session, user.id, job_id)
    if job is None:
        raise NotFound(N_("There is no such training, or it is not yours."))
    return job


def request_cancellation(session: Session, user: User, job_id: UUID) -> Job:
    """Cancel a queued job at once; ask the worker to stop a running one. Raises Conflict if it has ended."""
    job = get_job(session, user, job_id)
    if _change_state(
        session,
        job.id,
        JobState.QUEUED,
        {"state": JobState.CANCELLED, "finished_at": now(), "cancel_requested_at": now()},
    ):
        session.refresh(job)
        signals.job_ended.send(session, job=job)
        after_commit(session, lambda: announce_state(job.id, JobState.CANCELLED))
    elif not _change_state(session, job.id, JobState.RUNNING, {"cancel_requested_at": now()}):
        raise Conflict(N_("This training has ended already."))
    return job


def _change_state(session: Session, job_id: UUID, state: JobState, values: dict[str, Any]) -> bool:
    """Change a job only while it is in `state`; a worker may change it at the same time."""
    result = session.execute(
        update(Job)
        .where(Job.id == job_id, Job.state == state)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return result.rowcount == 1


def announce_state(job_id: UUID, state: str) -> None:
    """Tell the pages that watch a job. They find out on their next look where Redis is away."""
    try:
        add_event(get_redis(), job_id, "state", {"state": state})
    except RedisError as error:
        log.warning("state not announced", job=str(job_id), error=str(error))
