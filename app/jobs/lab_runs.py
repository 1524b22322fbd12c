"""A reader's trainings in a lab: what was changed from one to the next, and what came out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from app.core.text import Bilingual
from app.jobs.models import Job, JobState
from app.labs.service import differing, starting_values
from app.recipes.recipe import Hyperparameter, Recipe, Value

# A lab lists the newest.
SHOWN = 5
MOST_POINTS = 50

Words = str | bool | Bilingual


@dataclass(frozen=True)
class LabRun:
    """`changes` are (setting, before, now) against the run before it, or for the first one against the lab's starting values."""

    job: Job
    changes: Sequence[tuple[Bilingual, Words, Words]]
    is_first: bool
    # The test accuracy; the test loss where there is none.
    accuracy: float | None
    loss: float | None
    # The settings as the fields of its form have them.
    fields: Mapping[str, str]


def lab_runs(jobs: Sequence[tuple[Job, float | None]], recipe: Recipe | None) -> list[LabRun]:
    """The newest of `jobs`, which are all trainings of one lab with their test losses, newest first."""
    if recipe is None:
        return [LabRun(job, (), False, job.test_accuracy, loss, {}) for job, loss in jobs[:SHOWN]]
    first = [starting_values(recipe, jobs[-1][0].lab)] if jobs else []
    values = [*(job.hyperparameters for job, _loss in jobs), *first][: SHOWN + 1]
    return [
        LabRun(
            job,
            _changes(recipe, before, now),
            number + 1 == len(jobs),
            job.test_accuracy if job.state == JobState.SUCCEEDED else None,
            loss if job.state == JobState.SUCCEEDED else None,
            {h.name: h.as_text(now[h.name]) for h in recipe.hyperparameters if h.name in now},
        )
        for number, ((job, loss), (now, before)) in enumerate(zip(jobs, pairwise(values), strict=False))
    ]


def run_points(jobs: Sequence[tuple[Job, float | None]], recipe: Recipe | None) -> list[dict[str, Any]]:
    """The newest finished of `jobs`, for figures that show them: "changed" are the settings, but for the seed, in which one differs
    from the lab's starting values.
    """
    finished = [(job, loss) for job, loss in jobs if job.state == JobState.SUCCEEDED][:MOST_POINTS]
    return [
        {
            "id": str(job.id),
            "settings": job.hyperparameters,
            "changed": list(differing(job.hyperparameters, recipe, job.lab, {})) if recipe else [],
            "accuracy": job.test_accuracy,
            "loss": loss,
        }
        for job, loss in finished
    ]


def _changes(
    recipe: Recipe, before: Mapping[str, Any], now: Mapping[str, Any]
) -> list[tuple[Bilingual, Words, Words]]:
    """In the recipe's order."""
    return [
        (h.label, in_words(h, before[h.name]), in_words(h, now[h.name]))
        for h in recipe.hyperparameters
        if h.name in before and h.name in now and before[h.name] != now[h.name]
    ]


def in_words(hyperparameter: Hyperparameter, value: Value) -> Words:
    """A switch stays a bool, for the page's own words."""
    return value if isinstance(value, bool) else hyperparameter.as_words(value)
