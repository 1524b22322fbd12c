"""What live metrics and checkpoints cost: a job's `fit` against a plain `fit` of the same recipe.

    python bench/live_job.py [recipe] [--pairs 5] [--set epochs=3 --set train_size=20000]

Both sides train a fresh model of the same recipe, from the same seed, on the same batches
(`worker.determinism.training_batches`), with the same validation set and deterministic operations. The plain side is
`model.fit(batches, ..., verbose=0)` without callbacks; the live side is `worker.runner.fit`: points twice a second
through the writer thread, a record with a checkpoint after each epoch, and a look at `should_stop` before each batch.
Its channel keeps everything in memory, so the time of Redis and the database is not part of this figure.

The two sides alternate, and each pair starts with the other one. Printed are the medians of wall time and of the
process's CPU time; on a machine that does other work, the CPU time is the steadier of the two.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

from worker import runner
from worker.channel import ConsoleChannel, JobSpec
from worker.data import Data
from worker.determinism import make_deterministic, training_batches
from worker.recipes import default_hyperparameters, load_recipe


def new_model(recipe, data: Data, hyperparameters: dict) -> keras.Model:
    make_deterministic(hyperparameters["seed"])
    model = recipe.build(data, hyperparameters)
    recipe.compile(model, hyperparameters)
    model.jit_compile = False
    return model


def plain_fit(recipe, data: Data, hyperparameters: dict) -> None:
    model = new_model(recipe, data, hyperparameters)
    batch_size, epochs = hyperparameters["batch_size"], hyperparameters["epochs"]
    model.fit(
        training_batches(data, batch_size, seed=hyperparameters["seed"], epochs=epochs),
        shuffle=False,
        epochs=epochs,
        steps_per_epoch=-(-len(data.x_train) // batch_size),
        validation_data=(data.x_val, data.y_val),
        validation_batch_size=512,
        verbose=0,
    )


def live_fit(recipe, data: Data, hyperparameters: dict, slug: str) -> None:
    channel = ConsoleChannel(JobSpec("bench", 1, slug, hyperparameters))
    runner.fit(channel, recipe, new_model(recipe, data, hyperparameters), data, hyperparameters)
    assert len(channel.epochs) == hyperparameters["epochs"]


def timed(function: Callable[[], None]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    function()
    return time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recipe", nargs="?", default="mnist-cnn")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=INTEGER")
    options = parser.parse_args()
    overrides = {name: int(value) for name, value in (item.split("=") for item in options.set)}
    hyperparameters = default_hyperparameters(options.recipe, **overrides)
    recipe = load_recipe(options.recipe)
    data = recipe.load(hyperparameters)
    sides = {
        "plain": lambda: plain_fit(recipe, data, hyperparameters),
        "live": lambda: live_fit(recipe, data, hyperparameters, options.recipe),
    }
    for side in sides.values():  # both once, unmeasured: the first one pays for TensorFlow's start
        side()
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
    for pair in range(options.pairs):
        for name in list(sides) if pair % 2 else list(sides)[::-1]:
            times[name].append(timed(sides[name]))
    for number, kind in enumerate(("wall", "cpu")):
        medians = {name: statistics.median(time[number] for time in times[name]) for name in sides}
        ratios = [
            live[number] / plain[number] for live, plain in zip(times["live"], times["plain"], strict=True)
        ]
        print(
            f"{options.recipe} {kind}: plain {medians['plain']:.2f} s, live {medians['live']:.2f} s, "
            f"live/plain {medians['live'] / medians['plain']:.3f} (pairs {min(ratios):.3f}-{max(ratios):.3f})"
        )


if __name__ == "__main__":
    main()
