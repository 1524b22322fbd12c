"""Classify handwritten digits with a small convolutional network."""

import keras

from worker.kit.figures import first_filters
from worker.kit.images import image_data, moved_accuracy
from worker.kit.optimizers import optimizer_of
from worker.kit.reports import classification_report


def load(hyperparameters):
    return image_data("mnist", hyperparameters["train_size"])


def build(data, hyperparameters):
    filters = hyperparameters["filters"]
    # Flattened, every place of the maps has weights of its own; pooled, only the largest number of each map is left.
    last = keras.layers.GlobalMaxPooling2D if hyperparameters["global_pooling"] else keras.layers.Flatten
    return keras.Sequential(
        [
            keras.Input(shape=(28, 28, 1)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(filters, kernel_size=3, activation="relu"),
            keras.layers.MaxPooling2D(pool_size=2),
            keras.layers.Conv2D(2 * filters, kernel_size=3, activation="relu"),
            keras.layers.MaxPooling2D(pool_size=2),
            last(),
            keras.layers.Dropout(hyperparameters["dropout"]),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )


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
    return report | {"files": {"filters.json": first_filters(model.layers[1])}}
