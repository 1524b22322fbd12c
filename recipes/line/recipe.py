"""Fit a straight line to points: y = w x + b."""

import keras
import numpy as np

from worker.kit.data import Data
from worker.kit.datasets import feature_names, load_dataset
from worker.kit.figures import gradient_check, scatter
from worker.kit.numbers import finite
from worker.kit.reports import regression_report


def load(hyperparameters):
    points = load_dataset("line", noise=hyperparameters["noise"])
    return Data(
        **{name: values.astype("float32") for name, values in points.items()}, features=feature_names("line")
    )


def build(data, hyperparameters):
    layers = [keras.Input(shape=(1,))]
    if hyperparameters["standardise"]:
        layers.append(keras.layers.Normalization(mean=data.x_train.mean(), variance=data.x_train.var()))
    layers.append(keras.layers.Dense(1, kernel_initializer="zeros", name="line"))
    return keras.Sequential(layers)


def compile(model, hyperparameters):
    model.compile(
        optimizer=keras.optimizers.SGD(hyperparameters["learning_rate"]),
        loss="mean_squared_error",
        metrics=["mae"],
    )


def extra_of_epoch(model, data, hyperparameters):
    return {"line": line_of(model, data, hyperparameters)}


def evaluate(model, data, hyperparameters):
    weight, bias = np.polyfit(data.x_train[:, 0].astype("float64"), data.y_train, deg=1)
    fit_line = {
        "kind": "fit-line",
        "points": scatter(data.x_train, data.y_train),
        "line": line_of(model, data, hyperparameters),
        "least_squares": {"weight": float(weight), "bias": float(bias)},
    }
    figures = [fit_line, gradient_check(build(data, hyperparameters), data)]
    return regression_report(model, data) | {"figures": figures}


def line_of(model, data, hyperparameters):
    """The line's slope and intercept in the scale of the raw x, whatever scale the model was trained in."""
    weight, bias = (float(values.item()) for values in model.get_layer("line").get_weights())
    if hyperparameters["standardise"]:
        mean, deviation = float(data.x_train.mean()), float(data.x_train.std())
        weight, bias = weight / deviation, bias - weight * mean / deviation
    return {"weight": finite(weight), "bias": finite(bias)}
