"""Tell coloured pictures of five kinds apart from nothing: a convolutional network, with augmentation."""

import keras

from worker.kit.emoji import emoji_data
from worker.kit.optimizers import optimizer_of
from worker.kit.reports import classification_report, least_squares_accuracy, sample_pictures


def load(hyperparameters):
    return emoji_data(hyperparameters["train_size"], hyperparameters["test_on"])


def build(data, hyperparameters):
    inputs = keras.Input(shape=(64, 64, 3))
    # White becomes 0, like what lies beyond the edge of a picture.
    x = keras.layers.Rescaling(-1 / 255, offset=1)(inputs)
    if hyperparameters["augment"]:
        # Only while training: mirrored half of the time, turned, moved and enlarged a little.
        x = keras.layers.RandomFlip("horizontal")(x)
        x = keras.layers.RandomRotation(0.05, fill_mode="constant")(x)
        x = keras.layers.RandomTranslation(0.1, 0.1, fill_mode="constant")(x)
        x = keras.layers.RandomZoom(0.15, fill_mode="constant")(x)
    for block in range(hyperparameters["blocks"]):
        filters = hyperparameters["filters"] * 2**block
        x = keras.layers.Conv2D(filters, kernel_size=3, padding="same", use_bias=False)(x)
        x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))
        x = keras.layers.MaxPooling2D(pool_size=2)(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    x = keras.layers.Dropout(hyperparameters["dropout"])(x)
    outputs = keras.layers.Dense(len(data.names), activation="softmax")(x)
    return keras.Model(inputs, outputs)


def compile(model, hyperparameters):
    model.compile(
        optimizer=optimizer_of(hyperparameters["optimizer"], hyperparameters["learning_rate"]),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )


def evaluate(model, data, hyperparameters):
    report = classification_report(model, data)
    report["metrics"]["pixels_accuracy"] = least_squares_accuracy(data)
    return report | {"try_out": {"samples": sample_pictures(data)}}
