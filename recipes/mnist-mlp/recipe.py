"""Classify handwritten digits with fully connected layers."""

import keras
import numpy as np

from worker.kit.data import Data
from worker.kit.datasets import class_names, load_dataset
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
    initializers = {
        "glorot": keras.initializers.GlorotUniform,
        "he": keras.initializers.HeUniform,
        "zeros": keras.initializers.Zeros,
    }
    initializer = initializers[hyperparameters["initializer"]]

    layers = [keras.Input(shape=(28, 28, 1)), keras.layers.Flatten()]
    if hyperparameters["scale_pixels"]:
        layers.append(keras.layers.Rescaling(1 / 255))
    for _ in range(hyperparameters["depth"]):
        layers.append(
            keras.layers.Dense(
                hyperparameters["units"],
                activation=hyperparameters["activation"],
                kernel_initializer=initializer(),
            )
        )
        if hyperparameters["dropout"] > 0:
            layers.append(keras.layers.Dropout(hyperparameters["dropout"]))
    layers.append(keras.layers.Dense(10, activation="softmax", kernel_initializer=initializer()))
    return keras.Sequential(layers)


def compile(model, hyperparameters):
    learning_rate = hyperparameters["learning_rate"]
    optimizers = {
        "sgd": keras.optimizers.SGD(learning_rate),
        "momentum": keras.optimizers.SGD(learning_rate, momentum=0.9),
        "adam": keras.optimizers.Adam(learning_rate),
    }
    model.compile(
        optimizer=optimizers[hyperparameters["optimizer"]],
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )


def evaluate(model, data, hyperparameters):
    return classification_report(model, data)
