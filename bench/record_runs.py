"""Real trainings, recorded for the tests of the verdicts: settings, epochs and the numbers of the report.

`python -m bench.record_runs [kind ...]` trains each of RUNS (all kinds, without a name) as the worker does and writes one
small JSON file a run below tests/unit/jobs/verdict/runs/<kind>/. A kind is the verdict that the run must get.
"""

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from app.core.config import ROOT
from app.recipes.recipe import Value, all_recipes

RUNS_DIR = ROOT / "tests" / "unit" / "jobs" / "verdict" / "runs"
Settings = dict[str, Value]

_MLP: Settings = {"model": "mlp", "units": 64}
_FEW: Settings = {"train_size": 1000, "batch_size": 32}

RUNS: dict[str, list[tuple[str, Settings]]] = {
    "diverging": [
        ("line", {"learning_rate": 0.1}),
        ("line", {"learning_rate": 0.03, "epochs": 40}),
        ("line", {"learning_rate": 10.0, "epochs": 30}),
        ("line", {"learning_rate": 2.0, "standardise": True, "epochs": 60}),
        ("line", {"learning_rate": 1.1, "standardise": True, "epochs": 40}),
        ("tabular", {"table": "diabetes", "learning_rate": 1.0}),
        ("tabular", {"table": "diabetes", "model": "mlp", "learning_rate": 0.1}),
        ("tabular", {"table": "diabetes", "model": "mlp", "learning_rate": 0.5, "units": 64}),
        ("mnist-mlp", {"scale_pixels": False, "learning_rate": 1.0, **_FEW}),
        ("mnist-mlp", {"scale_pixels": False, "learning_rate": 10.0, **_FEW}),
    ],
    "dead-units": [
        ("mnist-mlp", {"learning_rate": 1.0, "epochs": 4, **_FEW}),
        ("mnist-mlp", {"learning_rate": 1.0, "epochs": 4, "seed": 2, **_FEW}),
        ("mnist-mlp", {"learning_rate": 1.5, "epochs": 4, **_FEW}),
        ("mnist-mlp", {"learning_rate": 2.0, "epochs": 4, **_FEW}),
        ("mnist-mlp", {"learning_rate": 3.0, "epochs": 4, **_FEW}),
        ("mnist-mlp", {"optimizer": "adam", "learning_rate": 0.1, "epochs": 4, **_FEW}),
        ("mnist-mlp", {"optimizer": "adam", "learning_rate": 0.1, "epochs": 4, "seed": 2, **_FEW}),
        ("mnist-mlp", {"optimizer": "momentum", "learning_rate": 0.5, "epochs": 4, **_FEW}),
        ("mnist-mlp", {"scale_pixels": False, "learning_rate": 0.1, "epochs": 4, **_FEW}),
        ("mnist-mlp", {"scale_pixels": False, "learning_rate": 0.01, "epochs": 4, **_FEW}),
    ],
    "one-class": [
        ("mnist-mlp", {"initializer": "zeros", "epochs": 4, "seed": 2, **_FEW}),
        ("mnist-mlp", {"initializer": "zeros", "epochs": 4, "seed": 3, **_FEW}),
        ("mnist-mlp", {"initializer": "zeros", "epochs": 4, "depth": 1, **_FEW}),
        ("mnist-mlp", {"initializer": "zeros", "epochs": 4, "depth": 3, **_FEW}),
        ("mnist-mlp", {"initializer": "zeros", "epochs": 4, "units": 16, **_FEW}),
        ("mnist-mlp", {"initializer": "zeros", "optimizer": "adam", "learning_rate": 0.001, "epochs": 4, **_FEW}),
        ("mnist-mlp", {"initializer": "zeros", "epochs": 4, **_FEW}),
        ("mnist-mlp", {"initializer": "zeros", "activation": "sigmoid", "epochs": 4, **_FEW}),
        ("mnist-mlp", {"initializer": "zeros", "activation": "tanh", "epochs": 4, **_FEW}),
        ("mnist-mlp", {"initializer": "zeros", "learning_rate": 0.01, "epochs": 4, **_FEW}),
    ],
    "small-rate": [
        ("mnist-linear", {"learning_rate": 0.00001, "train_size": 1000, "seed": 2}),
        ("mnist-linear", {"learning_rate": 0.00001, "train_size": 2000}),
        ("mnist-linear", {"learning_rate": 0.00005, "train_size": 1000}),
        ("mnist-linear", {"learning_rate": 0.0001, "train_size": 1000, "seed": 2}),
        ("mnist-linear", {"learning_rate": 0.00003, "train_size": 1000, "epochs": 8}),
        ("tabular", {"table": "iris", "learning_rate": 0.00001, "seed": 2}),
        ("mnist-linear", {"learning_rate": 0.00001, "train_size": 1000}),
        ("mnist-linear", {"learning_rate": 0.0001, "train_size": 1000}),
        ("mnist-linear", {"learning_rate": 0.00003, "train_size": 3000}),
        ("tabular", {"table": "iris", "learning_rate": 0.00001}),
    ],
    "overfitting": [
        ("toy-2d", {"shape": "moons", "dropout": 0.3, "epochs": 30, "seed": 3}),
        ("toy-2d", {"shape": "moons", "noise": 0.4, "points": 200, "units": 64, "depth": 3, "seed": 3}),
        ("tabular", {"table": "diabetes", "optimizer": "adam", "learning_rate": 0.01, "epochs": 100, "seed": 2, **_MLP}),
        ("tabular", {"table": "diabetes", "optimizer": "adam", "learning_rate": 0.03, "epochs": 60, "seed": 2, **_MLP}),
        ("tabular", {"optimizer": "adam", "learning_rate": 0.01, "epochs": 60, "seed": 2, **_MLP}),
        ("toy-2d", {"shape": "moons", "noise": 0.4, "points": 200, "units": 64, "depth": 3}),
        ("toy-2d", {"shape": "moons", "noise": 0.4, "points": 200, "units": 64, "depth": 3, "seed": 2}),
        ("tabular", {"table": "diabetes", "optimizer": "adam", "learning_rate": 0.01, "epochs": 100, **_MLP}),
        ("tabular", {"table": "diabetes", "optimizer": "adam", "learning_rate": 0.03, "epochs": 60, **_MLP}),
        ("tabular", {"optimizer": "adam", "learning_rate": 0.01, "epochs": 60, **_MLP}),
        ("mnist-mlp", {"optimizer": "adam", "learning_rate": 0.003, "train_size": 3000, "epochs": 20}),
    ],
    "few-examples": [
        ("mnist-mlp", {"train_size": 100, "epochs": 20, "batch_size": 16, "seed": 2}),
        ("mnist-mlp", {"train_size": 200, "epochs": 20, "batch_size": 16, "seed": 2}),
        ("mnist-mlp", {"train_size": 300, "epochs": 20, "batch_size": 16, "seed": 2}),
        ("mnist-mlp", {"train_size": 500, "epochs": 20, "batch_size": 16, "seed": 2}),
        ("mnist-mlp", {"train_size": 400, "epochs": 20, "batch_size": 16}),
        ("mnist-mlp", {"train_size": 150, "epochs": 20, "batch_size": 16}),
        ("mnist-mlp", {"train_size": 100, "epochs": 20, "batch_size": 16}),
        ("mnist-mlp", {"train_size": 200, "epochs": 20, "batch_size": 16}),
        ("mnist-mlp", {"train_size": 300, "epochs": 20, "batch_size": 16}),
        ("mnist-mlp", {"train_size": 500, "epochs": 20, "batch_size": 16}),
    ],
    "still-falling": [
        ("mnist-mlp", {"learning_rate": 0.01, "train_size": 2000, "epochs": 6}),
        ("mnist-mlp", {"learning_rate": 0.02, "train_size": 2000, "epochs": 5}),
        ("mnist-mlp", {"learning_rate": 0.05, "train_size": 2000, "epochs": 5, "activation": "tanh"}),
        ("mnist-linear", {"learning_rate": 0.01, "train_size": 2000, "epochs": 6}),
        ("toy-2d", {"shape": "moons", "epochs": 5}),
        ("tabular", {"learning_rate": 0.003, "epochs": 10}),
        ("tabular", {"threshold": 0.999, "learning_rate": 0.01, "epochs": 10}),
        ("tabular", {"threshold": 0.99, "epochs": 10}),
        ("tabular", {"threshold": 0.001, "epochs": 10}),
        ("tabular", {"table": "wine", "learning_rate": 0.01, "epochs": 10}),
        ("tabular", {"table": "iris", "epochs": 100}),
    ],
    "at-baseline": [
        ("toy-2d", {"shape": "circles", "depth": 0, "epochs": 12, "seed": 2}),
        ("toy-2d", {"shape": "circles", "depth": 0, "epochs": 12, "seed": 3}),
        ("toy-2d", {"shape": "xor", "depth": 0, "epochs": 12, "seed": 3}),
        ("toy-2d", {"shape": "circles", "activation": "linear", "epochs": 12, "seed": 2}),
        ("toy-2d", {"shape": "xor", "activation": "linear", "epochs": 12, "seed": 2}),
        ("toy-2d", {"shape": "circles", "depth": 0, "epochs": 12}),
        ("toy-2d", {"shape": "xor", "depth": 0, "epochs": 12}),
        ("toy-2d", {"shape": "circles", "activation": "linear", "epochs": 12}),
        ("toy-2d", {"shape": "xor", "activation": "linear", "epochs": 12}),
    ],
    "below-baseline": [
        ("line", {"learning_rate": 0.01, "standardise": True, "epochs": 30, "seed": 3}),
        ("line", {"learning_rate": 0.01, "standardise": True, "epochs": 15}),
        ("line", {"learning_rate": 0.005, "standardise": True, "epochs": 40}),
        ("line", {"learning_rate": 0.02, "standardise": True, "epochs": 10, "seed": 2}),
        ("line", {"learning_rate": 0.015, "standardise": True, "epochs": 15}),
        ("line", {"learning_rate": 0.01, "standardise": True, "epochs": 30}),
        ("line", {"learning_rate": 0.005, "standardise": True, "epochs": 60}),
        ("line", {"learning_rate": 0.02, "standardise": True, "epochs": 12}),
        ("line", {"learning_rate": 0.01, "standardise": True, "epochs": 20, "noise": 6.0}),
        ("line", {"learning_rate": 0.01, "standardise": True, "epochs": 25, "seed": 2}),
    ],
    "lucky-validation": [
        ("toy-2d", {"shape": "moons", "dropout": 0.3, "epochs": 30, "seed": 2}),
        ("toy-2d", {"shape": "circles", "dropout": 0.3, "epochs": 30, "seed": 2}),
        ("toy-2d", {"shape": "xor", "dropout": 0.3, "epochs": 30, "seed": 2}),
        ("toy-2d", {"shape": "circles", "dropout": 0.3, "epochs": 30, "seed": 3}),
        ("toy-2d", {"shape": "xor", "dropout": 0.4, "epochs": 30}),
        ("toy-2d", {"shape": "circles", "dropout": 0.4, "epochs": 30}),
        ("toy-2d", {"shape": "moons", "dropout": 0.3, "epochs": 30}),
        ("toy-2d", {"shape": "circles", "dropout": 0.3, "epochs": 30}),
        ("toy-2d", {"shape": "xor", "dropout": 0.3, "epochs": 30}),
    ],
    "healthy": [
        ("line", {}),
        ("line", {"standardise": True, "learning_rate": 0.1}),
        ("line", {"standardise": True, "learning_rate": 0.1, "noise": 6.0, "seed": 2}),
        ("tabular", {"epochs": 60}),
        ("tabular", {"table": "diabetes", "learning_rate": 0.01, "epochs": 60}),
        ("tabular", {"table": "diabetes", "learning_rate": 0.02, "epochs": 60, "seed": 2}),
        ("toy-2d", {"shape": "moons", "noise": 0.2, "points": 2000, "epochs": 30}),
        ("toy-2d", {"shape": "circles", "noise": 0.2, "points": 2000, "epochs": 40}),
        ("toy-2d", {"shape": "circles", "epochs": 10}),
        ("toy-2d", {"shape": "moons", "depth": 0, "points": 1000, "epochs": 60}),
        ("toy-2d", {"shape": "xor", "noise": 0.1, "points": 2000, "epochs": 60}),
        ("mnist-linear", {"train_size": 10000, "epochs": 10}),
        ("mnist-linear", {"train_size": 5000, "epochs": 10, "seed": 2}),
        ("mnist-mlp", {"train_size": 10000, "epochs": 6, "learning_rate": 0.1}),
    ],
    # Too little evidence for any: a small test set, jumping curves, wrong labels in the training set alone, few epochs.
    "none": [
        # A straight line through four quarters that is a little above chance, with this seed.
        ("toy-2d", {"shape": "xor", "depth": 0, "epochs": 12, "seed": 2}),
        ("tabular", {"table": "wine", "epochs": 30}),
        ("toy-2d", {"shape": "xor", "noise": 0.2, "flipped": 0.2, "points": 300, "units": 64, "depth": 3}),
        ("toy-2d", {"shape": "moons", "flipped": 0.3, "points": 500, "units": 128, "depth": 3, "epochs": 60}),
        ("mnist-mlp", {"optimizer": "adam", "learning_rate": 0.003, "train_size": 5000, "units": 128, "epochs": 20}),
        ("tabular", {"table": "iris", "learning_rate": 0.01, "epochs": 20}),
    ],
}  # fmt: skip


