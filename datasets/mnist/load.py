"""Read MNIST's idx files.

An idx file is a header of big-endian 32-bit integers (a magic number whose last byte counts the dimensions,
then the length of each dimension), followed by the unsigned bytes themselves.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np


def read(files: Mapping[str, Path]) -> dict[str, np.ndarray]:
    """Pictures as uint8 (number, 28, 28) and labels as uint8 (number,), for training and for testing."""
    return {
        "x_train": read_idx(files["train-images"]),
        "y_train": read_idx(files["train-labels"]),
        "x_test": read_idx(files["test-images"]),
        "y_test": read_idx(files["test-labels"]),
    }


def read_idx(path: Path) -> np.ndarray:
    content = path.read_bytes()
    dimensions = content[3]
    shape = np.frombuffer(content, dtype=">u4", count=dimensions, offset=4)
    return np.frombuffer(content, dtype=np.uint8, offset=4 + 4 * dimensions).reshape(shape)
