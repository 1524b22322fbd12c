"""The arithmetic of recipe.toml."""

import pytest

from app.recipes.formula import FormulaError, value_of

SETTINGS = {"units": 16, "depth": 2, "model": "mlp", "shortcuts": True}


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("785 * units + 10", 12570),
        ("units if depth > 1 else 1", 16),
        ("1 if shortcuts else 2", 1),
        ('{"linear": 1, "mlp": (depth - 1) * 7}[model]', 7),
        ("units // 5 + units % 5 + units / 4", 8),
    ],
)
def test_it_counts(formula: str, value: float) -> None:
    assert value_of(formula, SETTINGS) == value


@pytest.mark.parametrize(
    "formula",
    [
        "__import__('os')",
        "units.bit_length()",
        "9 ** 9 ** 9",
        "'ab' * 1000000000",
        "[1] * units",
        "width * 2",
        "{'linear': 1}[model]",
        "1 / (depth - 2)",
        "'text'",
        "1 +",
        "lambda: 1",
    ],
)
def test_anything_else_is_refused(formula: str) -> None:
    with pytest.raises(FormulaError):
        value_of(formula, SETTINGS)
