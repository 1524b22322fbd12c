"""The results of each lab of the bundled course with three seeds, which the lessons quote.

`python -m bench.lab_ranges [lesson ...]` trains every lab of the named lessons (all, without a name) with its starting
values, with the settings that reach its goal, and with the others its text mentions, through the worker's own
`train`, and prints the Markdown table of docs/lessons.md, and at the end which goal is missed with its solution, or reached
without, and which lab does not fail as it is meant to. Nothing here is shown to students.
"""

import sys
from collections.abc import Sequence

from app.core.config import ROOT
from app.labs.sources import LabSource
from app.recipes.recipe import Value
from worker.trials import Trial, labs_of, train_lab

COURSE = ROOT / "content" / "deep-learning"
SEEDS = (1, 2, 3)

# What the table shows of each recipe's report; `first_epoch_loss` is the first epoch's mean training loss.
METRICS = {
    "line": ["train_loss"],
    "tabular": ["test_accuracy", "val_recall", "val_precision", "test_recall", "test_precision", "test_f1"],
    "toy-2d": ["test_accuracy", "train_loss"],
    "mnist-linear": ["initial_loss", "train_accuracy", "test_accuracy"],
    "mnist-mlp": ["initial_loss", "first_epoch_loss", "train_loss", "test_accuracy"],
    "mnist-cnn": ["test_accuracy"],
    "fashion-cnn": ["train_accuracy", "test_accuracy"],
    "image-finetune": ["train_accuracy", "test_accuracy"],
    "text-classification": ["train_accuracy", "test_accuracy"],
    "tiny-gpt": ["val_loss", "test_loss", "bigram_loss", "proper_share"],
}


def main(lessons: list[str]) -> None:
    print("| lesson | lab | settings | three seeds gave | goal | slowest, s |")
    print("|---|---|---|---|---|---:|")
    faults = []
    for lesson, lab in labs_of(COURSE):
        if lessons and lesson not in lessons:
            continue
        for changes in settings_of(lab):
            # A lab may be about the seed itself.
            runs = [train_lab(lab, {"seed": seed, **changes}) for seed in SEEDS]
            print(row(lesson, lab, changes, runs), flush=True)
            # The first seed is that of the lab's form.
            if lab.fails_as == "diverged" and not changes and runs[0].outcome != "diverged":
                faults.append(f"{lesson} {lab.key}: does not diverge as it stands")
            if (
                lab.goal
                and changes in ({}, lab.solution)
                and runs[0].goal_reached != (changes == lab.solution)
            ):
                faults.append(f"{lesson} {lab.key}: goal {'missed' if changes else 'reached as it stands'}")
    if faults:
        raise SystemExit("\n".join(faults))


def settings_of(lab: LabSource) -> list[dict[str, Value]]:
    """The changes to train with: none, those that reach the goal, and the others that the lesson quotes results for."""
    wanted = [{}, lab.solution, *(part.when for part in lab.ranges), *lab.also_measured]
    return [changes for number, changes in enumerate(wanted) if changes not in wanted[:number]]


def row(lesson: str, lab: LabSource, changes: dict[str, Value], runs: list[Trial]) -> str:
    settings = ", ".join(f"{name} {value}" for name, value in changes.items()) or "as it stands"
    names = METRICS.get(lab.recipe, ["train_loss"])
    aims = [part.metric for part in lab.goal.conditions if part.metric] if lab.goal else []
    measured = "; ".join(
        f"{name} {span([run.metrics[name] for run in runs])}" for name in dict.fromkeys([*names, *aims])
    )
    diverged = [run for run in runs if run.outcome == "diverged"]
    if diverged:
        measured += f"; diverged {len(diverged)} of {len(runs)}, after epoch {diverged[0].epochs}"
    goal = f"{sum(run.goal_reached for run in runs)} of {len(runs)}" if lab.goal else "none"
    slowest = max(run.seconds for run in runs)
    return f"| {lesson} | {lab.key} | {settings} | {measured} | {goal} | {slowest:.0f} |"


def span(values: Sequence[float | None]) -> str:
    """`0.926–0.936`, or one number if the seeds agree in all digits shown."""
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
