"""A training's form fields as values: recipes describe the forms of labs."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from app.core.typed import plain_number
from app.recipes.recipe import Hyperparameter, Recipe, Value


def read_settings(recipe: Recipe, fields: Mapping[str, str]) -> dict[str, Any]:
    """The settings as intended by the typed text, None for empty fields; `Recipe.checked_settings` validates them."""
    return {setting.name: _read(setting, fields) for setting in recipe.hyperparameters}


def read_setting(recipe: Recipe, name: str, text: str) -> dict[str, Value]:
    """One setting from a link; nothing if the recipe has no such setting, or not this value for it."""
    setting = next((setting for setting in recipe.hyperparameters if setting.name == name), None)
    if setting is None:
        return {}
    try:
        return {name: setting.check(_read(setting, {name: text}))}
    except ValidationError:
        return {}


def _read(setting: Hyperparameter, fields: Mapping[str, str]) -> Any:
    text = fields.get(setting.name)
    if setting.kind == "boolean":
        return text is not None and text.lower() in {"on", "true", "1"}
    if not text or not text.strip():
        return None
    return text.strip() if setting.kind == "choice" else plain_number(text)


def read_guess(fields: Mapping[str, str]) -> str:
    return fields.get("guess", "").strip()
