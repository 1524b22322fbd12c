# ruff: noqa: ARG002 - Keras names the arguments of its callbacks
"""What a job reports while Keras trains: live points, finished epochs, and whether it should stop.

Keras passes the metrics of a batch to `on_train_batch_end`. If *any* callback defines that method without
`async_safe = True`, Keras calls all of them on the training thread. `LiveMetrics` is async_safe: Keras then calls it
from a pool of threads, **in any order and concurrently**, while the next step is being computed. So it only records
the numbers under their step, with a lock; a writer thread sorts and sends them twice a second.
"""

import math
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

import keras

from worker.channel import Channel, EpochRecord, Point, TrainingCancelled
from worker.checkpoint import Progress, save_checkpoint
from worker.kit.numbers import finite

MAX_POINTS = 1000  # a curve is seldom wider in pixels; a job may keep 2,000 at most
SEND_INTERVAL = 0.5  # seconds


@dataclass(frozen=True)
class Plan:
    """The number of steps. The last batch of an epoch may be smaller than `batch_size`."""

    examples: int
    batch_size: int
    epochs: int
    initial_epoch: int = 0

    @property
    def steps_per_epoch(self) -> int:
        return -(-self.examples // self.batch_size)

    @property
    def first_step(self) -> int:
        return self.initial_epoch * self.steps_per_epoch + 1


class PointKeeper:
    """Chooses which steps are kept, and converts Keras's running means into means between two kept steps.

    Keras reports the mean over the epoch so far, which gives a sawtooth curve. The difference of two sums gives the
    mean of just the batches between two points. Steps count from 1 over the whole job.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.stride = -(-plan.epochs * plan.steps_per_epoch // MAX_POINTS)
        self._running: dict[int, dict[str, float]] = {}
        self._previous_step = plan.first_step - 1
        self._previous: dict[str, float] = {}
        self._next_step = 1 if plan.first_step == 1 else self._after(self._previous_step)
        self._lock = threading.Lock()

    def is_kept(self, step: int) -> bool:
        return step % self.stride == 0 or step == 1

    def add(self, step: int, running_means: dict[str, float]) -> None:
        """Thread-safe; steps may arrive out of order."""
        with self._lock:
            self._running[step] = running_means

    def take(self, not_means: Collection[str] = ()) -> list[Point]:
        """The new points in order, up to the first missing step.

        What is no mean over examples, such as an IoU, stays as Keras gives it: over the epoch so far.
        """
        with self._lock:
            points = []
            while (running := self._running.pop(self._next_step, None)) is not None:
                points.append(self._point(self._next_step, running, not_means))
                self._previous, self._previous_step = running, self._next_step
                self._next_step = self._after(self._next_step)
            return points

    def _after(self, step: int) -> int:
        return (step // self.stride + 1) * self.stride

    def _point(self, step: int, running: dict[str, float], not_means: Collection[str]) -> Point:
        epoch = (step - 1) // self.plan.steps_per_epoch
        seen, seen_before = self._seen(epoch, step), self._seen(epoch, self._previous_step)
        metrics = {
            name: finite(
                mean
                if name in not_means
                else mean_between(self._previous.get(name, 0.0), seen_before, mean, seen)
            )
            for name, mean in running.items()
        }
        return Point(step=step, epoch=epoch + 1, metrics=metrics)

    def _seen(self, epoch: int, step: int) -> int:
        """Examples of this epoch that were used up to `step`; 0 for a step of an earlier epoch."""
        batches = step - epoch * self.plan.steps_per_epoch
        return min(max(batches, 0) * self.plan.batch_size, self.plan.examples)


def mean_between(mean_before: float, seen_before: int, mean: float, seen: int) -> float:
    """The mean of the examples after the first `seen_before`, from two running means (never negative)."""
    if seen_before == 0:
        return mean
    total = mean * seen
    recent = (total - mean_before * seen_before) / (seen - seen_before)
    # Keras's means are float32. After a divergence the small difference of two large sums is only noise.
    error = 1e-6 * abs(total) / (seen - seen_before)
    return mean if error > max(0.001, 0.05 * abs(recent)) else max(recent, 0.0)


class LiveMetrics(keras.callbacks.Callback):
    """Sends points twice a second from a thread of its own, and stops the training on request."""

    async_safe = True

    def __init__(self, channel: Channel, plan: Plan) -> None:
        super().__init__()
        self.channel = channel
        self.plan = plan
        self.keeper = PointKeeper(plan)
        self.diverged = False
        self.initial_loss: float | None = None
        self._steps_before = plan.first_step - 1
        self._of_epoch: list[Point] = []
        self._ended = threading.Event()
        # Set by the run's first point, which is sent at once, to show the student that it is running.
        self._has_begun = threading.Event()
        self._sending = threading.Lock()
        self._writer = threading.Thread(target=self._write, name="live-metrics", daemon=True)

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self._writer.start()

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._steps_before = epoch * self.plan.steps_per_epoch

    def on_train_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:
        # Keras always calls this one on the training thread, so the exception leaves `fit` at once.
        if self.channel.should_stop():
            raise TrainingCancelled

    def on_test_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:
        if self.channel.should_stop():
            raise TrainingCancelled

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        logs = logs or {}
        if not math.isfinite(logs["loss"]):
            self.diverged = True
            self.model.stop_training = True
        step = self._steps_before + batch + 1
        if self.keeper.is_kept(step):
            self.keeper.add(step, logs)
            self._has_begun.set()

    def points_of_epoch(self) -> list[Point]:
        """Send what is left, and return the points since the last call."""
        self._send()
        with self._sending:
            points, self._of_epoch = self._of_epoch, []
        return points

    def close(self) -> None:
        """End the writer thread, whether `fit` succeeded or not."""
        self._ended.set()
        self._has_begun.set()
        if self._writer.is_alive():
            self._writer.join()

    def _write(self) -> None:
        self._has_begun.wait()
        self._send()
        while not self._ended.wait(SEND_INTERVAL):
            self._send()

    def _not_means(self) -> set[str]:
        """The metrics that are no means. Keras makes those of `compile` with the first batch, and holds them in one."""
        return {
            metric.name
            for holder in self.model.metrics
            for metric in getattr(holder, "metrics", [holder])
            if not isinstance(metric, keras.metrics.Mean)
        }

    def _send(self) -> None:
        with self._sending:
            points = self.keeper.take(self._not_means())
            if not points:
                return
            if points[0].step == 1:
                self.initial_loss = points[0].metrics["loss"]
            self._of_epoch.extend(points)
            self.channel.points(points)


class EpochEnd(keras.callbacks.Callback):
    """Stores each finished epoch with its checkpoint. Must come after `LiveMetrics` in the list."""

    def __init__(
        self,
        channel: Channel,
        live: LiveMetrics,
        progress: Progress,
        extra: Callable[[], dict[str, Any]] = dict,
    ) -> None:
        super().__init__()
        self.channel = channel
        self.live = live
        self.progress = progress
        self.extra = extra
        self._started = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        points = self.live.points_of_epoch()
        seconds = time.perf_counter() - self._started
        metrics = {name: finite(value) for name, value in (logs or {}).items()}
        self.progress = replace(
            self.progress,
            epoch=epoch + 1,
            initial_loss=self.progress.initial_loss if epoch else self.live.initial_loss,
            final_loss=metrics["loss"],
            diverged=self.live.diverged or None in (metrics["loss"], metrics["val_loss"]),
            fit_seconds=self.progress.fit_seconds + seconds,
        )
        if self.progress.diverged:
            self.model.stop_training = True
        self.channel.log(f"Epoch {epoch + 1}: {describe(metrics)} ({seconds:.1f} s)")
        checkpoint = save_checkpoint(self.model, self.progress)
        extra = self.extra()
        self.channel.epoch(EpochRecord(epoch + 1, metrics, seconds, points, checkpoint, extra))


def describe(metrics: dict[str, float | None]) -> str:
    """`loss 0.2513, accuracy 0.9266`; a non-finite number is named as such."""
    return ", ".join(
        f"{name} {'not finite' if value is None else f'{value:.4g}'}" for name, value in metrics.items()
    )
