"""Compose small scenes out of MNIST's digits, with the class of every pixel.

A scene is a dark field of 48 x 64 pixels with one to three digits that do not touch. The same seeds give the same scenes.

Training and validation scenes show MNIST's training digits, each kind of scene its own part of them; test scenes show test digits only.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

HEIGHT, WIDTH = 48, 64
TRAIN, VAL, TEST = 3_000, 500, 500
# MNIST's last training digits are for the validation scenes only.
VAL_DIGITS = 5_000
# How many of MNIST's ten digits occur in a table's scenes, beginning with 0.
TABLES = {"four": 4, "ten": 10}
# A pixel this bright belongs to its digit: fainter ones are the blurred rim of a stroke.
INK = 64
TRIES = 20


def read(files: Mapping[str, Path]) -> dict[str, np.ndarray]:
    """For each table, as in "four_x_train": scenes and masks as uint8 (number, 48, 64). A mask has 0 for background, d + 1 for digit d."""
    drawn, said = read_idx(files["train-images"]), read_idx(files["train-labels"])
    digits = {
        "train": (drawn[:-VAL_DIGITS], said[:-VAL_DIGITS], TRAIN),
        "val": (drawn[-VAL_DIGITS:], said[-VAL_DIGITS:], VAL),
        "test": (read_idx(files["test-images"]), read_idx(files["test-labels"]), TEST),
    }
    arrays = {}
    for table, kinds in TABLES.items():
        for number, (name, (every_image, every_label, count)) in enumerate(digits.items()):
            random, known = np.random.default_rng([kinds, number]), every_label < kinds
            images, labels = every_image[known], every_label[known]
            scenes = [scene(images, labels, random) for _ in range(count)]
            for part, of_scenes in zip(("x", "y"), zip(*scenes, strict=True), strict=True):
                arrays[f"{table}_{part}_{name}"] = np.stack(of_scenes)
    return arrays


def scene(
    images: np.ndarray, labels: np.ndarray, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A picture and its mask: uint8 (48, 64) each."""
    picture, mask = np.zeros((HEIGHT, WIDTH), np.uint8), np.zeros((HEIGHT, WIDTH), np.uint8)
    for index in random.integers(len(images), size=random.integers(1, 4)):
        digit = cropped(images[index])
        height, width = digit.shape
        for _ in range(TRIES):
            top, left = random.integers(HEIGHT - height + 1), random.integers(WIDTH - width + 1)
            around = picture[max(top - 1, 0) : top + height + 1, max(left - 1, 0) : left + width + 1]
            if not around.any():
                place = slice(top, top + height), slice(left, left + width)
                picture[place] = digit
                mask[place] = np.where(digit >= INK, labels[index] + 1, 0)
                break
    return picture, mask


def cropped(image: np.ndarray) -> np.ndarray:
    """The smallest rectangle with all of a digit's ink."""
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def read_idx(path: Path) -> np.ndarray:
    """Big-endian 32-bit integers (a magic number whose last byte counts the dimensions, the length of each), then the bytes."""
    content = path.read_bytes()
    dimensions = content[3]
    shape = np.frombuffer(content, dtype=">u4", count=dimensions, offset=4)
    return np.frombuffer(content, dtype=np.uint8, offset=4 + 4 * dimensions).reshape(shape)
