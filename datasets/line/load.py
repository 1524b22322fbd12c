"""Points around a straight line: y = 3x + 3, plus noise."""

import numpy as np

WEIGHT, BIAS = 3.0, 3.0


def generate(points=100, noise=3.0, seed=170):
    """x from 0 to 10 as (points, 1), y as (points,); a quarter as many each for validation and for testing."""
    arrays = {}
    for number, (name, count) in enumerate(
        {"train": points, "val": points // 4, "test": points // 4}.items()
    ):
        random = np.random.default_rng([seed, number])
        x = random.uniform(0, 10, size=(count, 1))
        arrays[f"x_{name}"] = x
        arrays[f"y_{name}"] = WEIGHT * x[:, 0] + BIAS + noise * random.standard_normal(count)
    return arrays
