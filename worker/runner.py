"""One job, from its data to its report. Runs in a child process that trains only this job.

`train` uses only its `Channel`: it knows neither the database nor Redis nor the file store.
"""

import importlib.metadata
import os
import platform
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from worker.callbacks import EpochEnd, LiveMetrics, Plan, describe
from worker.channel import Channel, Hyperparameters, TrainingCancelled
from worker.checkpoint import Progress, restore_checkpoint
from worker.determinism import make_deterministic, training_batches, validation_batches, weights_sha256
from worker.export import keras_bytes, tflite_bytes, with_float16_weights
from worker.kept_features import kept_features
from worker.kit.data import Data
from worker.kit.reports import Report
from worker.notebook import notebook_bytes
from worker.recipes import Recipe, load_recipe, read_description, typed_hyperparameters
from worker.start import FILE as START_FILE
from worker.start import take_over

# A final loss this many times above the initial one counts as diverged, although still finite.
EXPLODED = 10


class Stopwatch:
    """Seconds of each phase of the job, for its report."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> float:
        now = time.perf_counter()
        self.seconds[name], self._last = round(now - self._last, 3), now
        return self.seconds[name]


def train(channel: Channel, *, sample: int | None = None) -> None:
    """Load, build, (resume,) fit, evaluate, export, report.

    `sample` limits the examples of each set, for tests.

    Raises:
        TrainingCancelled: when the channel asked to stop.
        AttemptSuperseded: from the channel, when another attempt owns the job.
        StartError: when the weights that it starts from are gone, or do not fit.
    """
    recipe = load_recipe(channel.spec.recipe)
    hyperparameters = typed_hyperparameters(channel.spec.recipe, channel.spec.hyperparameters)
    make_deterministic(int(hyperparameters["seed"]))

    channel.phase("preparing")
    watch = Stopwatch()
    data = recipe.load(hyperparameters)
    if sample is not None:
        data = data.first(sample)
    channel.log(describe_data(data))
    watch.lap("load")

    model, start = built(channel, recipe, data, hyperparameters)
    learning, examples = what_learns(recipe, model, data, hyperparameters)
    progress = fit(channel, recipe, learning, examples, hyperparameters)
    watch.lap("fit")

    channel.phase("evaluating")
    stop_if_asked(channel)
    report = recipe.evaluate(learning, examples, hyperparameters)
    channel.log(f"Evaluated in {watch.lap('evaluate'):.1f} s: {describe_metrics(report['metrics'])}")

    stop_if_asked(channel)
    exported = getattr(recipe, "exported", lambda model: model)
    files = (
        report.pop("files", {}) | parts_for_browser(recipe, model) | ({START_FILE: start} if start else {})
    )
    publish(channel, model, exported(model), hyperparameters, files)
    channel.log(f"Exported in {watch.lap('export'):.1f} s")

    # A resumed job's fit includes the epochs of its earlier attempts.
    watch.seconds["fit"] = round(progress.fit_seconds, 3)
    channel.succeed(complete_report(report, model, progress, watch.seconds))


def built(
    channel: Channel, recipe: Recipe, data: Data, hyperparameters: Hyperparameters
) -> tuple[keras.Model, bytes | None]:
    """The compiled model, and the file of weights that it starts from, if it does not start from scratch. Raises StartError."""
    model = recipe.build(data, hyperparameters)
    start = take_over(channel, model)
    recipe.compile(model, hyperparameters)
    model.jit_compile = False  # slower than without it on a CPU
    channel.log(f"Model built: {model.count_params():,} parameters")
    return model, start


def what_learns(
    recipe: Recipe, model: keras.Model, data: Data, hyperparameters: Hyperparameters
) -> tuple[keras.Model, Data]:
    """The model itself, or the part of it behind the frozen layers, with what these make of the examples."""
    split = getattr(recipe, "split", None)
    if split is None:
        return model, data
    frozen, learning = split(model, data, hyperparameters)
    recipe.compile(learning, hyperparameters)
    learning.jit_compile = False
    # The whole never takes a step, but its file can only be read with an optimizer that has been built.
    model.optimizer.build(model.trainable_variables)
    return learning, kept_features(frozen, data, intra_op_threads())


def fit(
    channel: Channel, recipe: Recipe, model: keras.Model, data: Data, hyperparameters: Hyperparameters
) -> Progress:
    """Train from the last checkpoint (or from the start) to the last epoch."""
    progress = resume(channel, model)
    plan = Plan(
        examples=len(data.x_train),
        batch_size=min(int(hyperparameters["batch_size"]), len(data.x_train)),
        epochs=int(hyperparameters["epochs"]),
        initial_epoch=progress.epoch,
    )
    channel.phase("training", epochs=plan.epochs, steps_per_epoch=plan.steps_per_epoch)
    if progress.diverged or progress.epoch >= plan.epochs:
        return progress

    batches = training_batches(
        data,
        plan.batch_size,
        seed=int(hyperparameters["seed"]),
        epochs=plan.epochs,
        initial_epoch=progress.epoch,
    )
    validation, validation_steps = validation_batches(data)
    create_variables(model, data)
    live = LiveMetrics(channel, plan)
    epoch_end = EpochEnd(channel, live, progress, extra_of_epoch(recipe, model, data, hyperparameters))
    try:
        model.fit(
            batches,
            shuffle=False,  # the batches already are
            epochs=plan.epochs,
            initial_epoch=progress.epoch,
            steps_per_epoch=plan.steps_per_epoch,
            validation_data=validation,
            validation_steps=validation_steps,
            callbacks=[live, epoch_end],
            verbose=0,
        )
    finally:
        live.close()
    if epoch_end.progress.diverged:
        channel.log(
            "The loss is no longer a finite number: training ends here. A smaller learning rate may help."
        )
    return epoch_end.progress


def create_variables(model: keras.Model, data: Data) -> None:
    """Create the optimizer's and the metrics' variables before the first step.

    TensorFlow traces a function twice when its first call creates variables; tracing the step once brings the first point sooner.
    """
    model.optimizer.build(model.trainable_variables)
    x, y = data.x_train[:1], data.y_train[:1]
    # Not as in training: augmentation would draw its first numbers.
    model.compute_metrics(x, y, model(x, training=False))
    model.reset_metrics()


def resume(channel: Channel, model: keras.Model) -> Progress:
    latest = channel.latest_checkpoint()
    if latest is None:
        return Progress()
    progress = restore_checkpoint(model, latest[1])
    channel.log(f"Resumed after epoch {progress.epoch}")
    return progress


def extra_of_epoch(
    recipe: Recipe, model: keras.Model, data: Data, hyperparameters: Hyperparameters
) -> Callable[[], dict[str, Any]]:
    """The recipe's optional `extra_of_epoch` with its arguments filled in."""
    function = getattr(recipe, "extra_of_epoch", None)
    return partial(function, model, data, hyperparameters) if function else dict


