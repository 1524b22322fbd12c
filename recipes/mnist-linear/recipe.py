"""Classify handwritten digits with one linear layer: ten templates, one per digit."""

import keras
import numpy as np

from worker.kit.data import Data
from worker.kit.datasets import class_names, load_dataset
from worker.kit.figures import template_figure
from worker.kit.reports import classification_report

VALIDATION_SIZE = 5_000


def load(hyperparameters):
    mnist = load_dataset("mnist")
    images = mnist["x_train"][..., np.newaxis]
    labels = mnist["y_train"]
    train_size = hyperparameters["train_size"]
    return Data(
        x_train=images[:train_size].astype("float32"),
        y_train=labels[:train_size].astype("int32"),
        x_val=images[-VALIDATION_SIZE:].astype("float32"),
        y_val=labels[-VALIDATION_SIZE:].astype("int32"),
        x_test=mnist["x_test"][..., np.newaxis].astype("float32"),
        y_test=mnist["y_test"].astype("int32"),
        names=class_names("mnist"),
    )


def build(data, hyperparameters):
    initializers = {"glorot": keras.initializers.GlorotUniform(), "zeros": keras.initializers.Zeros()}
    return keras.Sequential(
        [
            keras.Input(shape=(28, 28, 1)),
            keras.layers.Flatten(),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Dense(
                10,
                activation="softmax",
                kernel_initializer=initializers[hyperparameters["initializer"]],
                name="templates",
            ),
        ]
    )


def compile(model, hyperparameters):
    model.compile(
        optimizer=keras.optimizers.SGD(hyperparameters["learning_rate"]),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )


def evaluate(model, data, hyperparameters):
    weights = model.get_layer("templates").kernel.numpy()  # (784, 10)
    report = classification_report(model, data)
    return report | {"figures": [template_figure(weights.reshape(28, 28, 10), data.names)]}
