"""Sets of pictures, as recipes train on them."""

from typing import Any

import numpy as np

from worker.kit.data import Data
from worker.kit.datasets import class_names, load_dataset

VALIDATION_SIZE = 5_000


def image_data(slug: str, train_size: int) -> Data:
    """The first `train_size` of a data set's grey pictures to train on, its last 5,000 to validate, pixels from 0 to 255."""
    arrays = load_dataset(slug)
    images, labels = arrays["x_train"][..., np.newaxis], arrays["y_train"]
    return Data(
        x_train=images[:train_size].astype("float32"),
        y_train=labels[:train_size].astype("int32"),
        x_val=images[-VALIDATION_SIZE:].astype("float32"),
        y_val=labels[-VALIDATION_SIZE:].astype("int32"),
        x_test=arrays["x_test"][..., np.newaxis].astype("float32"),
        y_test=arrays["y_test"].astype("int32"),
        names=class_names(slug),
    )


def moved(images: np.ndarray, shift: int) -> np.ndarray:
    """Pictures, (number, height, width, colours), moved to the right: what leaves them is lost, what comes in is black."""
    return np.pad(images, ((0, 0), (0, 0), (shift, 0), (0, 0)))[:, :, : images.shape[2]]


def moved_accuracy(model: Any, data: Data, shift: int) -> float:
    """The test accuracy of a classifier when every test picture is moved `shift` pixels to the right."""
    answers = model.predict(moved(data.x_test, shift), batch_size=512, verbose=0).argmax(axis=1)
    return float(np.mean(answers == data.y_test))
