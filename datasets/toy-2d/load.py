"""Two classes of points in the plane, in shapes that no straight line separates."""

import numpy as np

VALIDATION_POINTS, TEST_POINTS = 500, 1000
TURNS = 1.0  # of each arm of the spiral


def generate(shape="spiral", points=500, noise=0.05, flipped=0.0, seed=0):
    """x as (points, 2), about -1 to 1, and y as 0 or 1, for training, validation and testing.

    `noise` is the standard deviation of the noise added to each coordinate. `flipped` is the fraction of *training*
    labels that are flipped; validation and test labels stay true.
    """
    arrays = {}
    for number, (name, count) in enumerate(
        {"train": points, "val": VALIDATION_POINTS, "test": TEST_POINTS}.items()
    ):
        random = np.random.default_rng([seed, number])
        y = np.arange(count) % 2
        x = SHAPES[shape](random, y) + noise * random.standard_normal((count, 2))
        if name == "train":
            turned = random.permutation(count)[: round(flipped * count)]
            y[turned] = 1 - y[turned]
        arrays[f"x_{name}"], arrays[f"y_{name}"] = x, y
    return arrays


def spiral(random, y):
    """Two arms that wind around the centre; the square root spreads the points evenly over their length."""
    radius = np.sqrt(random.uniform(0.01, 1, len(y)))
    angle = 2 * np.pi * TURNS * radius + np.pi * y
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def moons(random, y):
    """Two interlocking half circles."""
    angle = random.uniform(0, np.pi, len(y))
    upper = np.stack([np.cos(angle) - 0.5, np.sin(angle) - 0.25], axis=1)
    lower = np.stack([0.5 - np.cos(angle), 0.25 - np.sin(angle)], axis=1)
    return 0.65 * np.where(y[:, None] == 0, upper, lower)


def circles(random, y):
    """A ring around a disc."""
    angle = random.uniform(0, 2 * np.pi, len(y))
    radius = np.where(y == 0, 0.9, 0.4)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def xor(random, y):
    """Four squares: equal signs are class 0, different signs class 1."""
    size = random.uniform(0.08, 1, (len(y), 2))
    sign = random.choice([-1, 1], len(y))
    return size * np.stack([sign, np.where(y == 0, sign, -sign)], axis=1)


SHAPES = {"spiral": spiral, "moons": moons, "circles": circles, "xor": xor}
