"""Say for every pixel of a scene which digit it belongs to: a fully convolutional network, or a U-Net."""

import keras
import numpy as np

from worker.kit.data import Data, balanced_weights
from worker.kit.datasets import class_names, load_dataset
from worker.kit.optimizers import optimizer_of
from worker.kit.segmentation import sample_scenes, segmentation_report


def load(hyperparameters):
    arrays, table = load_dataset("digit-scenes"), hyperparameters["digits"]
    x, y = {}, {}
    for name in ("train", "val", "test"):
        x[name] = arrays[f"{table}_x_{name}"][..., np.newaxis].astype("float32")
        y[name] = arrays[f"{table}_y_{name}"].astype("int32")
    count, names = hyperparameters["train_size"], class_names("digit-scenes", table)
    weights = balanced_weights(y["train"][:count], len(names)) if hyperparameters["class_weights"] else ()
    return Data(
        x_train=x["train"][:count],
        y_train=y["train"][:count],
        x_val=x["val"],
        y_val=y["val"],
        x_test=x["test"],
        y_test=y["test"],
        names=names,
        class_weights=weights,
    )


def build(data, hyperparameters):
    inputs = keras.Input(shape=data.x_train.shape[1:])
    x = keras.layers.Rescaling(1 / 255)(inputs)
    networks = {"fcn": fcn, "unet": unet}
    outputs = networks[hyperparameters["model"]](x, len(data.names), hyperparameters)
    return keras.Model(inputs, outputs)


def encoder(x, filters):
    """Three times: look at the neighbourhood, then halve height and width. Also what there was before each halving."""
    before = []
    for count in (filters, 2 * filters, 4 * filters):
        x = convolution(convolution(x, count), count)
        before.append(x)
        x = keras.layers.MaxPooling2D(pool_size=2)(x)
    return convolution(x, 8 * filters), before


def fcn(x, classes, hyperparameters):
    """Classify each field of 8 x 8 pixels, and enlarge the answer to the full size in one step."""
    x, _ = encoder(x, hyperparameters["filters"])
    return keras.layers.Conv2DTranspose(classes, 16, strides=8, padding="same", activation="softmax")(x)


def unet(x, classes, hyperparameters):
    """Back to the full size in three steps. A skip adds the channels that the encoder had at the same size."""
    x, before = encoder(x, hyperparameters["filters"])
    for same_size in reversed(before):
        count = same_size.shape[-1]
        x = keras.layers.Conv2DTranspose(count, kernel_size=2, strides=2)(x)
        if hyperparameters["skips"]:
            x = keras.layers.Concatenate()([x, same_size])
        x = convolution(x, count)
    return keras.layers.Conv2D(classes, kernel_size=1, activation="softmax")(x)


def convolution(x, filters):
    x = keras.layers.Conv2D(filters, kernel_size=3, padding="same", use_bias=False)(x)
    return keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))


def compile(model, hyperparameters):
    classes = model.output_shape[-1]
    # Class 0, the background, is left out of the mean: it is easy, and 92 of 100 pixels.
    mean_iou = keras.metrics.IoU(classes, list(range(1, classes)), sparse_y_pred=False, name="mean_iou")
    model.compile(
        optimizer=optimizer_of(hyperparameters["optimizer"], hyperparameters["learning_rate"]),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy", mean_iou],
    )


def evaluate(model, data, hyperparameters):
    return segmentation_report(model, data) | {"try_out": sample_scenes(data)}
