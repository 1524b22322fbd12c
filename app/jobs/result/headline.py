"""The one number of a result, on a scale with the baseline, the student's guess and the range measured beforehand."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app.core.i18n import N_, in_language
from app.core.i18n import gettext as _
from app.jobs.models import Job
from app.labs.service import differing, is_share
from app.recipes.recipe import Recipe, ReportRow
from app.web.templating import decimal, percent

LABELS = {
    "test_accuracy": N_("Test accuracy"),
    "test_loss": N_("Test loss"),
    "train_loss": N_("Training loss"),
    "val_loss": N_("Validation loss"),
    "initial_loss": N_("Loss of the first batch, before training"),
    "test_recall": N_("Test recall"),
    "test_precision": N_("Test precision"),
}
BASELINES = {
    "test_mean_iou": ("baseline_iou", N_("Calling every pixel background")),
    "test_accuracy": ("baseline_accuracy", N_("Always guessing the most common class")),
    "test_loss": ("baseline_loss", N_("Loss of always saying the mean")),
}
# The scale in the units of its drawing; a loss beyond BEYOND times the largest other mark stands at its end.
WIDTH, BEYOND = 1000, 3.0


@dataclass(frozen=True)
class Mark:
    """A value on the scale at `x`, 0 to WIDTH; a range ends at `until`."""

    kind: Literal["baseline", "guess", "range", "run"]
    label: str
    text: str
    x: int
    until: int | None = None


@dataclass(frozen=True)
class Headline:
    """`marks` is empty where there is nothing to compare with."""

    metric: str
    label: str
    text: str
    marks: Sequence[Mark] = ()
    ends: tuple[str, str] = ("", "")


def headline(job: Job, recipe: Recipe | None) -> Headline | None:
    """None without a report, and for one without any of these metrics."""
    metrics = (job.report or {}).get("metrics") or {}
    rows = {row.metric: row for row in recipe.report} if recipe else {}
    metric = next((name for name in _candidates(job, recipe, rows) if metrics.get(name) is not None), None)
    if metric is None:
        return None
    label = in_language(rows[metric].label) if metric in rows else _(LABELS.get(metric, metric))
    run = float(metrics[metric])
    others = list(_compared(job, recipe, metric, metrics))
    text = _words(metric, run, rows.get(metric))
    end = _end(metric, run, [value for _kind, _label, *values in others for value in values])
    if not others or end is None:
        return Headline(metric, label, text)
    marks = [_mark(kind, name, values, metric, end) for kind, name, *values in others]
    here = Mark("run", _("This run"), text, _place(run, end))
    return Headline(metric, label, text, [*marks, here], (_short(metric, 0.0), _short(metric, end)))


def _candidates(job: Job, recipe: Recipe | None, rows: Mapping[str, ReportRow]) -> Iterator[str]:
    """What the lab asked to guess; what the recipe names, or the IoU of masks, where the accuracy misleads; the accuracy; a recipe's own first row where it measures in its own way; the loss."""
    question = (job.lab or {}).get("guess") or {}
    if question.get("kind") == "number":
        yield str(question["metric"])
    if recipe and recipe.headline:
        yield recipe.headline
    yield "test_mean_iou"
    yield "test_accuracy"
    if (job.report or {}).get("kind") not in {"classification", "regression"}:
        yield from list(rows)[:1]
    yield "test_loss"


def _compared(
    job: Job, recipe: Recipe | None, metric: str, metrics: Mapping[str, Any]
) -> Iterator[tuple[Any, ...]]:
    """(kind, label, value), or two values for a range."""
    name, label = BASELINES.get(metric, ("", ""))
    if metrics.get(name) is not None:
        yield "baseline", _(label), float(metrics[name])
    for row in recipe.report if recipe else ():
        if row.baseline_of == metric and metrics.get(row.metric) is not None:
            yield "baseline", in_language(row.label), float(metrics[row.metric])
    question = (job.lab or {}).get("guess") or {}
    if question.get("metric") == metric and job.guess is not None:
        yield "guess", _("Your guess"), float(job.guess)
    for part in (job.lab or {}).get("ranges") or ():
        if (
            recipe
            and part.get("metric") == metric
            and not differing(job.hyperparameters, recipe, job.lab, part["when"])
        ):
            yield "range", _("Measured by us"), float(part["low"]), float(part["high"])


def _end(metric: str, run: float, others: Sequence[float]) -> float | None:
    """Where the scale ends: a share at 1. None if a value cannot be drawn on one from zero."""
    if min(run, *others, 0.0) < 0:
        return None
    if is_share(metric):
        return 1.0
    highest = max([*others, 0.0])
    return 1.1 * (min(run, BEYOND * highest) if run > highest else highest) or None


def _mark(kind: Any, label: str, values: Sequence[float], metric: str, end: float) -> Mark:
    first, last = values[0], values[-1]
    text = _short(metric, first) if first == last else f"{_short(metric, first)} – {_short(metric, last)}"
    until = _place(last, end) if kind == "range" else None
    return Mark(kind, label, text if kind != "baseline" else _words(metric, first), _place(first, end), until)


def _place(value: float, end: float) -> int:
    return round(WIDTH * min(1.0, value / end))


def _words(metric: str, value: float, row: ReportRow | None = None) -> str:
    if row and row.format == "integer":
        return f"{round(value):,}"
    return percent(value, 2) if is_share(metric) or (row and row.format == "percent") else decimal(value)


def _short(metric: str, value: float) -> str:
    return percent(value, 0 if value in {0.0, 1.0} else 1) if is_share(metric) else decimal(value, 3)
