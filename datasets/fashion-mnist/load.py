"""Read Fashion-MNIST's idx files out of Debian's package, which is an `ar` archive with a `tar` archive inside.

An idx file is a header of big-endian 32-bit integers (a magic number whose last byte counts the dimensions,
then the length of each dimension), followed by the unsigned bytes themselves.
"""

import gzip
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

FOLDER = "./usr/share/datasets/fashion-mnist"
FILES = {
    "x_train": "train-images-idx3-ubyte.gz",
    "y_train": "train-labels-idx1-ubyte.gz",
    "x_test": "t10k-images-idx3-ubyte.gz",
    "y_test": "t10k-labels-idx1-ubyte.gz",
}


def read(files: Mapping[str, Path]) -> dict[str, np.ndarray]:
    """Pictures as uint8 (number, 28, 28) and labels as uint8 (number,), for training and for testing."""
    data = member(files["package"].read_bytes(), "data.tar")
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return {name: read_idx(unpacked(archive, file)) for name, file in FILES.items()}


def unpacked(archive: tarfile.TarFile, file: str) -> bytes:
    packed = archive.extractfile(f"{FOLDER}/{file}")
    if packed is None:
        raise ValueError(f"{file} is no file in the package")
    return gzip.decompress(packed.read())


def member(archive: bytes, name: str) -> bytes:
    """The first member of an `ar` archive whose name begins with `name`. Members begin at even offsets."""
    at = len(b"!<arch>\n")
    while at < len(archive):
        header, start = archive[at : at + 60].decode("ascii"), at + 60
        size = int(header[48:58])
        if header.startswith(name):
            return archive[start : start + size]
        at = start + size + size % 2
    raise ValueError(f"no {name} in the package")


def read_idx(content: bytes) -> np.ndarray:
    dimensions = content[3]
    shape = np.frombuffer(content, dtype=">u4", count=dimensions, offset=4)
    return np.frombuffer(content, dtype=np.uint8, offset=4 + 4 * dimensions).reshape(shape)
