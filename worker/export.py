"""The trained model as files: model.keras, model.tflite, and the latter with weights of half the size."""

import contextlib
import copy
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tensorflow.lite.python import schema_py_generated as schema

# Smaller weights are not worth an operation.
LEAST_BYTES = 64
# By convention, the buffer of what is computed.
EMPTY = 0


class ExportError(Exception):
    """The model could not be converted. The message has the converter's last lines."""


def keras_bytes(model: keras.Model) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        return path.read_bytes()


def tflite_bytes(model: keras.Model) -> bytes:
    """The model for one example at a time, with built-in TFLite operations only.

    The fixed batch of one is made by cloning onto a fixed input; converting a bare concrete function would lose the
    weights.
    """
    inputs = keras.Input(batch_shape=(1, *model.input_shape[1:]), name="input")
    clone = keras.models.clone_model(model, input_tensors=inputs)
    clone.set_weights(model.get_weights())
    with quiet_output():
        converter = tf.lite.TFLiteConverter.from_keras_model(clone)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        return converter.convert()


def with_float16_weights(tflite: bytes) -> bytes:
    """The same model with weights of half the size, each followed by a DEQUANTIZE: it computes in float32 as before.

    It is what TFLite's converter makes for float16, without another conversion, which takes as long as the first.
    """
    model = schema.ModelT.InitFromPackedBuf(tflite, 0)
    code = schema.OperatorCodeT()
    # Float16 is taken from version 3 on.
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.DEQUANTIZE
    code.version = 3
    model.operatorCodes.append(code)
    for graph in model.subgraphs:
        restored = [
            _halve(model, graph, index)
            for index, tensor in enumerate(list(graph.tensors))
            if tensor.type == schema.TensorType.FLOAT32
            and model.buffers[tensor.buffer].data is not None
            and len(model.buffers[tensor.buffer].data) >= LEAST_BYTES
        ]
        graph.operators = restored + list(graph.operators)
    used = {tensor.buffer for graph in model.subgraphs for tensor in graph.tensors}
    used |= {each.buffer for each in model.metadata or ()}
    for number, buffer in enumerate(model.buffers):
        if number not in used:
            buffer.data = None
    builder = schema.flatbuffers.Builder(len(tflite))
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def _halve(model: Any, graph: Any, index: int) -> Any:
    """The operation that restores a weight; its place in the graph's tensors stays what the other operations read."""
    tensor = graph.tensors[index]
    buffer = schema.BufferT()
    values = np.frombuffer(np.asarray(model.buffers[tensor.buffer].data, np.uint8).tobytes(), np.float32)
    limit = np.finfo(np.float16).max
    buffer.data = np.frombuffer(np.clip(values, -limit, limit).astype(np.float16).tobytes(), np.uint8)
    model.buffers.append(buffer)
    small = copy.copy(tensor)
    small.name, small.type, small.buffer = (
        bytes(tensor.name) + b"_float16",
        schema.TensorType.FLOAT16,
        len(model.buffers) - 1,
    )
    graph.tensors.append(small)
    operator = schema.OperatorT()
    operator.opcodeIndex = len(model.operatorCodes) - 1
    operator.inputs, operator.outputs = [len(graph.tensors) - 1], [index]
    operator.builtinOptionsType, operator.builtinOptions = (
        schema.BuiltinOptions.DequantizeOptions,
        schema.DequantizeOptionsT(),
    )
    tensor.buffer = EMPTY
    return operator


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
