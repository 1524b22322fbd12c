"""The arrays that a recipe trains, validates and tests on."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Data:
    """Three sets: x is float32 (examples, ...); y is int32 class numbers, or float32 values for a regression.

    `names` holds the classes (empty for a regression), `features` the columns of x if they have names. Where x has texts as
    numbers, `texts_test` are those of x_test as they were, and `tokenizer` made the numbers.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_val: np.ndarray
    y_val: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    names: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    texts_test: tuple[str, ...] = ()
    tokenizer: Any = None

    @property
    def is_classification(self) -> bool:
        return bool(self.names)

    def first(self, count: int) -> "Data":
        """At most `count` examples of each set, for a quick try."""
        sets = ("x_train", "y_train", "x_val", "y_val", "x_test", "y_test", "texts_test")
        return replace(self, **{name: getattr(self, name)[:count] for name in sets})
