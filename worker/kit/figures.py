"""Small drawings of a report, as data: the page draws them. Each has a `kind`."""

import base64
import json
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from worker.kit.data import Data

Figure = dict[str, Any]

GRID = 40  # points along each side of a boundary
RANGE = 1.3  # it spans -RANGE to RANGE on both axes
MAX_POINTS = 500


def scatter(x: np.ndarray, y: np.ndarray) -> list[list[float]]:
    """At most 500 examples as [x..., y], to three decimals."""
    rows = np.column_stack([x[:MAX_POINTS], y[:MAX_POINTS]]).astype(float)
    return np.round(rows, 3).tolist()


def boundary(model: keras.Model) -> Figure:
    """The probability of the second class over a square of the plane.

    `values` is base64 of size*size bytes, 0 for probability 0 and 255 for 1; row by row, the first row at the lowest
    x2, each from the lowest x1. A non-finite output counts as 0.5.
    """
    axis = np.linspace(-RANGE, RANGE, GRID, dtype="float32")
    x1, x2 = np.meshgrid(axis, axis)
    grid = np.stack([x1.ravel(), x2.ravel()], axis=1)
    probability = np.nan_to_num(model(grid, training=False).numpy()[:, -1], nan=0.5)
    values = np.rint(255 * probability).astype(np.uint8)
    return {"size": GRID, "range": [-RANGE, RANGE], "values": base64.b64encode(values.tobytes()).decode()}


def template_figure(weights: np.ndarray, names: tuple[str, ...]) -> Figure:
    """The weights (height, width, classes) of a linear model as one picture per class.

    `values` is base64 of height*width bytes: 128 stands for weight 0, 255 for `scale`, 1 for -`scale`.
    """
    scale = float(np.max(np.abs(np.nan_to_num(weights)))) or 1.0
    pixels = np.rint(128 + 127 * np.clip(np.nan_to_num(weights) / scale, -1, 1)).astype(np.uint8)
    height, width = weights.shape[:2]
    return {
        "kind": "templates",
        "height": height,
        "width": width,
        "scale": scale,
        "templates": [
            {"class": name, "values": base64.b64encode(pixels[..., number].tobytes()).decode()}
            for number, name in enumerate(names)
        ],
    }


def gradient_check(model: keras.Model, data: Data, step: float = 0.01) -> Figure:
    """The gradient of the mean squared error over all training examples, for an untrained model.

    For each scalar weight: `analytic` from TensorFlow's tape, `numeric` from the slope between two losses,
    (loss(w + step) - loss(w - step)) / (2 step).
    """
    weights = model.trainable_variables

    def loss() -> tf.Tensor:
        return tf.reduce_mean(tf.square(model(data.x_train)[:, 0] - data.y_train))

    with tf.GradientTape() as tape:
        value = loss()
    rows = []
    for weight, gradient in zip(weights, tape.gradient(value, weights), strict=True):
        losses = []
        for sign in (1, -1):
            weight.assign_add(tf.fill(weight.shape, sign * step))
            losses.append(float(loss()))
            weight.assign_sub(tf.fill(weight.shape, sign * step))
        numeric = (losses[0] - losses[1]) / (2 * step)
        rows.append({"name": weight.name, "numeric": numeric, "analytic": float(tf.reduce_sum(gradient))})
    return {"kind": "gradient-check", "step": step, "loss": float(value), "rows": rows}


def first_filters(convolution: keras.Layer) -> bytes:
    """The weights of a convolution over pictures of one channel, for a lesson's figure of filters and feature maps: a file
    {"kernels": each row by row, "biases"}.
    """
    kernels, biases = convolution.get_weights()
    each = np.moveaxis(kernels[:, :, 0], -1, 0).reshape(len(biases), -1)
    weights = {
        "kernels": each.astype(float).round(4).tolist(),
        "biases": biases.astype(float).round(4).tolist(),
    }
    return json.dumps(weights).encode()