def parts_for_browser(recipe: Recipe, model: keras.Model) -> dict[str, bytes]:
    """The recipe's optional `parts`, each as a file."""
    parts = getattr(recipe, "parts", None)
    return {f"{name}.tflite": tflite_bytes(part) for name, part in parts(model).items()} if parts else {}


def publish(
    channel: Channel,
    model: keras.Model,
    for_browser: keras.Model,
    hyperparameters: Hyperparameters,
    files: Mapping[str, bytes],
) -> None:
    """`files` are a recipe's own, by name: what its try-out needs besides the model."""
    channel.publish("model.keras", keras_bytes(model))
    tflite = tflite_bytes(for_browser)
    channel.publish("model.tflite", tflite)
    channel.publish("model-float16.tflite", with_float16_weights(tflite))
    notebook = notebook_bytes(
        channel.spec.recipe, hyperparameters, intra_op_threads(), weights_sha256(model), channel.spec.start
    )
    channel.publish("notebook.ipynb", notebook)
    for name, content in files.items():
        channel.publish(name, content)
    if dataset := read_description(channel.spec.recipe).get("dataset"):
        channel.keep_data(dataset)


def complete_report(
    report: Report, model: keras.Model, progress: Progress, seconds: dict[str, float]
) -> Report:
    """Add to a recipe's report what every report has."""
    lines: list[str] = []
    model.summary(print_fn=lines.append)
    parameters = model.count_params()
    return report | {
        "outcome": outcome(progress),
        "metrics": report["metrics"] | {"initial_loss": progress.initial_loss, "parameters": parameters},
        "parameters": parameters,
        "summary": "\n".join(lines),
        "weights_sha256": weights_sha256(model),
        "versions": versions(),
        "threads": intra_op_threads(),
        "seconds": seconds,
    }


def outcome(progress: Progress) -> str:
    """Diverged: the loss became non-finite, or ended ten times above the initial one."""
    if progress.diverged or progress.final_loss is None:
        return "diverged"
    if progress.initial_loss is not None and progress.final_loss > EXPLODED * progress.initial_loss:
        return "diverged"
    return "completed"


def intra_op_threads() -> int:
    """TensorFlow's intra-op threads. The last bits of the weights depend on their number."""
    return tf.config.threading.get_intra_op_parallelism_threads() or os.cpu_count() or 1


def versions() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
        "sophora": importlib.metadata.version("sophora"),
    }


def stop_if_asked(channel: Channel) -> None:
    if channel.should_stop():
        raise TrainingCancelled


def describe_data(data: Data) -> str:
    shape = " x ".join(str(length) for length in data.x_train.shape[1:])
    return (
        f"Data loaded: {len(data.x_train):,} examples to train on, {len(data.x_val):,} to validate, "
        f"{len(data.x_test):,} to test; each of shape {shape}"
    )


def describe_metrics(metrics: dict[str, Any]) -> str:
    chosen: dict[str, float | None] = {
        name: metrics[name] for name in ("test_loss", "test_accuracy") if name in metrics
    }
    return describe(chosen)
