"""What each lab of the bundled course gives with three seeds: the figures that the lessons state.

`python -m bench.lab_ranges [lesson ...]` trains every lab of the named lessons (all, without a name) with its starting
values, with the settings that reach its goal, and with whatever else its text speaks of, through the worker's own
`train`, and prints the Markdown table of docs/lessons.md. Nothing here is shown to a student.
"""

import os
import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from app.core.config import ROOT
from app.labs.goals import goal_reached
from app.labs.service import starting_values
from app.labs.sources import LabSource
from app.publishing.sources import parse_lesson
from app.recipes.recipe import Value, all_recipes

COURSE = ROOT / "content" / "deep-learning"
SEEDS = (1, 2, 3)

# What to change in a lab's starting values to reach its goal; nothing, where they reach it.
SOLUTIONS: dict[tuple[str, str], dict[str, Value]] = {
    ("00-opening", "first-job"): {},
    ("01-learning-from-data", "beat-majority"): {"learning_rate": 0.001, "epochs": 200},
    ("02-tensors", "ten-templates"): {"train_size": 5000, "epochs": 15},
    ("03-slopes-surprise", "one-step"): {"learning_rate": 0.01},
    ("04-linear-regression", "explode"): {"learning_rate": 0.029},
    ("04-linear-regression", "mend"): {"learning_rate": 0.01},
    ("05-neuron-activation", "bend-it"): {"activation": "relu"},
    ("06-softmax-loss", "first-loss"): {"initializer": "zeros"},
    ("07-backprop", "vanish"): {"activation": "relu"},
    ("07-backprop", "all-zero"): {"activation": "sigmoid", "optimizer": "adam", "learning_rate": 0.01},
    ("08-optimizers", "find-rate"): {"learning_rate": 0.1},
    ("08-optimizers", "small-rate"): {"optimizer": "momentum"},
    ("11-cnn", "first-cnn"): {"filters": 8},
}

# Other settings that a lesson's text states figures for.
FURTHER: dict[tuple[str, str], list[dict[str, Value]]] = {
    ("00-opening", "first-job"): [{"epochs": 1}],
    ("01-learning-from-data", "beat-majority"): [
        {"learning_rate": 0.001},
        {"learning_rate": 0.001, "epochs": 80},
    ],
    ("02-tensors", "ten-templates"): [
        {"train_size": 1000},
        {"train_size": 55000},
        {"train_size": 1000, "epochs": 30},
    ],
    ("03-slopes-surprise", "one-step"): [{"learning_rate": 0.001}],
    ("04-linear-regression", "explode"): [{"learning_rate": rate} for rate in (0.01, 0.02, 0.028, 0.1)],
    ("04-linear-regression", "mend"): [
        {"standardise": True, "learning_rate": rate} for rate in (0.03, 0.1, 0.5, 1.0, 1.1)
    ],
    ("05-neuron-activation", "bend-it"): [
        {"depth": 0},
        {"activation": "relu", "units": 2},
        {"activation": "relu", "units": 2, "depth": 3},
    ],
    ("07-backprop", "vanish"): [{"activation": "tanh"}, {"depth": 3}],
    ("08-optimizers", "find-rate"): [
        *({"learning_rate": rate} for rate in (0.001, 0.3, 1.0, 3.0)),
        {"learning_rate": 0.1, "scale_pixels": False},
        {"learning_rate": 0.1, "batch_size": 1024},
        {"learning_rate": 0.1, "batch_size": 1},
        {"learning_rate": 0.003, "batch_size": 1},
    ],
    ("08-optimizers", "small-rate"): [
        {"optimizer": "adam", "learning_rate": 0.001},
        {"optimizer": "adam"},
        {"optimizer": "adam", "learning_rate": 0.1},
    ],
    ("11-cnn", "first-cnn"): [{"filters": filters} for filters in (4, 2, 1)],
}

# What the table shows of each recipe's report; `first_epoch_loss` is the first epoch's mean training loss.
METRICS = {
    "line": ["train_loss"],
    "tabular": ["test_accuracy"],
    "toy-2d": ["test_accuracy", "train_loss"],
    "mnist-linear": ["initial_loss", "train_accuracy", "test_accuracy"],
    "mnist-mlp": ["initial_loss", "first_epoch_loss", "train_loss", "test_accuracy"],
    "mnist-cnn": ["test_accuracy"],
}


