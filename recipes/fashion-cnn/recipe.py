"""Tell clothes apart: a linear model, a network in the style of LeNet, or a small ResNet."""

import keras

from worker.kit.images import image_data
from worker.kit.optimizers import optimizer_of
from worker.kit.reports import classification_report, least_squares_accuracy, sample_pictures


def load(hyperparameters):
    return image_data("fashion-mnist", hyperparameters["train_size"])


def build(data, hyperparameters):
    networks = {"linear": linear, "lenet": lenet, "resnet": resnet}
    inputs = keras.Input(shape=(28, 28, 1))
    x = keras.layers.Rescaling(1 / 255)(inputs)
    if hyperparameters["augment"]:
        # Only while training: each picture is mirrored half of the time and moved by up to two pixels.
        x = keras.layers.RandomFlip("horizontal")(x)
        x = keras.layers.RandomTranslation(2 / 28, 2 / 28, fill_mode="constant")(x)
    x = networks[hyperparameters["model"]](x, hyperparameters)
    outputs = keras.layers.Dense(len(data.names), activation="softmax")(x)
    return keras.Model(inputs, outputs)


def linear(x, hyperparameters):
    return keras.layers.Flatten()(x)


def lenet(x, hyperparameters):
    filters = hyperparameters["filters"]
    for count in (filters, 2 * filters):
        x = keras.layers.Conv2D(count, kernel_size=3, padding="same", activation="relu")(x)
        x = keras.layers.MaxPooling2D(pool_size=2)(x)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dropout(hyperparameters["dropout"])(x)
    x = keras.layers.Dense(128, activation="relu")(x)
    return keras.layers.Dropout(hyperparameters["dropout"])(x)


def resnet(x, hyperparameters):
    filters = hyperparameters["filters"]
    x = keras.layers.ReLU()(convolution(x, filters, hyperparameters))
    for count in (filters, 2 * filters, 4 * filters):
        x = block(x, count, hyperparameters, strides=2)
        for _ in range(hyperparameters["blocks"] - 1):
            x = block(x, count, hyperparameters)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.layers.Dropout(hyperparameters["dropout"])(x)


def block(x, filters, hyperparameters, strides=1):
    """Two convolutions, and what went into them added to what comes out."""
    before = x
    x = keras.layers.ReLU()(convolution(x, filters, hyperparameters, strides=strides))
    x = convolution(x, filters, hyperparameters)
    if hyperparameters["shortcuts"]:
        if strides > 1:
            # The shortcut has to become as small and as deep as what it is added to.
            before = convolution(before, filters, hyperparameters, kernel_size=1, strides=strides)
        x = keras.layers.Add()([x, before])
    return keras.layers.ReLU()(x)


def convolution(x, filters, hyperparameters, kernel_size=3, strides=1):
    """Batch normalisation has a bias of its own."""
    normalise = hyperparameters["normalise"]
    x = keras.layers.Conv2D(filters, kernel_size, strides=strides, padding="same", use_bias=not normalise)(x)
    return keras.layers.BatchNormalization()(x) if normalise else x


def compile(model, hyperparameters):
    model.compile(
        optimizer=optimizer_of(hyperparameters["optimizer"], hyperparameters["learning_rate"]),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )


def evaluate(model, data, hyperparameters):
    report = classification_report(model, data)
    report["metrics"]["linear_accuracy"] = least_squares_accuracy(data)
    return report | {"try_out": {"classes": list(data.names), "samples": sample_pictures(data)}}
