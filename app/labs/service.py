"""What a lab asks for and what it keeps as it is."""

from collections.abc import Mapping
from typing import Any

from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.core.typed import numbers_meant
from app.recipes.recipe import Recipe, Value


def checked_values(
    recipe: Recipe, values: Mapping[str, Any], lab: Mapping[str, Any] | None
) -> dict[str, Value]:
    """The settings that one asks for; what a lab fixes or hides nobody can change. Raises Invalid."""
    return recipe.checked_settings({**values, **locked_values(recipe, lab)})


def locked_values(recipe: Recipe, lab: Mapping[str, Any] | None) -> dict[str, Value]:
    """What a lab does not let one change: `fixed` values, and the starting value of `hidden` ones."""
    if not lab:
        return {}
    start = starting_values(recipe, lab)
    return {name: start[name] for name in (*lab["fixed"], *lab["hidden"])}


def starting_values(recipe: Recipe, lab: Mapping[str, Any] | None) -> dict[str, Value]:
    """The recipe's defaults, changed by the lab's."""
    return {**recipe.defaults, **((lab or {}).get("defaults") or {}), **((lab or {}).get("fixed") or {})}


def is_share(metric: str) -> bool:
    """Whether a metric lies between 0 and 1."""
    return metric.endswith("accuracy")


def checked_guess(guess: str, lab: Mapping[str, Any] | None) -> str | None:
    """What the student expects. Raises Invalid where a lab asks and nothing fitting came."""
    question = (lab or {}).get("guess")
    if not question:
        return None
    text = guess.strip()
    if not text:
        raise Invalid({"guess": _("Please make a guess first. A wrong one teaches more than none.")})
    if question["kind"] == "choice":
        if text not in {option["value"] for option in question["options"]}:
            raise Invalid({"guess": _("Please choose one of the offered values.")})
        return text
    meant = numbers_meant(text)
    if not meant:
        raise Invalid({"guess": _("Please enter a number.")})
    # Of a percentage the share: 93% is 0.93.
    number = meant[-1]
    if is_share(question["metric"]) and not 0 <= number <= 1:
        raise Invalid({"guess": _("Please enter a number from 0 to 1, or a percentage such as 93%.")})
    return f"{number:g}"
