"""What a lab lets students set and what it locks."""

from collections.abc import Mapping
from typing import Any

from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.core.typed import numbers_meant
from app.recipes.recipe import Recipe, RecipeError, Value, all_recipes


def offered_recipe(slug: str, lab: Mapping[str, Any] | None = None) -> Recipe | None:
    """The recipe, for itself or for a stored lab, if it can be trained now; None if `why_gone` has a reason."""
    return None if why_gone(slug, lab) else all_recipes()[slug]


def why_gone(slug: str, lab: Mapping[str, Any] | None = None) -> str | None:
    """What a stored lab refers to that no longer exists, as a message for the site's operator; None if all of it does."""
    recipe = all_recipes().get(slug)
    if recipe is None:
        return f"needs the recipe {slug!r}, which does not exist"
    if not recipe.has_data:
        return f"needs the recipe {slug!r}, whose data set {recipe.dataset!r} does not exist"
    for name in named_settings(lab) if lab else ():
        if name not in recipe.defaults:
            return f"{slug} has no setting {name!r}"
    try:
        recipe.check_values({**lab["defaults"], **lab["fixed"]} if lab else {})
    except RecipeError as error:
        return str(error)
    return None


def named_settings(lab: Mapping[str, Any]) -> list[str]:
    """Every setting of its recipe that a stored lab refers to."""
    conditions = (lab.get("goal") or {}).get("conditions", ())
    return [
        *lab["defaults"],
        *lab["fixed"],
        *lab["hidden"],
        *lab["shown"],
        *(condition["setting"] for condition in conditions if condition.get("setting")),
        *filter(None, [(lab.get("curve") or {}).get("setting")]),
    ]


def checked_values(
    recipe: Recipe, values: Mapping[str, Any], lab: Mapping[str, Any] | None
) -> dict[str, Value]:
    """The requested settings; those that a lab fixes or hides cannot be changed. Raises Invalid."""
    return recipe.checked_settings({**values, **locked_values(recipe, lab)})


def locked_values(recipe: Recipe, lab: Mapping[str, Any] | None) -> dict[str, Value]:
    """The settings a lab locks: `fixed` values, and the starting value of `hidden` ones."""
    if not lab:
        return {}
    start = starting_values(recipe, lab)
    return {name: start[name] for name in (*lab["fixed"], *lab["hidden"])}


def starting_values(recipe: Recipe, lab: Mapping[str, Any] | None) -> dict[str, Value]:
    """The recipe's defaults, overridden by the lab's."""
    return {**recipe.defaults, **((lab or {}).get("defaults") or {}), **((lab or {}).get("fixed") or {})}


def differing(
    values: Mapping[str, Any], recipe: Recipe, lab: Mapping[str, Any] | None, changes: Mapping[str, Any]
) -> dict[str, Value]:
    """The settings in which `values` differ from a lab's starting values with these changes, as these have them; but for the seed."""
    wanted = {**starting_values(recipe, lab), **changes}
    return {name: value for name, value in wanted.items() if name != "seed" and values.get(name) != value}


def is_share(metric: str) -> bool:
    """Whether a metric lies between 0 and 1."""
    return metric.endswith(("accuracy", "recall", "precision", "iou", "f1"))


def checked_guess(guess: str, lab: Mapping[str, Any] | None) -> str | None:
    """The student's guess. Raises Invalid if a lab asks for one and none is valid."""
    question = (lab or {}).get("guess")
    if not question:
        return None
    text = guess.strip()
    if not text:
        raise Invalid({"guess": _("Please make a guess first. A wrong one teaches more than none.")})
    if question["kind"] == "choice":
        if text not in {option["value"] for option in question["options"]}:
            raise Invalid({"guess": _("Please choose one of the options.")})
        return text
    meant = numbers_meant(text)
    if not meant:
        raise Invalid({"guess": _("Please enter a number.")})
    # A percentage as a fraction: 93% is 0.93.
    number = meant[-1]
    if is_share(question["metric"]) and not 0 <= number <= 1:
        raise Invalid({"guess": _("Please enter a number from 0 to 1, or a percentage such as 93%.")})
    return f"{number:g}"
