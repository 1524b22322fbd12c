"""Autoencoders: what their pictures are compared with, and what a report shows of them.

A model takes pictures, (pictures, height, width, 1) with pixels from 0 to 255, and gives the same pictures with pixels from 0 to 1.
"""

from typing import Any

import keras
import numpy as np

from worker.kit.data import Data
from worker.kit.numbers import finite
from worker.kit.reports import BATCH_SIZE, SAMPLES_PER_CLASS, Report, metrics_of_sets, png_base64

WORST = 10
# So many validation pictures are drawn again after each epoch.
STRIP = 6
# So many test pictures are points of the latent plane.
POINTS = 600
# The plane reaches over this share of the codes, in per cent: a few far outliers would make the rest a dot.
INSIDE = (0.5, 99.5)
# So many decoded pictures lie along each side of the plane.
TILES = 12
# Of 256 greys.
STEP = 8
NOISE_SEED = 0


def reconstruction_report(
    model: keras.Model, coder: keras.Model, decoder: keras.Model, data: Data, noise: float
) -> Report:
    """`coder` gives a picture and its code, `decoder` makes the picture of a code; `noise` is the standard deviation of what was
    added to the pictures of training, 0 for none.

    metrics: {train,val,test}_loss, the mean squared error of a pixel. On the test set also `mean_picture_loss` of always drawing the mean
    of the training pictures, and `pca_loss` of the best linear way through as few numbers; with noise `noisy_test_loss`, of what
    it makes of noisy test pictures, and `noise_loss`, how far the noise alone takes these from the clean ones.
    """
    drawn, codes = coder.predict(data.x_test, batch_size=BATCH_SIZE, verbose=0)
    errors = np.mean(np.square(drawn - data.y_test), axis=(1, 2, 3))
    metrics = metrics_of_sets(model, data) | simple_losses(data, codes.shape[1])
    labels = np.zeros(len(errors), int) if data.labels_test is None else data.labels_test
    first = first_of_classes(labels)
    worst = np.argsort(-np.nan_to_num(errors, nan=np.inf), kind="stable")[:WORST]
    shown = [shown_pair(data, drawn, errors, labels, index) for index in (*first, *worst)]
    figure: dict[str, Any] = {"kind": "own", "first": shown[: len(first)], "worst": shown[len(first) :]}
    if noise > 0:
        noisy = with_noise(data.y_test, noise)
        cleaned = model.predict(255 * noisy, batch_size=BATCH_SIZE, verbose=0)
        metrics["noisy_test_loss"] = mean_square(cleaned - data.y_test)
        metrics["noise_loss"] = mean_square(noisy - data.y_test)
        for each in shown:
            each["noisy"] = png_base64(255 * noisy[each["index"]])
            each["cleaned"] = png_base64(drawable(cleaned[each["index"]]))
    try_out: dict[str, Any] = {
        "classes": list(data.names),
        "samples": [{"label": each["label"], "image": each["image"]} for each in figure["first"]],
        "errors": [finite(value) for value in np.percentile(errors, range(101))],
        "noise": noise,
    }
    if codes.shape[1] == 2 and np.isfinite(codes).all():
        try_out["plane"] = latent_plane(codes, labels)
        figure["tiles"] = tiles(decoder, try_out["plane"]["range"])
    return {"kind": "reconstruction", "metrics": metrics, "figures": [figure], "try_out": try_out}


def simple_losses(data: Data, components: int) -> dict[str, float | None]:
    """The test loss of two answers that need no training by descent: the mean picture, and the best linear autoencoder."""
    train, test = (y.reshape(len(y), -1) for y in (data.y_train, data.y_test))
    mean = train.mean(axis=0)
    train, test = train - mean, test - mean
    # Principal components are what a linear autoencoder finds at its best: eigenvectors of the covariance, largest last.
    directions = np.linalg.eigh(train.T @ train)[1][:, -components:]
    return {
        "mean_picture_loss": mean_square(test),
        "pca_loss": mean_square(test - test @ directions @ directions.T),
    }


def mean_square(values: np.ndarray) -> float | None:
    return finite(np.mean(np.square(values), dtype=np.float64))


def with_noise(pictures: np.ndarray, noise: float) -> np.ndarray:
    """`pictures` with normal noise on every pixel, the same each time. Not clipped, as in training."""
    random = np.random.default_rng(NOISE_SEED)
    return pictures + noise * random.standard_normal(pictures.shape, dtype=np.float32)


def first_of_classes(labels: np.ndarray) -> list[int]:
    """The numbers of the first examples of each class."""
    chosen = [np.flatnonzero(labels == label)[:SAMPLES_PER_CLASS] for label in np.unique(labels)]
    return np.concatenate(chosen).tolist()


def shown_pair(
    data: Data, drawn: np.ndarray, errors: np.ndarray, labels: np.ndarray, index: int
) -> dict[str, Any]:
    """A test picture, and what was drawn of it."""
    return {
        "index": int(index),
        "label": data.names[labels[index]] if data.names else "",
        "error": finite(errors[index]),
        "image": png_base64(data.x_test[index]),
        "drawn": png_base64(drawable(drawn[index])),
    }


def drawable(picture: np.ndarray) -> np.ndarray:
    """From 0 to 1 to pixels, also where a model answers with no number."""
    return 255 * np.nan_to_num(picture)


def in_steps(picture: np.ndarray) -> np.ndarray:
    """Like `drawable`, in grey steps that the eye hardly sees: a third of the bytes where pictures are many."""
    return np.minimum(np.rint(drawable(picture) / STEP) * STEP, 255)


def latent_plane(codes: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Where the first test pictures lie when a code is two numbers: `points` as [first, second, label], and the `range` of both."""
    low, high = np.percentile(codes, INSIDE, axis=0)
    margin = 0.05 * np.maximum(high - low, 1e-3)
    return {
        "points": [
            [round(float(first), 3), round(float(second), 3), int(label)]
            for (first, second), label in zip(codes[:POINTS], labels[:POINTS], strict=True)
        ],
        "range": [[float(low[axis] - margin[axis]), float(high[axis] + margin[axis])] for axis in (0, 1)],
    }


def tiles(decoder: keras.Model, sides: list[list[float]]) -> str:
    """What the decoder draws all over the plane, as one picture; the second number grows upwards."""
    (left, right), (bottom, top) = sides
    columns, rows = np.meshgrid(np.linspace(left, right, TILES), np.linspace(top, bottom, TILES))
    codes = np.column_stack([columns.ravel(), rows.ravel()]).astype("float32")
    drawn = decoder.predict(codes, batch_size=BATCH_SIZE, verbose=0)
    _, height, width, _ = drawn.shape
    grid = drawn.reshape(TILES, TILES, height, width).swapaxes(1, 2)
    return png_base64(in_steps(grid.reshape(TILES * height, TILES * width, 1)))


def picture_strip(model: keras.Model, data: Data) -> dict[str, str]:
    """The first validation pictures side by side, and what the model draws of them so far."""
    return {
        "originals": png_base64(side_by_side(data.x_val[:STRIP])),
        "drawn": png_base64(in_steps(side_by_side(model(data.x_val[:STRIP], training=False).numpy()))),
    }


def side_by_side(pictures: np.ndarray) -> np.ndarray:
    return np.concatenate(list(pictures), axis=1)
