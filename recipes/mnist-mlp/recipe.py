"""Classify handwritten digits with fully connected layers."""

import keras

from worker.kit.images import image_data, moved_accuracy
from worker.kit.optimizers import optimizer_of
from worker.kit.reports import classification_report


def load(hyperparameters):
    return image_data("mnist", hyperparameters["train_size"])


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
    model.compile(
        optimizer=optimizer_of(hyperparameters["optimizer"], hyperparameters["learning_rate"]),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )


def measure(model, data, hyperparameters):
    """How well it reads digits that do not stand where those of training stood."""
    shift = hyperparameters["shift"]
    return {"moved_accuracy": moved_accuracy(model, data, shift)} if shift else {}


def evaluate(model, data, hyperparameters):
    report = classification_report(model, data)
    report["metrics"] |= measure(model, data, hyperparameters)
    return report