def main(kinds: list[str]) -> None:
    # Before TensorFlow is loaded: its messages would break up the list.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    for kind in kinds or RUNS:
        folder = RUNS_DIR / kind
        folder.mkdir(parents=True, exist_ok=True)
        for path in set(folder.glob("*.json")) - {path_of(folder, *run) for run in RUNS[kind]}:
            path.unlink()
        for recipe, changes in RUNS[kind]:
            print(write(folder, recipe, changes).relative_to(ROOT), flush=True)


def write(folder: Path, recipe: str, changes: Settings) -> Path:
    path = path_of(folder, recipe, changes)
    path.write_text(as_text(record(recipe, changes)), encoding="utf-8")
    return path


def path_of(folder: Path, recipe: str, changes: Settings) -> Path:
    parts = [recipe, *(f"{name}-{value}" for name, value in changes.items())]
    return folder / f"{'_'.join(parts).lower()}.json"


def record(slug: str, changes: Settings) -> dict[str, Any]:
    """Train without exporting the model, and keep what a verdict reads."""
    import keras

    from worker.channel import ConsoleChannel, JobSpec
    from worker.determinism import make_deterministic
    from worker.recipes import Recipe, load_recipe
    from worker.runner import complete_report, fit

    settings = all_recipes()[slug].check_values({**all_recipes()[slug].defaults, **changes})
    make_deterministic(int(settings["seed"]))
    recipe, channel = load_recipe(slug), ConsoleChannel(JobSpec("run", 1, slug, dict(settings)))
    data = recipe.load(settings)
    model = recipe.build(data, settings)
    recipe.compile(model, settings)
    model.jit_compile = False
    # Without what it draws after each epoch.
    progress = fit(channel, cast(Recipe, SimpleNamespace()), model, data, dict(settings))
    report = complete_report(recipe.evaluate(model, data, settings), model, progress, {})
    keras.backend.clear_session()
    return {
        "recipe": slug,
        "settings": settings,
        "report": {
            name: report.get(name)
            for name in ("kind", "outcome", "metrics", "classes", "confusion", "dead_units")
        },
        # (loss, validation loss) of each.
        "epochs": [[each.metrics["loss"], each.metrics["val_loss"]] for each in channel.epochs],
    }


def as_text(run: dict[str, Any]) -> str:
    """Six significant digits."""
    parts = [f'"{name}": {json.dumps(rounded(value))}' for name, value in run.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: rounded(each) for name, each in value.items()}
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


if __name__ == "__main__":
    main(sys.argv[1:])
