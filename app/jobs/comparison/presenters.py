"""Presenters of the comparison."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.csv_text import csv_text
from app.core.errors import NotFound
from app.core.i18n import N_, in_language
from app.core.i18n import gettext as _
from app.core.text import Bilingual
from app.jobs.comparison import queries
from app.jobs.comparison.curves import CurvePlot, Series, plot
from app.jobs.comparison.pages import (
    LETTERS,
    MOST,
    ComparedMetric,
    ComparedRun,
    ComparedSetting,
    ComparedValue,
    ComparisonPage,
    compare_address,
)
from app.jobs.models import Job
from app.labs.service import is_share
from app.recipes.recipe import Recipe, all_recipes

OTHERS = 8
# What every kind of report may have, in the order of a reader's interest; then what its recipe adds.
METRICS = {
    "test_accuracy": N_("Test accuracy"),
    "test_loss": N_("Test loss"),
    "val_accuracy": N_("Validation accuracy"),
    "val_loss": N_("Validation loss"),
    "train_accuracy": N_("Training accuracy"),
    "train_loss": N_("Training loss"),
    "initial_loss": N_("Loss of the first batch, before training"),
    "parameters": N_("Parameters"),
}
PLOTTED = ("val_loss", "val_accuracy")
Metrics = Mapping[int, Mapping[str, Any]]


def comparison_page(session: Session, user: User, asked: Sequence[UUID]) -> ComparisonPage:
    """Raises NotFound if one of them is not the user's to read."""
    job_ids = list(asked[:MOST])
    jobs = queries.readable_jobs(session, user, job_ids)
    if not jobs or len(jobs) != len(job_ids):
        raise NotFound(N_("There is no such training job, or it is not yours."))
    epochs: dict[UUID, dict[int, Mapping[str, Any]]] = {job.id: {} for job in jobs}
    for job_id, epoch, metrics in queries.metrics_by_epoch(session, job_ids):
        epochs[job_id][epoch] = metrics
    others = queries.others_to_compare(session, user.id, jobs[0], job_ids, OTHERS) if len(jobs) < MOST else []
    recipes = all_recipes()
    return ComparisonPage(
        runs=[
            ComparedRun(
                letter, job, recipes.get(job.recipe), job.user_id == user.id, _without(job_ids, job.id)
            )
            for letter, job in zip(LETTERS, jobs, strict=False)
        ],
        settings=_settings(jobs, recipes),
        metrics=list(_metrics(jobs, recipes)),
        plots=[
            drawn
            for metric in PLOTTED
            if (
                drawn := plot(
                    metric,
                    {
                        letter: _series(epochs[job.id], metric)
                        for letter, job in zip(LETTERS, jobs, strict=False)
                    },
                )
            )
        ],
        epochs=_table(jobs, epochs),
        others=others,
        address=compare_address(job_ids),
        is_cut=len(asked) > MOST,
    )


def alone(session: Session, job: Job) -> tuple[list[ComparedSetting], list[ComparedMetric], list[CurvePlot]]:
    """A single training in the same words: its settings, metrics and curves."""
    recipes = all_recipes()
    epochs = {epoch: metrics for _, epoch, metrics in queries.metrics_by_epoch(session, [job.id])}
    plots = (plot(metric, {LETTERS[0]: _series(epochs, metric)}) for metric in PLOTTED)
    return _settings([job], recipes), list(_metrics([job], recipes)), [drawn for drawn in plots if drawn]


def comparison_csv(session: Session, user: User, asked: Sequence[UUID]) -> str:
    """A column for each training. Raises NotFound."""
    page = comparison_page(session, user, asked)
    return csv_text(
        [
            ["", "", *(run.letter for run in page.runs)],
            ["training", "recipe", *(run.job.recipe for run in page.runs)],
            [
                "training",
                "lab",
                *(in_language(run.job.lab["title"]) if run.job.lab else "" for run in page.runs),
            ],
            ["training", "sent", *(run.job.created_at.isoformat(timespec="seconds") for run in page.runs)],
            *(
                ["setting", setting.name, *(run.job.hyperparameters.get(setting.name) for run in page.runs)]
                for setting in page.settings
            ),
            *(["metric", metric.name, *(each.value for each in metric.values)] for metric in page.metrics),
            *_epoch_rows(page),
        ]
    )


