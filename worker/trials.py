"""Labs of a course's folder, trained without server or database: for the course's tests, and for the results that lessons quote."""

import os
import time
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from app.labs.goals import goal_reached
from app.labs.service import starting_values
from app.labs.sources import LabSource
from app.publishing.sources import parse_lesson
from app.recipes.recipe import Value, all_recipes

# Seconds, by the recipe's own figure.
LONG = 20


@dataclass(frozen=True)
class Trial:
    """A finished training of a lab."""

    outcome: str
    metrics: dict[str, float | None]
    goal_reached: bool
    epochs: int
    seconds: float


def labs_of(course: Path) -> Iterator[tuple[str, LabSource]]:
    """Every lab of a course in reading order, with its lesson's folder name."""
    listed = tomllib.loads((course / "course.toml").read_text(encoding="utf-8"))
    for lesson in (name for module in listed["modules"] for name in module["lessons"]):
        source = parse_lesson((course / lesson / "lesson.toml").read_text(encoding="utf-8"))
        yield from ((lesson, lab) for lab in source.labs)


def is_long(lab: LabSource) -> bool:
    """Whether its recipe takes 20 seconds or more: such a lab is trained in full by bench/lab_ranges.py, not by the tests."""
    return all_recipes()[lab.recipe].estimate.seconds >= LONG


def train_lab(lab: LabSource, changes: Mapping[str, Value], *, sample: int | None = None) -> Trial:
    """Train a lab's recipe with its starting values, changed; with a `sample`, on so many examples of each set alone."""
    recipe = all_recipes()[lab.recipe]
    hyperparameters = recipe.check_values({**starting_values(recipe, lab.model_dump()), **changes})
    report, epochs, seconds = _trained(lab.recipe, tuple(sorted(hyperparameters.items())), sample)
    return Trial(
        outcome=report["outcome"],
        metrics=report["metrics"],
        goal_reached=goal_reached(lab.model_dump(), hyperparameters, report),
        epochs=epochs,
        seconds=seconds,
    )


@cache
def _trained(
    recipe: str, settings: tuple[tuple[str, Value], ...], sample: int | None
) -> tuple[dict[str, Any], int, float]:
    """The report, number of epochs and seconds of a training as the worker does it. Cached, as some labs start alike."""
    # Before TensorFlow is loaded: its messages would break up the table.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    from worker.channel import ConsoleChannel, JobSpec
    from worker.runner import train

    channel = ConsoleChannel(JobSpec(id="lab", attempt=1, recipe=recipe, hyperparameters=dict(settings)))
    begun = time.perf_counter()
    train(channel, sample=sample)
    seconds = time.perf_counter() - begun
    keras.backend.clear_session()
    report = channel.report or {}
    report["metrics"]["first_epoch_loss"] = channel.epochs[0].metrics["loss"]
    return report, len(channel.epochs), seconds
