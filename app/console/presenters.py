"""Presenters of the console."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from uuid import UUID

from redis.exceptions import RedisError
from sqlalchemy import make_url, text
from sqlalchemy.orm import Session

from app.console import queries
from app.console.pages import (
    DiskPage,
    FailureRow,
    QueuePage,
    QueueRow,
    RecipesPage,
    RecipeTimes,
    RunningRow,
    WorkerRow,
)
from app.console.queries import Ended
from app.console.service import AT_ONCE, start_of
from app.core import disk
from app.core.clock import now
from app.core.config import get_settings
from app.core.i18n import N_
from app.core.i18n import gettext as _
from app.core.redis import get_redis
from app.jobs.models import Job, JobState
from app.jobs.queries import epoch_counts
from app.jobs.queue import pauses
from app.jobs.queue.reports import Report, reports
from app.jobs.queue.tickets import QUEUES
from app.jobs.queue.workers import count_slots
from app.recipes.recipe import all_recipes

MOST_RUNNING, MOST_WAITING, MOST_PEOPLE, EXAMPLES = 200, 20, 20, 3
DAYS = 30
UNKNOWN_REASON = N_("The training did not say why it failed.")


def queue_page(session: Session) -> QueuePage:
    known, slots = _from_redis()
    paused = pauses.paused(session)
    running = queries.running(session, MOST_RUNNING)
    epochs = epoch_counts(session, [job.id for job, _late in running])
    trainers = {training: report for report in known or () for training in report.trainings}
    return QueuePage(
        _queues(session, slots, paused),
        None
        if known is None
        else [WorkerRow(report, paused.get(report.target)) for report in known if report.slots],
        [_running(job, late, epochs.get(job.id, 0), trainers) for job, late in running],
        queries.waiting_by_user(session, MOST_WAITING),
        queries.waiting_by_class(session, MOST_WAITING),
        all_recipes(),
        get_settings().job_lease_seconds,
    )


def _from_redis() -> tuple[list[Report] | None, Mapping[str, int]]:
    try:
        redis = get_redis()
        return reports(redis), {queue: count_slots(redis, queue) for queue in QUEUES}
    except RedisError:
        return None, {}


def _queues(session: Session, slots: Mapping[str, int], paused: Mapping[str, datetime]) -> list[QueueRow]:
    waiting, running = queries.waiting_by_queue(session), queries.running_by_queue(session)
    rows = []
    for queue in QUEUES:
        count, since = waiting.get(queue, (0, None))
        paused_since = paused.get(pauses.queue_target(queue))
        rows.append(QueueRow(queue, slots.get(queue), running.get(queue, 0), count, since, paused_since))
    return rows


def _running(
    job: Job, is_overdue: bool, epoch: int, trainers: Mapping[tuple[str, int], Report]
) -> RunningRow:
    epochs = job.hyperparameters.get("epochs")
    trainer = trainers.get((str(job.id), job.attempt))
    return RunningRow(job, epoch, int(epochs) if epochs else None, trainer, is_overdue)


def recipes_page(session: Session) -> RecipesPage:
    ended = queries.ended_since(session, now() - timedelta(days=DAYS))
    by_recipe: dict[str, list[Ended]] = defaultdict(list)
    by_reason: dict[tuple[str, str], list[Ended]] = defaultdict(list)
    for job in ended:
        by_recipe[job.recipe].append(job)
        if job.state == JobState.FAILED:
            by_reason[job.recipe, (job.failure or {}).get("message", UNKNOWN_REASON)].append(job)
    times = [_times(slug, jobs) for slug, jobs in by_recipe.items()]
    failures = [_failures(recipe, jobs) for (recipe, _reason), jobs in by_reason.items()]
    return RecipesPage(
        DAYS,
        sorted(times, key=lambda row: (-row.ended, row.slug)),
        sorted(failures, key=lambda row: (-row.count, row.recipe)),
        all_recipes(),
        queries.MOST_ENDED if len(ended) == queries.MOST_ENDED else None,
    )


def _times(slug: str, jobs: Sequence[Ended]) -> RecipeTimes:
    count = {state: sum(job.state == state for job in jobs) for state in JobState}
    # One that was interrupted says nothing about how long it takes.
    seconds = [
        (job.finished_at - job.started_at).total_seconds()
        for job in jobs
        if job.state == JobState.SUCCEEDED and job.attempt == 1 and job.started_at
    ]
    waits = [(job.started_at - job.created_at).total_seconds() for job in jobs if job.started_at]
    return RecipeTimes(
        slug,
        len(jobs),
        count[JobState.SUCCEEDED],
        count[JobState.FAILED],
        count[JobState.CANCELLED],
        median(seconds) if seconds else None,
        quantiles(seconds, n=10)[-1] if len(seconds) > 1 else None,
        median(waits) if waits else None,
    )


def _failures(recipe: str, jobs: Sequence[Ended]) -> FailureRow:
    """In the words that the newest one's student reads."""
    failure = jobs[0].failure or {"message": UNKNOWN_REASON, "values": {}}
    message = failure["message"]
    reason = _(message).format(**failure["values"])
    examples: list[UUID] = [job.id for job in jobs[:EXAMPLES]]
    return FailureRow(recipe, reason, len(jobs), jobs[0].finished_at, examples)


def disk_page(session: Session, days: int) -> DiskPage:
    before = now().date() - timedelta(days=days)
    count, size = queries.count_old(session, start_of(before))
    return DiskPage(
        disk.free_mb(),
        get_settings().low_disk_mb,
        _places(session),
        queries.used_by_kind(session),
        queries.used_by_person(session, MOST_PEOPLE),
        days,
        before,
        count,
        size,
        queries.old_by_person(session, start_of(before), MOST_PEOPLE),
        AT_ONCE,
    )


def _places(session: Session) -> list[tuple[str, int]]:
    """(name, bytes) of what is not files of trainings. Only flat folders: the store may have a million files."""
    settings = get_settings()
    if session.get_bind().dialect.name == "postgresql":
        database = session.scalar(text("select pg_database_size(current_database())")) or 0
    else:
        path = Path(make_url(settings.database_url).database or "")
        database = sum(_size(path.with_name(path.name + more)) for more in ("", "-wal"))
    return [
        (_("Database"), int(database)),
        (_("Data sets"), _size_of_folder(settings.data_dir / "datasets")),
        (_("Logs"), _size_of_folder(settings.data_dir / "logs")),
    ]


def _size_of_folder(folder: Path) -> int:
    return sum(_size(path) for path in folder.iterdir()) if folder.is_dir() else 0


def _size(path: Path) -> int:
    """0 for what is gone meanwhile."""
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0
