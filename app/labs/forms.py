"""A training's form fields as values: recipes describe the forms of labs."""

from collections.abc import Mapping
from typing import Any

from app.core.typed import plain_number
from app.recipes.recipe import Hyperparameter, Recipe


def read_settings(recipe: Recipe, fields: Mapping[str, str]) -> dict[str, Any]:
    """The settings as intended by the typed text, None for empty fields; `Recipe.checked_settings` validates them."""
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
