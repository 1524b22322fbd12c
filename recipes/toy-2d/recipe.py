"""Separate two classes of points in the plane."""

import keras

from worker.kit.data import Data
from worker.kit.datasets import class_names, load_dataset
from worker.kit.figures import boundary, scatter
from worker.kit.optimizers import optimizer_of
from worker.kit.reports import classification_report


def load(hyperparameters):
    points = load_dataset(
        "toy-2d",
        shape=hyperparameters["shape"],
        points=hyperparameters["points"],
        noise=hyperparameters["noise"],
        flipped=hyperparameters["flipped"],
    )
    return Data(
        x_train=points["x_train"].astype("float32"),
        y_train=points["y_train"].astype("int32"),
        x_val=points["x_val"].astype("float32"),
        y_val=points["y_val"].astype("int32"),
        x_test=points["x_test"].astype("float32"),
        y_test=points["y_test"].astype("int32"),
        names=class_names("toy-2d"),
    )


def build(data, hyperparameters):
    layers = [keras.Input(shape=(2,))]
    for _ in range(hyperparameters["depth"]):
        layers.append(
            keras.layers.Dense(
                hyperparameters["units"],
                activation=hyperparameters["activation"],
                kernel_regularizer=keras.regularizers.L2(hyperparameters["l2"]),
            )
        )
        if hyperparameters["dropout"] > 0:
            layers.append(keras.layers.Dropout(hyperparameters["dropout"]))
    layers.append(keras.layers.Dense(1, activation="sigmoid"))
    return keras.Sequential(layers)


def compile(model, hyperparameters):
    model.compile(
        optimizer=optimizer_of(hyperparameters["optimizer"], hyperparameters["learning_rate"]),
        loss="binary_crossentropy",
        metrics=["accuracy"],
    )


def extra_of_epoch(model, data, hyperparameters):
    return {"boundary": boundary(model)}


def evaluate(model, data, hyperparameters):
    figure = {"kind": "boundary", **boundary(model), "points": scatter(data.x_train, data.y_train)}
    return classification_report(model, data) | {"figures": [figure]}
