"""Four small tables from scikit-learn."""

import numpy as np
from sklearn import datasets

TABLES = {
    "breast-cancer": datasets.load_breast_cancer,
    "iris": datasets.load_iris,
    "wine": datasets.load_wine,
    "diabetes": lambda: datasets.load_diabetes(scaled=False),
}


def generate(table="breast-cancer", seed=0):
    """One table, shuffled: x (rows, features) and y (rows,), class numbers or, for diabetes, values."""
    bunch = TABLES[table]()
    order = np.random.default_rng(seed).permutation(len(bunch.target))
    return {"x": bunch.data[order], "y": bunch.target[order]}
