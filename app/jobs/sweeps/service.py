"""What students do with sweeps. Nothing here commits."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, exists, update
from sqlalchemy.orm import Session

from app.accounts import service as accounts
from app.accounts.models import User
from app.accounts.sent_forms import is_first, made_before
from app.core import events
from app.core.clock import now
from app.core.db import after_commit
from app.core.errors import Conflict, Invalid, NotFound
from app.core.i18n import N_
from app.core.i18n import gettext as _
from app.jobs.events import JobEnded, JobSubmitted, SweepEnded
from app.jobs.models import Job, JobState, Sweep
from app.jobs.queue.fairness import next_turn
from app.jobs.queue.tickets import send_ticket
from app.jobs.service import announce_state, check_quota
from app.jobs.sweeps import queries
from app.jobs.sweeps.axes import Axis, TypedAxis, checked_axes, combinations
from app.jobs.sweeps.results import measure_of
from app.labs.service import checked_guess, checked_values
from app.recipes.recipe import Recipe, all_recipes, recipe_digest


def submit_sweep(
    session: Session,
    user: User,
    recipe: Recipe,
    values: Mapping[str, Any],
    typed: tuple[TypedAxis, TypedAxis],
    guess: str = "",
    *,
    lesson_id: UUID | None = None,
    lab: Mapping[str, Any] | None = None,
) -> Sweep:
    """A job for each combination of the values, the other settings being the same. Raises Invalid.

    Each job has a turn of its own in the queue, as if they had been submitted one after the other. A resent form returns the sweep
    that it created.
    """
    axes = checked_axes(recipe, typed, lab)
    first = {axis.setting: axis.values[0] for axis in axes}
    checked, meant = checked_values(recipe, {**values, **first}, lab), checked_guess(guess, lab)
    digest = recipe_digest(recipe.slug)
    if earlier := made_before(session, user, Sweep):
        return earlier
    # As for a single job: the second check, under the lock, is binding.
    _check_limits(session, user)
    accounts.lock(session, user)
    if earlier := made_before(session, user, Sweep):
        return earlier
    _check_limits(session, user)
    sweep = Sweep(id=uuid4(), user_id=user.id, recipe=recipe.slug, axes=_stored(axes))
    is_first(session, user, sweep.id)
    session.add(sweep)
    session.flush()
    common = {
        "recipe_digest": digest,
        "queue": recipe.queue,
        "guess": meant,
        "lesson_id": lesson_id,
        "lab_key": lab["key"] if lab else None,
        "lab": dict(lab) if lab else None,
    }
    _queue(session, sweep, [{**checked, **changed} for changed in combinations(axes)], common)
    return sweep


def _queue(
    session: Session, sweep: Sweep, settings: Sequence[Mapping[str, Any]], common: Mapping[str, Any]
) -> None:
    turn = next_turn(session, sweep.user_id, common["queue"])
    jobs = [
        Job(
            id=uuid4(),
            user_id=sweep.user_id,
            recipe=sweep.recipe,
            sweep_id=sweep.id,
            hyperparameters=dict(each),
            turn=turn + number,
            **common,
        )
        for number, each in enumerate(settings)
    ]
    session.add_all(jobs)
    session.flush()
    events.send(session, JobSubmitted(job=jobs[0]))
    for job in jobs:
        after_commit(session, partial(send_ticket, job.queue))


def _stored(axes: list[Axis]) -> list[dict[str, Any]]:
    return [{"setting": axis.setting, "values": list(axis.values)} for axis in axes]


def _check_limits(session: Session, user: User) -> None:
    check_quota(session, user)
    if queries.has_active_sweep(session, user.id):
        raise Invalid(
            {"": _("A sweep of yours is still waiting or training. Let it finish, or cancel it, first.")}
        )


def get_sweep(session: Session, user: User, sweep_id: UUID) -> Sweep:
    """Raises NotFound for a sweep that does not exist or is another user's."""
    sweep = queries.sweep_of(session, user.id, sweep_id)
    if sweep is None:
        raise NotFound(N_("There is no such sweep, or it is not yours."))
    return sweep


def cancel_sweep(session: Session, user: User, sweep_id: UUID) -> Sweep:
    """Cancel what waits at once, and ask the workers to stop what runs. Raises NotFound, and Conflict if all has ended.

    All jobs are changed before the sweep: a worker that ends one locks them in this order, too.
    """
    sweep = get_sweep(session, user, sweep_id)
    waiting = (
        update(Job)
        .where(Job.sweep_id == sweep.id, Job.state == JobState.QUEUED)
        .values(state=JobState.CANCELLED, finished_at=now(), cancel_requested_at=now())
    )
    running = (
        update(Job)
        .where(Job.sweep_id == sweep.id, Job.state == JobState.RUNNING)
        .values(cancel_requested_at=now())
    )
    unsynchronised = {"synchronize_session": False}
    cancelled = session.scalars(waiting.returning(Job.id).execution_options(**unsynchronised)).all()
    stopping = session.scalars(running.returning(Job.id).execution_options(**unsynchronised)).all()
    if not cancelled and not stopping:
        raise Conflict(N_("This sweep has already ended."))
    sweep.cancelled_at = now()
    session.flush()
    for job_id in cancelled:
        events.send(session, JobEnded(job=session.get_one(Job, job_id, populate_existing=True)))
        after_commit(session, partial(announce_state, job_id, JobState.CANCELLED))
    return sweep


def note_ended_job(session: Session, job: Job) -> None:
    """Send SweepEnded with the last of a sweep's jobs; not for a sweep that its owner cancelled."""
    if job.sweep_id is None:
        return
    sweep = queries.locked_sweep(session, job.sweep_id)
    if sweep is None or sweep.cancelled_at or queries.count_left(session, sweep.id):
        return
    runs = queries.runs_of(session, sweep.id)
    finished = [(each, metrics) for each, metrics in runs if each.state == JobState.SUCCEEDED]
    measure = measure_of(job.lab, all_recipes().get(sweep.recipe), [metrics for _, metrics in finished])
    results = {each.id: (each, measure.of(metrics)) for each, metrics in finished}
    value = measure.best(result for _, result in results.values())
    best = next((each for each, result in results.values() if result is not None and result == value), None)
    details = {
        "sweep": str(sweep.id),
        "count": len(runs),
        "settings": [axis["setting"] for axis in sweep.axes],
        "value": measure.in_words(value) if value is not None else None,
    }
    events.send(session, SweepEnded(sweep=sweep, last=job, best=best, details=details))


def forget_empty_sweep(session: Session, job: Job) -> None:
    """A sweep goes with the last of its trainings, which its owner is about to delete."""
    if job.sweep_id is None:
        return
    others = exists().where(Job.sweep_id == job.sweep_id, Job.id != job.id)
    gone = delete(Sweep).where(Sweep.id == job.sweep_id, Sweep.user_id == job.user_id, ~others)
    session.execute(gone.execution_options(synchronize_session=False))
