"""A lab's form as a page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.labs.forecast import Forecast, forecast
from app.labs.service import locked_values, starting_values
from app.recipes.recipe import Hyperparameter, Recipe, Value


@dataclass(frozen=True)
class SettingField:
    """One setting in a form: its text, its error, whether the lab locks it."""

    hyperparameter: Hyperparameter
    value: str
    error: str | None
    locked: bool


@dataclass(frozen=True)
class LabForm:
    """A recipe's form, as modified by a lesson's lab, or prefilled from another job."""

    recipe: Recipe
    lab: Mapping[str, Any] | None
    action: str
    basic: list[SettingField]
    advanced: list[SettingField]
    guess: str
    errors: dict[str, str]
    # What the starting values cost by the recipe's own figures; the script asks for what was measured here.
    forecast: Forecast
    # Settings that cannot be changed here, as text.
    locked: dict[str, str]


def lab_form(
    recipe: Recipe,
    lab: Mapping[str, Any] | None,
    action: str,
    *,
    values: Mapping[str, Value] | None = None,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> LabForm:
    """The form with `typed` texts (redisplaying an invalid one), otherwise `values` (a clone), otherwise the starting values."""
    errors = errors or {}
    locked = locked_values(recipe, lab)
    start = {**starting_values(recipe, lab), **(values or {}), **locked}
    hidden = set(lab["hidden"]) if lab else set()
    shown = set(lab["shown"]) if lab else set()
    basic: list[SettingField] = []
    advanced: list[SettingField] = []
    for hyperparameter in recipe.hyperparameters:
        name = hyperparameter.name
        if name in hidden:
            continue
        text = hyperparameter.as_text(start[name])
        if typed is not None and name not in locked:
            text = typed.get(name, "")
        setting = SettingField(hyperparameter, text, errors.get(name), name in locked)
        is_open = name in shown if shown else not hyperparameter.advanced
        (basic if is_open or name in locked else advanced).append(setting)
    return LabForm(
        recipe,
        lab,
        action,
        basic,
        advanced,
        (typed or {}).get("guess", ""),
        dict(errors),
        forecast(recipe, start),
        {name: recipe.hyperparameter(name).as_text(value) for name, value in locked.items()},
    )
