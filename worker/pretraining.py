"""What is trained before a job's own model, as `pretrain` of its recipe says: kept after each epoch, and from one job to the next.

Equal settings and threads give equal weights, so a job that was interrupted goes on after the last epoch that was kept, and
another one that differs only in what comes afterwards need not train it again. Files that are gone are made again.
"""

import hashlib
import json
import math
import os
import re
import time
import zipfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from app.core.config import get_settings
from worker.callbacks import describe
from worker.channel import Channel, TrainingCancelled
from worker.checkpoint import CheckpointError, Progress, restore_checkpoint, save_checkpoint
from worker.determinism import training_batches, weights_sha256
from worker.kit.data import Pretraining
from worker.kit.numbers import finite

# Trainings that are kept; the one that was not used for longest goes first.
KEPT = 12


def pretrain(channel: Channel, before: Pretraining, *, seed: int, threads: int) -> dict[str, float | None]:
    """Trains `before.model`, and with it the layers that it shares. Returns `pretrain_val_loss` and its other metrics.

    Raises:
        TrainingCancelled: when the channel asked to stop.
    """
    model = before.model
    model.jit_compile = False
    keeper = Keeper(channel, path_of(before, seed, threads))
    progress = keeper.restore(model)
    channel.log(
        f"Pre-training: {before.epochs} epochs"
        + (f", {progress.epoch} of them kept from before" if progress.epoch else "")
    )
    if not progress.diverged:
        for epoch in range(progress.epoch, before.epochs):
            fit_epoch(before, epoch, seed, keeper)
            if model.stop_training:
                break
    data = before.examples(0)
    measured = model.evaluate(data.x_val, data.y_val, batch_size=512, verbose=0, return_dict=True)
    return {f"pretrain_val_{name}": finite(value) for name, value in measured.items()}


def fit_epoch(before: Pretraining, epoch: int, seed: int, keeper: "Keeper") -> None:
    data = before.examples(epoch)
    batch_size = min(before.batch_size, len(data.x_train))
    before.model.fit(
        training_batches(data, batch_size, seed=seed, epochs=epoch + 1, initial_epoch=epoch),
        shuffle=False,
        epochs=epoch + 1,
        initial_epoch=epoch,
        steps_per_epoch=-(-len(data.x_train) // batch_size),
        validation_data=(data.x_val, data.y_val),
        validation_batch_size=512,
        callbacks=[keeper],
        verbose=0,
    )


class Keeper(keras.callbacks.Callback):
    """Writes each epoch to the log and into the file, and stops on request or when the loss is no longer finite."""

    def __init__(self, channel: Channel, path: Path) -> None:
        super().__init__()
        self.channel = channel
        self.path = path

    def restore(self, model: keras.Model) -> Progress:
        try:
            progress = restore_checkpoint(model, self.path.read_bytes())
            self.path.touch()
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, CheckpointError):
            return Progress()  # there is none yet, or a damaged one
        return progress

    def on_train_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        if self.channel.should_stop():
            raise TrainingCancelled

    on_test_batch_begin = on_train_batch_begin

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        logs = logs or {}
        diverged = not (math.isfinite(logs["loss"]) and math.isfinite(logs["val_loss"]))
        self.model.stop_training = diverged
        seconds = time.perf_counter() - self.started
        metrics = {name: finite(value) for name, value in logs.items()}
        self.channel.log(f"Pre-training, epoch {epoch + 1}: {describe(metrics)} ({seconds:.1f} s)")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_bytes(save_checkpoint(self.model, Progress(epoch=epoch + 1, diverged=diverged)))
        temporary.replace(self.path)  # atomically, so that a second process sees a whole file or none
        for old in sorted(self.path.parent.glob("*.npz"), key=lambda each: each.stat().st_mtime)[:-KEPT]:
            old.unlink(missing_ok=True)


def path_of(before: Pretraining, seed: int, threads: int) -> Path:
    """Named by all that the weights depend on."""
    model, data = before.model, before.examples(0)
    settings = (seed, before.epochs, before.batch_size, threads, tf.__version__, keras.__version__)
    optimizer = json.dumps(model.optimizer.get_config(), sort_keys=True, default=str)
    # Keras numbers the layers and optimizers of a process.
    parts = re.sub(r'_\d+"', '"', f"{model.to_json()} {optimizer}")
    key = hashlib.sha256(f"{weights_sha256(model)} {parts} {settings}".encode())
    for array in (data.x_train, data.y_train, data.x_val, data.y_val):
        key.update(f"{array.dtype} {array.shape}".encode())
        key.update(np.ascontiguousarray(array).tobytes())
    return get_settings().data_dir / "pretrained" / f"{key.hexdigest()[:32]}.npz"
