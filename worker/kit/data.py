"""The arrays that a recipe trains, validates and tests on."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Data:
    """Three sets: x is float32 (examples, ...); y is int32 class numbers, of an example or of each of its pixels, or float32:
    values for a regression, or pictures.

    `names` holds the classes (empty for a regression), `features` the columns of x if they have names. `class_weights` says how
    much each class counts in the loss of training; without them all count alike. Where x has texts as numbers, `texts_test` are
    those of x_test as they were, and `tokenizer` made the numbers. `labels_test` are the classes of the test examples where y is
    something else.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_val: np.ndarray
    y_val: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    names: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    class_weights: tuple[float, ...] = ()
    # What the test examples look like, where x has only what frozen layers made of them.
    shown: np.ndarray | None = None
    texts_test: tuple[str, ...] = ()
    tokenizer: Any = None
    labels_test: np.ndarray | None = None

    @property
    def test_examples(self) -> np.ndarray:
        return self.x_test if self.shown is None else self.shown

    @property
    def is_classification(self) -> bool:
        return bool(self.names)

    def first(self, count: int) -> "Data":
        """At most `count` examples of each set, for a quick try."""
        sets = ("x_train", "y_train", "x_val", "y_val", "x_test", "y_test", "texts_test")
        shown = None if self.shown is None else self.shown[:count]
        labels = None if self.labels_test is None else self.labels_test[:count]
        cut = {name: getattr(self, name)[:count] for name in sets}
        return replace(self, **cut, shown=shown, labels_test=labels)


def balanced_weights(labels: np.ndarray, classes: int) -> tuple[float, ...]:
    """Weights that make all classes count alike, however rare, with a mean of 1 over all labels."""
    counts = np.bincount(labels.ravel(), minlength=classes)
    return tuple(float(labels.size / (np.count_nonzero(counts) * max(count, 1))) for count in counts)
