"""The trained model as files: model.keras, model.tflite, and the latter with weights of half the size."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import keras
import tensorflow as tf


class ExportError(Exception):
    """The model could not be converted. The message has the converter's last lines."""


def keras_bytes(model: keras.Model) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        return path.read_bytes()


def tflite_bytes(model: keras.Model, *, float16: bool = False) -> bytes:
    """The model for one example at a time, with built-in TFLite operations only. `float16` halves its weights: the file, and not what
    it computes with.

    The fixed batch of one is made by cloning onto a fixed input; converting a bare concrete function would lose the
    weights.
    """
    inputs = keras.Input(batch_shape=(1, *model.input_shape[1:]), name="input")
    clone = keras.models.clone_model(model, input_tensors=inputs)
    clone.set_weights(model.get_weights())
    with quiet_output():
        converter = tf.lite.TFLiteConverter.from_keras_model(clone)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        if float16:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.target_spec.supported_types = [tf.float16]
        return converter.convert()


@contextlib.contextmanager
def quiet_output() -> Iterator[None]:
    """Suppress what C++ code prints on this process's standard output and error; show its end if the block fails.

    Only for a process that trains one job: file descriptors are shared by all threads.
    """
    with tempfile.TemporaryFile() as swallowed:
        saved = {number: os.dup(number) for number in (1, 2)}
        try:
            for number in saved:
                os.dup2(swallowed.fileno(), number)
            yield
        except Exception as error:
            swallowed.seek(0)
            tail = swallowed.read()[-2000:].decode(errors="replace")
            raise ExportError(f"{error}\n{tail}") from error
        finally:
            for number, copy in saved.items():
                os.dup2(copy, number)
                os.close(copy)
