"""What a form asks of a training, as values: forms of labs are described by their recipes."""

from collections.abc import Mapping
from typing import Any

from app.core.typed import plain_number
from app.recipes.recipe import Hyperparameter, Recipe


def read_settings(recipe: Recipe, fields: Mapping[str, str]) -> dict[str, Any]:
    """The settings as they were meant, None where nothing came; `Recipe.checked_settings` checks them."""
    return {setting.name: _read(setting, fields) for setting in recipe.hyperparameters}


def _read(setting: Hyperparameter, fields: Mapping[str, str]) -> Any:
    text = fields.get(setting.name)
    if setting.kind == "boolean":
        return text is not None and text.lower() in {"on", "true", "1"}
    if not text or not text.strip():
        return None
    return text.strip() if setting.kind == "choice" else plain_number(text)


def read_guess(fields: Mapping[str, str]) -> str:
    return fields.get("guess", "").strip()
