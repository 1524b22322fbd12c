from typing import Any

import pytest

from app.labs.curves import curve_axes
from app.recipes.recipe import all_recipes

EMPTY: dict[str, Any] = {"key": "x", "defaults": {}, "fixed": {}, "hidden": [], "shown": []}
RANGES = [{"when": {}}, {"when": {"learning_rate": 0.1}}, {"when": {"learning_rate": 1, "epochs": 2}}]
GOAL = {"conditions": [{"setting": "epochs", "at_most": 5}, {"metric": "test_loss", "at_most": 1}]}


@pytest.mark.parametrize(
    ("lab", "axes"),
    [
        (
            {"curve": {"setting": "train_size", "metric": "val_loss"}, "ranges": RANGES},
            ("train_size", "val_loss"),
        ),
        ({"ranges": RANGES, "goal": GOAL}, ("learning_rate", "test_loss")),
        ({"ranges": RANGES, "fixed": {"learning_rate": 0.1}}, ("epochs", "test_accuracy")),
        ({"goal": GOAL, "guess": {"metric": "train_loss"}}, ("epochs", "train_loss")),
        (
            {"shown": ["batch_size"], "goal": None, "guess": None, "curve": None},
            ("batch_size", "test_accuracy"),
        ),
        ({"curve": {"setting": "gone"}}, None),
    ],
)
def test_a_curve_is_over_what_the_lab_varies(lab: dict[str, Any], axes: tuple[str, str] | None) -> None:
    assert curve_axes({**EMPTY, **lab}, all_recipes()["mnist-mlp"]) == axes
