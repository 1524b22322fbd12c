"""Classify handwritten digits with one linear layer: ten templates, one per digit."""

import keras

from worker.kit.figures import template_figure
from worker.kit.images import image_data
from worker.kit.reports import classification_report


def load(hyperparameters):
    return image_data("mnist", hyperparameters["train_size"])


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
