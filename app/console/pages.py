"""View models of the console."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.console.queries import Used, Waiting
from app.jobs.models import Job
from app.jobs.queue.reports import Report
from app.recipes.recipe import Recipe


@dataclass(frozen=True)
class QueueRow:
    """`slots` is None where Redis does not answer."""

    name: str
    slots: int | None
    running: int
    waiting: int
    waits_since: datetime | None
    paused_since: datetime | None

    @property
    def target(self) -> str:
        return f"queue:{self.name}"


@dataclass(frozen=True)
class WorkerRow:
    report: Report
    paused_since: datetime | None

    @property
    def is_drained(self) -> bool:
        return self.paused_since is not None and not self.report.trainings


@dataclass(frozen=True)
class RunningRow:
    """`worker` is None if no report names the training: it has just begun, or Redis has restarted."""

    job: Job
    epoch: int
    epochs: int | None
    worker: Report | None
    is_overdue: bool

    @property
    def lacks_worker(self) -> bool:
        return self.is_overdue or (self.worker is not None and self.worker.is_silent)


@dataclass(frozen=True)
class QueuePage:
    """`workers` is None where Redis does not answer."""

    queues: Sequence[QueueRow]
    workers: Sequence[WorkerRow] | None
    running: Sequence[RunningRow]
    waiting_by_user: Sequence[Waiting]
    waiting_by_class: Sequence[Waiting]
    recipes: Mapping[str, Recipe]
    lease_seconds: float

    def signature(self, part: str) -> str:
        """Changes where rows come, go, or offer something else: the script then replaces the whole part."""
        rows: dict[str, list[object]] = {
            "queues": [(row.name, row.paused_since) for row in self.queues],
            "workers": [
                (row.report.node, row.report.pid, row.report.is_silent, row.paused_since, row.is_drained)
                for row in self.workers or ()
            ],
            "running": [
                (row.job.id, row.job.attempt, row.lacks_worker, row.job.cancel_requested_at)
                for row in self.running
            ],
            "waiting": [(row.who, row.number) for row in (*self.waiting_by_user, *self.waiting_by_class)],
        }
        return str(rows[part])


@dataclass(frozen=True)
class RecipeTimes:
    """Seconds; None where no training of the recipe succeeded at its first attempt."""

    slug: str
    ended: int
    succeeded: int
    failed: int
    cancelled: int
    median: float | None
    slowest_tenth: float | None
    median_wait: float | None


@dataclass(frozen=True)
class FailureRow:
    recipe: str
    reason: str
    count: int
    last: datetime
    examples: Sequence[UUID]


@dataclass(frozen=True)
class RecipesPage:
    days: int
    times: Sequence[RecipeTimes]
    failures: Sequence[FailureRow]
    recipes: Mapping[str, Recipe]
    # Of so many newest trainings only, if there are more.
    most: int | None


@dataclass(frozen=True)
class DiskPage:
    free_mb: int
    low_mb: int
    places: Sequence[tuple[str, int]]
    by_kind: Sequence[Used]
    by_person: Sequence[Used]
    days: int
    before: date
    old_count: int
    old_size: int
    old_by_person: Sequence[Used]
    at_once: int
