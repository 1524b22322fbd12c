"""Presenter of a sweep's page."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.errors import NotFound
from app.core.i18n import gettext as _
from app.core.i18n import in_language
from app.core.text import Bilingual
from app.jobs.comparison.presenters import METRICS
from app.jobs.comparison.queries import metrics_by_epoch
from app.jobs.curves import small_curve
from app.jobs.models import Job, JobState
from app.jobs.sweeps import queries
from app.jobs.sweeps.pages import SweepAxis, SweepPage, SweepRun, Words
from app.jobs.sweeps.plot import LETTERS, Result, plot
from app.jobs.sweeps.results import Measure, measure_of, number
from app.jobs.sweeps.service import get_sweep
from app.recipes.recipe import Recipe, Value, all_recipes

Epochs = Sequence[Mapping[str, Any]]


def sweep_page(session: Session, user: User, sweep_id: UUID) -> SweepPage:
    """Raises NotFound."""
    sweep = get_sweep(session, user, sweep_id)
    found = queries.runs_of(session, sweep.id)
    if not found:
        raise NotFound
    recipe = all_recipes().get(sweep.recipe)
    epochs: dict[UUID, list[Mapping[str, Any]]] = {job.id: [] for job, _ in found}
    for job_id, _epoch, metrics in metrics_by_epoch(session, list(epochs)):
        epochs[job_id].append(metrics)
    finished = [metrics for job, metrics in found if job.state == JobState.SUCCEEDED]
    measure = measure_of(found[0][0].lab, recipe, finished)
    results = {job.id: _result(measure, job, metrics, epochs[job.id]) for job, metrics in found}
    best = measure.best(value for value, is_final in results.values() if is_final)
    runs = [_run(measure, sweep.axes, recipe, job, results[job.id], best, epochs[job.id]) for job, _ in found]
    axes = [_axis(recipe, axis["setting"], axis["values"]) for axis in sweep.axes]
    return SweepPage(
        sweep,
        recipe,
        axes,
        runs,
        measure.metric,
        _label(measure.metric, recipe),
        plot(measure, _places(sweep.axes, found, results, best), _columns(axes, sweep.axes)),
        list(zip(LETTERS, axes[1].values, strict=False)) if len(axes) > 1 else [],
    )


def _result(
    measure: Measure, job: Job, metrics: Mapping[str, Any] | None, epochs: Epochs
) -> tuple[float | None, bool]:
    """(value, whether it is the final one)."""
    if job.state == JobState.SUCCEEDED:
        return measure.of(metrics), True
    if job.is_final or not epochs:
        return None, False
    return number(epochs[-1].get(measure.while_training)), False


def _run(
    measure: Measure,
    axes: Sequence[Mapping[str, Any]],
    recipe: Recipe | None,
    job: Job,
    result: tuple[float | None, bool],
    best: float | None,
    epochs: Epochs,
) -> SweepRun:
    value, is_final = result
    total = int(job.hyperparameters.get("epochs", 0))
    losses = [number(each.get("val_loss", each.get("loss"))) for each in epochs]
    return SweepRun(
        job,
        [in_words(recipe, axis["setting"], job.hyperparameters.get(axis["setting"], "")) for axis in axes],
        len(epochs),
        total,
        measure.in_words(value) if value is not None else "",
        is_final,
        is_final and value is not None and value == best,
        small_curve(losses, total),
    )


def _axis(recipe: Recipe | None, name: str, values: Sequence[Value]) -> SweepAxis:
    setting = next((h for h in recipe.hyperparameters if h.name == name), None) if recipe else None
    return SweepAxis(
        name, setting.label if setting else None, [in_words(recipe, name, value) for value in values]
    )


def in_words(recipe: Recipe | None, name: str, value: Value) -> Words:
    setting = next((h for h in recipe.hyperparameters if h.name == name), None) if recipe else None
    if isinstance(value, bool):
        return value
    return setting.as_words(value) if setting else str(value)


def as_text(words: Words) -> str:
    if isinstance(words, bool):
        return _("on") if words else _("off")
    return words if isinstance(words, str) else in_language(words)


def _in_order(values: Sequence[Value]) -> list[Value]:
    """Numbers by size; choices as typed."""
    are_numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    return sorted(values) if are_numbers else list(values)


def _columns(axes: Sequence[SweepAxis], stored: Sequence[Mapping[str, Any]]) -> list[str]:
    words = dict(zip(stored[0]["values"], axes[0].values, strict=True))
    return [as_text(words[value]) for value in _in_order(stored[0]["values"])]


def _places(
    axes: Sequence[Mapping[str, Any]],
    found: Sequence[Any],
    results: Mapping[UUID, tuple[float | None, bool]],
    best: float | None,
) -> list[Result]:
    columns = _in_order(axes[0]["values"])
    lines = axes[1]["values"] if len(axes) > 1 else [None]
    placed = []
    for job, _metrics in found:
        value, is_final = results[job.id]
        line = job.hyperparameters.get(axes[1]["setting"]) if len(axes) > 1 else None
        if value is not None:
            column = columns.index(job.hyperparameters[axes[0]["setting"]])
            placed.append(Result(column, lines.index(line), value, is_final, is_final and value == best))
    return placed


def _label(metric: str, recipe: Recipe | None) -> str | Bilingual:
    if metric in METRICS:
        return _(METRICS[metric])
    rows = recipe.report if recipe else []
    return next((row.label for row in rows if row.metric == metric), metric.replace("_", " "))
