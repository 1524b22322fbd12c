"""The cost of live metrics and checkpoints: a job's `fit` compared with a plain `fit` of the same recipe.

    python -m bench.live_job [recipe] [--pairs 30] [--set epochs=1 --set train_size=20000]

Both sides train a model of the same recipe and settings on the same batches (`worker.determinism.training_batches`:
shuffled by seed and epoch), with the same validation set and deterministic operations. The plain side is
`model.fit(batches, ..., verbose=0)` without callbacks. The live side is `worker.runner.fit`: points twice a second
through the writer thread, a record with a checkpoint after each epoch, and a check of `should_stop` before each batch.
Its channel keeps everything in memory, so the time of Redis and of the database is not included.

Each side's model is compiled and run once beforehand, so that tracing is not measured. Then the
two sides alternate, every pair starting with the other one. Printed is the median of the pairs' ratios, for wall time
and for the process's CPU time, with the interquartile range: other load on the machine disturbs single pairs.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

from bench.progress import told
from worker import runner
from worker.channel import ConsoleChannel, JobSpec
from worker.determinism import make_deterministic, training_batches
from worker.kit.data import Data
from worker.recipes import Recipe, default_hyperparameters, load_recipe


def new_model(recipe: Recipe, data: Data, hyperparameters: dict[str, Any]) -> keras.Model:
    make_deterministic(hyperparameters["seed"])
    model = recipe.build(data, hyperparameters)
    recipe.compile(model, hyperparameters)
    model.jit_compile = False
    return model


def plain_fit(model: keras.Model, data: Data, hyperparameters: dict[str, Any]) -> None:
    batch_size, epochs = min(hyperparameters["batch_size"], len(data.x_train)), hyperparameters["epochs"]
    model.fit(
        training_batches(data, batch_size, seed=hyperparameters["seed"], epochs=epochs),
        shuffle=False,
        epochs=epochs,
        steps_per_epoch=-(-len(data.x_train) // batch_size),
        validation_data=(data.x_val, data.y_val),
        validation_batch_size=512,
        verbose=0,
    )


def live_fit(
    slug: str, recipe: Recipe, model: keras.Model, data: Data, hyperparameters: dict[str, Any]
) -> None:
    channel = ConsoleChannel(JobSpec("bench", 1, slug, hyperparameters))
    runner.fit(channel, recipe, model, data, hyperparameters)
    assert len(channel.epochs) == hyperparameters["epochs"]


def timed(function: Callable[[], None]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    function()
    return time.perf_counter() - wall, time.process_time() - cpu


def alternate(sides: dict[str, Callable[[], None]], pairs: int) -> dict[str, list[tuple[float, float]]]:
    for side in sides.values():
        side()
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
    for pair in told(range(pairs), "pair"):
        for name in list(sides) if pair % 2 else list(sides)[::-1]:
            times[name].append(timed(sides[name]))
    return times


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recipe", nargs="?", default="mnist-cnn")
    parser.add_argument("--pairs", type=int, default=30)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=INTEGER")
    options = parser.parse_args()
    overrides = {name: int(value) for name, value in (item.split("=") for item in options.set)}
    hyperparameters = default_hyperparameters(options.recipe, **overrides)
    recipe = load_recipe(options.recipe)
    data = recipe.load(hyperparameters)
    plain_model, live_model = (new_model(recipe, data, hyperparameters) for _ in range(2))
    times = alternate(
        {
            "plain": lambda: plain_fit(plain_model, data, hyperparameters),
            "live": lambda: live_fit(options.recipe, recipe, live_model, data, hyperparameters),
        },
        options.pairs,
    )
    for number, kind in enumerate(("wall", "cpu")):
        plain = [time[number] for time in times["plain"]]
        ratios = [live[number] / base for live, base in zip(times["live"], plain, strict=True)]
        low, median, high = statistics.quantiles(ratios, n=4)
        print(
            f"{options.recipe} {kind}: live/plain {median:.3f} (middle half {low:.3f}-{high:.3f}, "
            f"{options.pairs} pairs; plain {statistics.median(plain):.2f} s)"
        )


if __name__ == "__main__":
    main()
