"""A visitor tries one training: a lab as it stands, after all that members wait for, and gone after a day. Nothing here commits.

Whoever signs up in the same browser meanwhile keeps it.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from app.core import storage
from app.core.clock import now
from app.core.config import get_settings
from app.core.db import adds_row, after_commit, insert
from app.core.errors import Conflict
from app.core.i18n import N_
from app.jobs.models import ACTIVE, Job, JobState
from app.jobs.queue.fairness import GUESTS_TURN, next_turn
from app.jobs.queue.tickets import send_ticket
from app.labs.service import checked_values, offered_recipe, starting_values
from app.recipes.recipe import recipe_digest

KEPT_FOR = timedelta(days=1)
# As a recipe estimates its default: what takes longer is for members.
SHORT_SECONDS = 60
AT_ONCE = 100
# Of PostgreSQL's advisory locks: one visitor after the other is counted.
_ONE_BY_ONE = text("select pg_advisory_xact_lock(7305811)")
FULL = N_("Many visitors are training at this moment. Please try again in a minute, or sign up: members come first.")  # fmt: skip


def may_be_tried(lab: Mapping[str, Any]) -> bool:
    """Whether a visitor may train this lab: where visitors may at all, and where it is short."""
    recipe = offered_recipe(lab["recipe"], lab)
    return (
        get_settings().guest_jobs_active > 0
        and recipe is not None
        and recipe.queue == "cpu"
        and recipe.estimate.seconds <= SHORT_SECONDS
    )


def start_trial(session: Session, guest_key: str, lesson_id: UUID, lab: Mapping[str, Any]) -> UUID:
    """The visitor's one training, made now if there is none yet; with the lab's starting values, which nobody can change.

    Raises Conflict where too many visitors wait or train.
    """
    recipe = offered_recipe(lab["recipe"], lab)
    assert recipe is not None
    values = checked_values(recipe, starting_values(recipe, lab), lab)
    digest = recipe_digest(recipe.slug)
    if earlier := _job_of(session, guest_key):
        return earlier
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_ONE_BY_ONE)
    job = {
        "id": uuid4(),
        "guest_key": guest_key,
        "recipe": recipe.slug,
        "hyperparameters": values,
        "recipe_digest": digest,
        "queue": recipe.queue,
        "turn": GUESTS_TURN,
        "lesson_id": lesson_id,
        "lab_key": lab["key"],
        "lab": dict(lab),
    }
    # Stored first and counted then: SQLite, too, lets nobody else write from here on.
    added = adds_row(
        session,
        insert(session, Job).values(job).on_conflict_do_nothing(index_elements=[Job.guest_key]),
    )
    if not added:
        return session.scalars(select(Job.id).where(Job.guest_key == guest_key)).one()
    if _count_active(session) > get_settings().guest_jobs_active:
        raise Conflict(FULL)
    after_commit(session, lambda: send_ticket(recipe.queue))
    return UUID(str(job["id"]))


def adopt(session: Session, user_id: UUID, guest_key: str) -> None:
    """What the visitor trained becomes the user's own, with a place in the queue like any other of theirs."""
    queue = session.scalar(select(Job.queue).where(Job.guest_key == guest_key))
    if queue is None:
        return
    session.execute(
        update(Job)
        .where(Job.guest_key == guest_key)
        .values(user_id=user_id, guest_key=None, turn=next_turn(session, user_id, queue))
        .execution_options(synchronize_session=False)
    )


def forget_trials(session: Session) -> int:
    """Remove what visitors trained more than a day ago, with its files; what still runs, a next time. How many there were."""
    old = select(Job.id).where(
        Job.guest_key.is_not(None), Job.created_at < now() - KEPT_FOR, Job.state != JobState.RUNNING
    )
    gone = session.scalars(
        delete(Job)
        .where(Job.id.in_(old.limit(AT_ONCE)), Job.guest_key.is_not(None), Job.state != JobState.RUNNING)
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    ).all()
    after_commit(session, partial(_remove_files, gone))
    return len(gone)


def _remove_files(jobs: Sequence[UUID]) -> None:
    for job_id in jobs:
        storage.delete_below(f"jobs/{job_id}/")


def _job_of(session: Session, guest_key: str) -> UUID | None:
    return session.scalar(select(Job.id).where(Job.guest_key == guest_key))


def _count_active(session: Session) -> int:
    active = select(func.count(Job.id)).where(Job.guest_key.is_not(None), Job.state.in_(ACTIVE))
    return session.scalar(active) or 0
