"""A lab's training compared with the student's guess and the measured values, each shown only if it applies to this run."""

from collections.abc import Mapping
from typing import Any

from app.core.i18n import gettext as _
from app.core.i18n import in_language
from app.jobs.models import Job
from app.jobs.pages import GuessComparison, LabFigures
from app.labs.service import differing, is_share
from app.recipes.recipe import Recipe
from app.web.templating import percent


def guess_comparison(job: Job, recipe: Recipe | None) -> GuessComparison | None:
    """None if nothing was asked, or nothing answered."""
    question = (job.lab or {}).get("guess")
    if not question or job.guess is None:
        return None
    if question["kind"] == "number":
        value = job.report["metrics"].get(question["metric"]) if job.report else None
        if value is None:
            return GuessComparison(question["question"], job.guess, "number")
        return GuessComparison(
            question["question"],
            _number(job.guess, question["metric"]),
            "number",
            measured=_number(value, question["metric"]),
            distance=_distance(float(job.guess), value) if is_share(question["metric"]) else None,
        )
    labels = {option["value"]: in_language(option["label"]) for option in question["options"]}
    guess = labels.get(job.guess, job.guess)
    answer, when = question.get("answer"), question.get("when")
    if answer is None or recipe is None or not job.report:
        return GuessComparison(question["question"], guess, "choice")
    if not _to_change(job, recipe, when) if when is not None else job.goal_reached_at is not None:
        return GuessComparison(
            question["question"],
            guess,
            "choice",
            is_right=job.guess == answer,
            answer=labels.get(answer, answer),
        )
    return GuessComparison(
        question["question"],
        guess,
        "choice",
        judged_with=_in_words(recipe, _to_change(job, recipe, when)) if when is not None else (),
        waits_for_goal=when is None,
    )


def _number(value: str | float, metric: str) -> str:
    """Guess and measurement in one unit: fractions as percentages."""
    return percent(float(value)) if is_share(metric) else f"{float(value):.4g}"


def _distance(guess: float, measured: float) -> str:
    """The difference between guess and measurement, in percentage points of the two rounded percentages."""
    points = round(100 * measured, 1) - round(100 * guess, 1)
    if abs(points) < 0.05:
        return _("exactly as you thought")
    words = f"{abs(points):.1f}"
    sentence = (
        _("{points} points more than you thought")
        if points > 0
        else _("{points} points less than you thought")
    )
    return sentence.format(points=words)


def _to_change(job: Job, recipe: Recipe, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The settings in which this job differs from a lab's starting values with these changes."""
    return differing(job.hyperparameters, recipe, job.lab, changes)


def _in_words(recipe: Recipe, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    known = [one for one in recipe.hyperparameters if one.name in settings]
    words = [one.as_words(settings[one.name]) for one in known]
    return [
        (in_language(one.label), word if isinstance(word, str) else in_language(word))
        for one, word in zip(known, words, strict=True)
    ]


def measured_bands(job: Job, recipe: Recipe | None) -> list[dict[str, Any]]:
    """For the charts of a finished training: the ranges measured with its settings, of metrics that are drawn over the epochs."""
    if not job.report or recipe is None:
        return []
    ranges = [part for part in (job.lab or {}).get("ranges") or () if part.get("metric")]
    return [
        {"metric": part["metric"].partition("_")[2], "low": part["low"], "high": part["high"]}
        for part in ranges
        if part["metric"].partition("_")[0] in {"test", "val"} and not _to_change(job, recipe, part["when"])
    ]


def lab_figures(job: Job, recipe: Recipe | None) -> LabFigures | None:
    """None before there is a result to compare."""
    lab = job.lab or {}
    measured = lab.get("measured")
    if not job.report or not measured:
        return None
    ranges = [
        part["text"]
        for part in lab.get("ranges") or []
        if recipe and not _to_change(job, recipe, part["when"])
    ]
    # Measured values are revealed once the goal is reached; in a lab without a goal, below a training they refer to.
    is_told = (
        job.goal_reached_at is not None
        if lab.get("goal")
        else recipe is not None and not _to_change(job, recipe, {})
    )
    return LabFigures(ranges, measured, gives_away=not is_told)
