"""Expected waiting times: the queue is simulated once for all pages that ask, not once for each."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from statistics import median
from threading import Lock
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.config import get_settings
from app.core.db import get_engine
from app.jobs.models import Job
from app.jobs.queue import queries
from app.jobs.queue.queries import QueuedJob
from app.recipes.recipe import all_recipes

# Seconds per epoch, by recipe.
Rates = dict[str, float | None]

FRESH_SECONDS = 1.0
RATES_FRESH_SECONDS = 30.0
# The longer a simulation takes, the less often it runs: for all readers together at most a twentieth of a core,
# or a fifth if new jobs have arrived that the last one did not include.
LEAST_PAUSE, PAUSE_BEFORE_A_NEW_JOB = 20, 4


@dataclass(frozen=True)
class QueuePosition:
    """`position` 1 is the next to start; `seconds` is the expected wait."""

    position: int
    seconds: float


@dataclass
class Line:
    """A queue as last simulated."""

    places: dict[UUID, QueuePosition] = field(default_factory=dict)
    played_at: float = float("-inf")
    took: float = 0.0
    rates: Rates = field(default_factory=dict)
    rates_at: float = float("-inf")
    lock: Lock = field(default_factory=Lock)

    def pause(self) -> float:
        return time.monotonic() - self.played_at


_lines: WeakKeyDictionary[Engine, dict[str, Line]] = WeakKeyDictionary()


def current_place(session: Session, job: Job) -> QueuePosition | None:
    """A queued job's position in the last simulation; None for a job submitted since, until the next one."""
    line = _lines.setdefault(get_engine(), {}).setdefault(job.queue, Line())
    if line.pause() > max(FRESH_SECONDS, LEAST_PAUSE * line.took) or (
        job.id not in line.places and line.pause() > PAUSE_BEFORE_A_NEW_JOB * line.took
    ):
        _play_again(session, job.queue, line)
    return line.places.get(job.id)


def _play_again(session: Session, queue: str, line: Line) -> None:
    """Run by one of the callers; the others use the previous result, unless there is none yet."""
    if not line.lock.acquire(blocking=not line.places):
        return
    try:
        started, cpu = time.monotonic(), time.thread_time()
        if started - line.rates_at > RATES_FRESH_SECONDS:
            line.rates, line.rates_at = {}, started
        line.places = play_queue(session, queue, line.rates)
        line.took, line.played_at = time.thread_time() - cpu, time.monotonic()
    finally:
        line.lock.release()


def place_in_queue(session: Session, job: Job) -> QueuePosition | None:
    """A queued job's position now."""
    return play_queue(session, job.queue).get(job.id)


def play_queue(session: Session, queue: str, rates: Rates | None = None) -> dict[UUID, QueuePosition]:
    """The position of every queued job, by simulating the queue with expected durations.

    Two statements; `rates` caches further ones.
    """
    rates = {} if rates is None else rates
    running = queries.running_jobs(session, queue)
    ends = [max(1.0, _seconds(session, job.recipe, job.epochs, rates) - _elapsed(job)) for job in running]
    return _play(session, queries.queued_jobs(session, queue), ends, rates)


def _play(
    session: Session, queued: Sequence[QueuedJob], ends: list[float], rates: Rates
) -> dict[UUID, QueuePosition]:
    """`queued` in starting order; `ends` are the seconds until each running job ends."""
    slots, moment, places = max(get_settings().job_slots, len(ends)), 0.0, {}
    heapify(ends)
    for position, job in enumerate(queued, start=1):
        if len(ends) >= slots:
            moment = heappop(ends)
        places[job.id] = QueuePosition(position, moment)
        heappush(ends, moment + _seconds(session, job.recipe, job.epochs, rates))
    return places


def expected_seconds(session: Session, job: Job) -> float:
    """Expected duration of this job: the recipe's median seconds per epoch in recent jobs, otherwise the recipe's own estimate."""
    return _seconds(session, job.recipe, job.hyperparameters.get("epochs", 1), {})


def _seconds(session: Session, slug: str, epochs: float | None, rates: Rates) -> float:
    recipe = all_recipes().get(slug)
    count = max(1, int(epochs or 1))
    if slug not in rates:
        rates[slug] = _seconds_per_epoch(session, slug)
    rate = rates[slug]
    if rate is not None:
        return rate * count
    if recipe is None:
        return 60.0
    return recipe.estimate.seconds * count / max(1, int(recipe.defaults["epochs"]))


def _seconds_per_epoch(session: Session, recipe: str) -> float | None:
    """None if no job of this recipe has succeeded yet."""
    recent = queries.recent_seconds(session, recipe)
    return (
        median(seconds / max(1, int(values.get("epochs", 1))) for values, seconds in recent)
        if recent
        else None
    )


def _elapsed(job: QueuedJob) -> float:
    return (now() - job.started_at).total_seconds() if job.started_at else 0.0
