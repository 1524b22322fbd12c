"""Presenters of the job pages."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from redis.exceptions import RedisError
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.clock import now
from app.core.db import session_scope
from app.core.redis import get_redis
from app.jobs import queries
from app.jobs.lab_comparison import guess_comparison, lab_figures, measured_bands
from app.jobs.lab_runs import LabRun, in_words, lab_runs
from app.jobs.models import Job, JobEpoch, JobState
from app.jobs.pages import JobPage, SettingValue, StatusLine, live_data
from app.jobs.queue.waiting import current_place, expected_seconds
from app.jobs.queue.workers import has_worker
from app.jobs.result.failures import failure_text
from app.jobs.result.headline import headline
from app.jobs.stream import last_event_id
from app.jobs.verdict.rules import verdict_of
from app.jobs.verdict.run import run_of
from app.jobs.verdict.words import VerdictText
from app.jobs.verdict.words import in_words as verdict_in_words
from app.labs.service import locked_values, offered_recipe, starting_values
from app.recipes.recipe import Recipe, all_recipes


def status_line(session: Session, job: Job, epochs_done: int) -> StatusLine:
    total = int(job.hyperparameters.get("epochs", 0))
    place = current_place(session, job) if job.state == JobState.QUEUED else None
    seconds_left = None
    if job.state == JobState.RUNNING and job.started_at:
        seconds_left = max(1.0, expected_seconds(session, job) - (now() - job.started_at).total_seconds())
    lacks_worker = job.state == JobState.QUEUED and has_worker(job.queue) is False
    return StatusLine(job, place, total, epochs_done, seconds_left, lacks_worker)


def job_page(session: Session, job: Job, viewer: User | None = None) -> JobPage:
    """Everything about a job. The stream's position is read before the database: events in between are shown twice, not lost.

    The run before it is for its owner alone.
    """
    recipe = all_recipes().get(job.recipe)
    epochs = queries.epochs_of(session, job.id)
    is_own = viewer is not None and viewer.id == job.user_id
    previous = queries.previous_run(session, job) if is_own else None
    page = JobPage(
        job=job,
        recipe=recipe,
        status=status_line(session, job, len(epochs)),
        epochs=epochs,
        live={
            **live_data(job, epochs, queries.epochs_of(session, previous.id) if previous else ()),
            "bands": measured_bands(job, recipe),
        },
        stream_id=epochs[-1].stream_id if epochs else "0-0",
        settings=_settings(job, recipe, previous),
        report=job.report,
        artefacts=queries.artefacts(session, job),
        log=queries.log_lines(session, job.id),
        guess=guess_comparison(job, recipe),
        figures=lab_figures(job, recipe),
        can_repeat=offered_recipe(job.recipe, job.lab) is not None,
        headline=headline(job, recipe),
        failure=failure_text(job, recipe, len(epochs)),
    )
    return replace(page, verdict=_verdict(page))


def runs_beside(session: Session, job: Job) -> list[LabRun]:
    """Its owner's trainings in its lab, for the list there; none where the lesson is gone."""
    if job.user_id is None or job.lesson_id is None or job.lab_key is None:
        return []
    jobs = queries.jobs_of_labs(session, job.user_id, job.lesson_id, job.lab_key)
    return lab_runs(jobs, offered_recipe(job.recipe, job.lab))


def _verdict(page: JobPage) -> VerdictText | None:
    """None without a report, and where no rule applies."""
    job, recipe = page.job, page.recipe
    if not page.report:
        return None
    locked = locked_values(recipe, job.lab) if recipe and page.can_repeat else {}
    free = {h.name: h for h in recipe.hyperparameters if h.name not in locked} if recipe else {}
    epochs = [(each.epoch, each.metrics) for each in page.epochs]
    run = run_of(page.report, epochs, job.hyperparameters, free)
    verdict = verdict_of(run)
    return verdict_in_words(verdict, run, page.label) if verdict else None


def _settings(job: Job, recipe: Recipe | None, previous: Job | None) -> list[SettingValue]:
    """In the recipe's order; then those that it no longer has, by name."""
    values, known = job.hyperparameters, recipe.hyperparameters if recipe else []
    before = previous.hyperparameters if previous else starting_values(recipe, job.lab) if recipe else {}
    found = [
        SettingValue(
            h.name,
            h.label,
            in_words(h, values[h.name]),
            in_words(h, before[h.name]) if before.get(h.name, values[h.name]) != values[h.name] else None,
        )
        for h in known
        if h.name in values
    ]
    names = {h.name for h in known}
    return found + [
        SettingValue(name, None, value if isinstance(value, bool) else str(value))
        for name, value in values.items()
        if name not in names
    ]


def snapshot(job: Job, epochs: list[JobEpoch]) -> list[tuple[str, dict[str, Any]]]:
    """A job as live events, for a page whose stream has a gap."""
    events: list[tuple[str, dict[str, Any]]] = []
    if job.phase:
        events.append(
            (
                "phase",
                {
                    "phase": job.phase,
                    "epochs": int(job.hyperparameters.get("epochs", 0)),
                    "steps_per_epoch": job.steps_per_epoch or 0,
                },
            )
        )
    for record in epochs:
        points = [
            {"step": step, "epoch": record.epoch, "metrics": metrics} for step, metrics in record.points
        ]
        events.append(
            (
                "epoch",
                {
                    "epoch": record.epoch,
                    "metrics": record.metrics,
                    "seconds": record.seconds,
                    "points": points,
                },
            )
        )
    if job.is_final:
        events.append(("state", {"state": job.state}))
    return events


def stored_events(job_id: UUID) -> list[tuple[str, dict[str, Any]]]:
    """`snapshot` for a stream, which holds no session of its own."""
    with session_scope(writes=False) as session:
        job = session.get(Job, job_id)
        return snapshot(job, list(queries.epochs_of(session, job_id))) if job else []


def newest_stream_id(job: Job) -> str:
    try:
        return last_event_id(get_redis(), job.id)
    except RedisError:
        return "0-0"
