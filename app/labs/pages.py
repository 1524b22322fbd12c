"""A lab's form as a page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.core.i18n import gettext as _
from app.core.i18n import in_language
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

    @property
    def some_values(self) -> str:
        """What a sweep could try, as text for its field: every choice, or numbers around the starting value."""
        setting = self.hyperparameter
        if setting.kind == "boolean":
            return _(", ").join((_("on"), _("off")))
        if setting.kind == "choice":
            labels = [in_language(option.label) for option in setting.choices]
            is_plain = not any(set(label) & set(",，、;；") for label in labels)
            return _(", ").join(labels if is_plain else [option.value for option in setting.choices])
        start = setting.default
        return ", ".join(dict.fromkeys(setting.as_text(value) for value in _around(setting, float(start))))


def _around(setting: Hyperparameter, start: float) -> list[Value]:
    """At most four values of a number within its bounds: by tens where these are far apart, otherwise by halves and doubles."""
    low, high = float(setting.minimum or 0), float(setting.maximum or 0)
    if setting.name == "seed":
        wanted = [start, start + 1, start + 2]
    elif start <= 0:
        wanted = [start, low + (high - low) / 4, low + (high - low) / 2]
    elif low > 0 and high / low >= 1000 and setting.kind == "number":
        wanted = [start / 10, start * 0.3, start, start * 3]
    else:
        wanted = [start / 2, start, start * 2]
    within = sorted({min(max(float(f"{value:.3g}"), low), high) for value in wanted})
    return [round(value) for value in within] if setting.kind == "integer" else list(within)


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
    # Where several values at once are sent, and what was typed there; empty without an address.
    sweep_action: str = ""
    sweep_fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def sweepable(self) -> list[SettingField]:
        """What a sweep can vary."""
        return [each for each in (*self.basic, *self.advanced) if not each.locked]


def lab_form(
    recipe: Recipe,
    lab: Mapping[str, Any] | None,
    action: str,
    *,
    values: Mapping[str, Value] | None = None,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    sweep_action: str = "",
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
        sweep_action,
        {name: text for name, text in (typed or {}).items() if name.startswith("sweep_")},
    )
