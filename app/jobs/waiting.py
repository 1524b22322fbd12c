"""The fair order of the queue, and how long a job will wait in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from statistics import median
from uuid import UUID

from sqlalchemy.orm import Session

from app.clock import now
from app.config import get_settings
from app.jobs import queries
from app.jobs.models import Job, JobState
from app.jobs.recipes import all_recipes

# Seconds per epoch, by recipe.
Rates = dict[str, float | None]


@dataclass(frozen=True)
class Place:
    """`position` 1 is the next to start; `seconds` is the expected wait."""

    position: int
    seconds: float


def place_in_queue(session: Session, job: Job) -> Place:
    """Where a queued job stands, by playing the queue forward with expected durations."""
    active = queries.active_jobs(session, job.queue)
    running = [other for other in active if other.state == JobState.RUNNING]
    queued = [other for other in active if other.state == JobState.QUEUED]
    rates: Rates = {}
    expected = {other.id: expected_seconds(session, other, rates) for other in active}
    left = [max(1.0, expected[other.id] - _elapsed(other)) for other in running]
    slots = max(get_settings().job_slots, len(running))
    time = 0.0
    for position, (upcoming, time) in enumerate(_play(queued, left, slots, expected), start=1):
        if upcoming.id == job.id:
            return Place(position, time)
    return Place(len(queued) or 1, time)


def _play(
    queued: Sequence[Job], left: list[float], slots: int, expected: dict[UUID, float]
) -> list[tuple[Job, float]]:
    """The queued jobs in the order they will start, each with its start in seconds from now.

    `left` are the seconds to the ends of the running jobs; `queued` is in fair order.
    """
    time, order, ends = 0.0, [], sorted(left)
    for upcoming in queued:
        while len(ends) >= slots:
            time = heappop(ends)
        order.append((upcoming, time))
        heappush(ends, time + expected[upcoming.id])
    return order


def expected_seconds(session: Session, job: Job, rates: Rates | None = None) -> float:
    """How long this job will take: the median per epoch of the recipe's latest jobs, else the recipe's own estimate.

    `rates` keeps what was found out for a recipe, so that a long queue asks once for each.
    """
    recipe = all_recipes().get(job.recipe)
    epochs = max(1, int(job.hyperparameters.get("epochs", 1)))
    rates = {} if rates is None else rates
    if job.recipe not in rates:
        rates[job.recipe] = _seconds_per_epoch(session, job.recipe)
    rate = rates[job.recipe]
    if rate is not None:
        return rate * epochs
    if recipe is None:
        return 60.0
    return recipe.estimate.seconds * epochs / max(1, int(recipe.defaults["epochs"]))


def _seconds_per_epoch(session: Session, recipe: str) -> float | None:
    """None where no job of this recipe has succeeded yet."""
    recent = queries.recent_seconds(session, recipe)
    return (
        median(seconds / max(1, int(values.get("epochs", 1))) for values, seconds in recent)
        if recent
        else None
    )


def _elapsed(job: Job) -> float:
    return (now() - job.started_at).total_seconds() if job.started_at else 0.0
