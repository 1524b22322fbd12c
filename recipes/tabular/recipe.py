"""Predict one column of a table from the others, with a linear model or a small network."""

import keras

from worker.kit.data import Data
from worker.kit.datasets import class_names, feature_names, load_dataset
from worker.kit.optimizers import optimizer_of
from worker.kit.reports import (
    classification_report,
    detection_report,
    linear_baseline,
    regression_report,
)


def load(hyperparameters):
    table = load_dataset("tabular", table=hyperparameters["table"])
    names = class_names("tabular", hyperparameters["table"])
    x = table["x"].astype("float32")
    y = table["y"].astype("int32" if names else "float32")
    test_start, val_start = int(0.8 * len(x)), int(0.6 * len(x))
    return Data(
        x_train=x[:val_start],
        y_train=y[:val_start],
        x_val=x[val_start:test_start],
        y_val=y[val_start:test_start],
        x_test=x[test_start:],
        y_test=y[test_start:],
        names=names,
        features=feature_names("tabular", hyperparameters["table"]),
    )


def build(data, hyperparameters):
    layers = [keras.Input(shape=data.x_train.shape[1:])]
    if hyperparameters["standardise"]:
        # Mean and variance of the training set only: the other two must stay unseen.
        mean, variance = data.x_train.mean(axis=0), data.x_train.var(axis=0)
        layers.append(keras.layers.Normalization(mean=mean, variance=variance))
    if hyperparameters["model"] == "mlp":
        for _ in range(hyperparameters["depth"]):
            layers.append(keras.layers.Dense(hyperparameters["units"], activation="relu"))
    if data.is_classification:
        layers.append(keras.layers.Dense(len(data.names), activation="softmax"))
    else:
        # Start at the mean, not at zero: a target around 150 would need many steps to get there.
        start = keras.initializers.Constant(float(data.y_train.mean()))
        layers.append(keras.layers.Dense(1, bias_initializer=start))
    return keras.Sequential(layers)


def compile(model, hyperparameters):
    optimizer = optimizer_of(hyperparameters["optimizer"], hyperparameters["learning_rate"])
    if hyperparameters["table"] == "diabetes":
        model.compile(optimizer=optimizer, loss="mean_squared_error", metrics=["mae"])
    else:
        model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])


def evaluate(model, data, hyperparameters):
    if not data.is_classification:
        report = regression_report(model, data)
    elif hyperparameters["table"] == "breast-cancer":
        malignant = data.names.index("malignant")
        report = detection_report(model, data, malignant, hyperparameters["threshold"])
    else:
        report = classification_report(model, data)
    report["metrics"] |= linear_baseline(data)
    return report
