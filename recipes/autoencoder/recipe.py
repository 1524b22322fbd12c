"""Squeeze a picture of clothes into a few numbers and draw it again from these: an autoencoder, by wish from noisy pictures."""

from dataclasses import replace

import keras

from worker.kit.images import image_data
from worker.kit.optimizers import optimizer_of
from worker.kit.reconstruction import picture_strip, reconstruction_report


def load(hyperparameters):
    data = image_data("fashion-mnist", hyperparameters["train_size"])
    # What a picture should come out as is the picture itself, with pixels from 0 to 1.
    return replace(
        data,
        y_train=data.x_train / 255,
        y_val=data.x_val / 255,
        y_test=data.x_test / 255,
        labels_test=data.y_test,
    )


def build(data, hyperparameters):
    inputs = keras.Input(shape=(28, 28, 1))
    x = keras.layers.Rescaling(1 / 255)(inputs)
    if hyperparameters["noise"] > 0:
        # Only while training, and different each time. The target stays clean.
        x = keras.layers.GaussianNoise(hyperparameters["noise"])(x)
    x = keras.layers.Flatten()(x)
    hidden, activation = [], None
    if hyperparameters["model"] == "dense":
        hidden, activation = [hyperparameters["units"], hyperparameters["units"] // 2], "sigmoid"
    for units in hidden:
        x = keras.layers.Dense(units, activation="relu")(x)
    x = keras.layers.Dense(hyperparameters["bottleneck"], name="code")(x)
    for units in reversed(hidden):
        x = keras.layers.Dense(units, activation="relu")(x)
    x = keras.layers.Dense(28 * 28, activation=activation)(x)
    return keras.Model(inputs, keras.layers.Reshape((28, 28, 1))(x))


def compile(model, hyperparameters):
    model.compile(
        optimizer=optimizer_of(hyperparameters["optimizer"], hyperparameters["learning_rate"]),
        loss="mean_squared_error",
    )


def exported(model):
    """The picture that comes out, and the numbers that it was drawn from."""
    return keras.Model(model.input, [model.output, model.get_layer("code").output])


def parts(model):
    """The half that draws, for itself: the try-out gives it numbers of its own."""
    return {"decoder": keras.Model(model.get_layer("code").output, model.output)}


def extra_of_epoch(model, data, hyperparameters):
    return {"own": picture_strip(model, data)}


def evaluate(model, data, hyperparameters):
    return reconstruction_report(
        model, exported(model), parts(model)["decoder"], data, hyperparameters["noise"]
    )