@dataclass(frozen=True)
class Run:
    """A finished training of a lab."""

    outcome: str
    metrics: dict[str, float | None]
    goal_reached: bool
    epochs: int
    seconds: float


def main(lessons: list[str]) -> None:
    print("| lesson | lab | settings | three seeds gave | goal | slowest, s |")
    print("|---|---|---|---|---|---:|")
    for lesson, lab in all_labs():
        if lessons and lesson not in lessons:
            continue
        for changes in settings_of(lesson, lab):
            runs = [train_lab(lab, {**changes, "seed": seed}) for seed in SEEDS]
            print(row(lesson, lab, changes, runs), flush=True)


def all_labs() -> Iterator[tuple[str, LabSource]]:
    """Every lab of the course in reading order, with its lesson's folder name."""
    course = tomllib.loads((COURSE / "course.toml").read_text(encoding="utf-8"))
    for lesson in (name for module in course["modules"] for name in module["lessons"]):
        source = parse_lesson((COURSE / lesson / "lesson.toml").read_text(encoding="utf-8"))
        yield from ((lesson, lab) for lab in source.labs)


def settings_of(lesson: str, lab: LabSource) -> list[dict[str, Value]]:
    """The changes to train with: none, those that reach the goal, and the further ones of the text."""
    solution = SOLUTIONS[lesson, lab.key]
    return [{}, *([solution] if solution else []), *FURTHER.get((lesson, lab.key), [])]


def train_lab(lab: LabSource, changes: dict[str, Value]) -> Run:
    """Train a lab's recipe with its starting values, changed."""
    recipe = all_recipes()[lab.recipe]
    hyperparameters = recipe.check_values({**starting_values(recipe, lab.model_dump()), **changes})
    report, epochs, seconds = _trained(lab.recipe, tuple(sorted(hyperparameters.items())))
    return Run(
        outcome=report["outcome"],
        metrics=report["metrics"],
        goal_reached=goal_reached(lab.model_dump(), hyperparameters, report),
        epochs=epochs,
        seconds=seconds,
    )


@cache
def _trained(recipe: str, settings: tuple[tuple[str, Value], ...]) -> tuple[dict[str, Any], int, float]:
    """The report, number of epochs and seconds of a training as the worker does it, without server or database.

    Kept, as some labs start alike.
    """
    # Before TensorFlow is loaded: its notes would split the table.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    from worker.channel import ConsoleChannel, JobSpec
    from worker.runner import train

    channel = ConsoleChannel(JobSpec(id="lab", attempt=1, recipe=recipe, hyperparameters=dict(settings)))
    begun = time.perf_counter()
    train(channel)
    seconds = time.perf_counter() - begun
    keras.backend.clear_session()
    report = channel.report or {}
    report["metrics"]["first_epoch_loss"] = channel.epochs[0].metrics["loss"]
    return report, len(channel.epochs), seconds


def row(lesson: str, lab: LabSource, changes: dict[str, Value], runs: list[Run]) -> str:
    settings = ", ".join(f"{name} {value}" for name, value in changes.items()) or "as it stands"
    measured = "; ".join(
        f"{name} {span([run.metrics[name] for run in runs])}" for name in METRICS[lab.recipe]
    )
    diverged = [run for run in runs if run.outcome == "diverged"]
    if diverged:
        measured += f"; diverged {len(diverged)} of {len(runs)}, after epoch {diverged[0].epochs}"
    goal = f"{sum(run.goal_reached for run in runs)} of {len(runs)}" if lab.goal else "none"
    slowest = max(run.seconds for run in runs)
    return f"| {lesson} | {lab.key} | {settings} | {measured} | {goal} | {slowest:.0f} |"


def span(values: list[float | None]) -> str:
    """`0.926–0.936`, or one number where the seeds agree in all digits shown."""
    finite = [value for value in values if value is not None]
    if not finite:
        return "not finite"
    low, high = shown(min(finite)), shown(max(finite))
    text = low if low == high else f"{low}–{high}"
    return text if len(finite) == len(values) else f"{text} or not finite"


def shown(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:.3g}"
    return f"{value:.4f}" if abs(value) < 10 else f"{value:.2f}"


if __name__ == "__main__":
    main(sys.argv[1:])