def _epoch_rows(page: ComparisonPage) -> Iterator[list[object]]:
    for position, metric in enumerate(PLOTTED):
        for epoch, values in page.epochs:
            yield [metric, epoch, *(each[position] for each in values)]


def _without(job_ids: Sequence[UUID], job_id: UUID) -> str:
    rest = [each for each in job_ids if each != job_id]
    return compare_address(rest) if rest else "/jobs"


def _settings(jobs: Sequence[Job], recipes: Mapping[str, Recipe]) -> list[ComparedSetting]:
    """In the order of the recipes; then those that they no longer have."""
    known = {
        h.name: h
        for job in reversed(jobs)
        if job.recipe in recipes
        for h in recipes[job.recipe].hyperparameters
    }
    ordered = [h.name for job in jobs if job.recipe in recipes for h in recipes[job.recipe].hyperparameters]
    names = dict.fromkeys([*ordered, *(name for job in jobs for name in job.hyperparameters)])

    def in_words(job: Job, name: str) -> str | bool | Bilingual | None:
        value = job.hyperparameters.get(name)
        if value is None or isinstance(value, bool):
            return value
        return known[name].as_words(value) if name in known else str(value)

    return [
        ComparedSetting(
            name, known[name].label if name in known else None, [in_words(job, name) for job in jobs]
        )
        for name in names
        if any(name in job.hyperparameters for job in jobs)
    ]


def _metrics(jobs: Sequence[Job], recipes: Mapping[str, Recipe]) -> Iterator[ComparedMetric]:
    found: list[Mapping[str, Any]] = [(job.report or {}).get("metrics", {}) for job in jobs]
    labels: dict[str, str | Bilingual] = {name: _(label) for name, label in METRICS.items()}
    own = [row for job in jobs if job.recipe in recipes for row in recipes[job.recipe].report]
    labels |= {row.metric: row.label for row in own if row.metric not in labels}
    shares = {row.metric for row in own if row.format == "percent"}
    for name, label in labels.items():
        values = [_number(metrics.get(name)) for metrics in found]
        if any(value is not None for value in values):
            is_percent = name in shares or is_share(name)
            yield ComparedMetric(
                name, label, [_compared(name, value, values[0], is_percent) for value in values]
            )


def _compared(name: str, value: float | None, first: float | None, is_percent: bool) -> ComparedValue:
    if value is None:
        return ComparedValue(None, "–")
    if name == "parameters":
        text, precision = f"{value:,.0f}", "{:+,.0f}"
    else:
        text, precision = (f"{100 * value:.2f}%", "{:+.2f}") if is_percent else (f"{value:.4g}", "{:+.3g}")
    if first is None or value == first:
        return ComparedValue(value, text)
    difference = precision.format(100 * (value - first) if is_percent else value - first)
    return ComparedValue(
        value, text, _("{difference} points").format(difference=difference) if is_percent else difference
    )


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _series(metrics: Metrics, metric: str) -> Series:
    return [
        (epoch, value)
        for epoch, values in metrics.items()
        if (value := _number(values.get(metric))) is not None
    ]


def _table(
    jobs: Sequence[Job], epochs: Mapping[UUID, Metrics]
) -> list[tuple[int, list[tuple[float | None, float | None]]]]:
    last = max((epoch for metrics in epochs.values() for epoch in metrics), default=0)
    return [
        (
            epoch,
            [
                (_number(values.get("val_loss")), _number(values.get("val_accuracy")))
                for values in (epochs[job.id].get(epoch, {}) for job in jobs)
            ],
        )
        for epoch in range(1, last + 1)
    ]
