"""A question or a lab as described by a form, in the shape written to its file."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from app.authoring.parts.fields import nested
from app.authoring.parts.service import Kind, Source
from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.core.text import Term
from app.labs.sources import LabSource
from app.publishing.sources import QuestionSource
from app.recipes.recipe import Recipe, all_recipes
from app.web.forms import explain

BEYOND_ANY_METRIC = 1e15
# Fields that describe the form itself.
_OWN_FIELDS = {"csrf_token", "request_key", "was", "place", "action"}


def read_part(kind: Kind, fields: Mapping[str, str]) -> Source:
    """Raises Invalid with a message for each faulty field."""
    data = nested({name: text for name, text in fields.items() if name not in _OWN_FIELDS})
    try:
        if kind == "lab":
            return LabSource.model_validate(_lab_data(data))
        if kind == "term":
            return Term.model_validate(data)
        data["answers"] = [line for line in str(data.get("answers", "")).split("\n") if line.strip()]
        return QuestionSource.model_validate(data)
    except ValidationError as error:
        raise Invalid(
            {"-".join(map(str, e["loc"])): explain(e["type"], e.get("ctx") or {}) for e in error.errors()}
        ) from None


def _lab_data(data: dict[str, Any]) -> dict[str, Any]:
    """The form's values and modes as a lab's defaults, fixed, hidden and shown. Raises Invalid."""
    recipe = all_recipes().get(str(data.get("recipe")))
    if recipe is None:
        raise Invalid({"recipe": _("Please choose one of the options.")})
    values, modes = _texts(data, "values"), _texts(data, "modes")
    typed = _typed(recipe, values)
    for name, mode in modes.items():
        if mode == "fixed" and name in recipe.defaults and name not in typed:
            typed[name] = recipe.defaults[name]
    data["defaults"] = {name: part for name, part in typed.items() if modes.get(name) != "fixed"}
    data["fixed"] = {name: part for name, part in typed.items() if modes.get(name) == "fixed"}
    for mode in ("hidden", "shown"):
        data[mode] = [name for name in recipe.defaults if modes.get(name) == mode]
    goal = data.get("goal")
    conditions = goal.get("conditions") if isinstance(goal, dict) else None
    for condition in conditions if isinstance(conditions, list) else ():
        if isinstance(condition, dict) and isinstance(condition.get("equals"), str):
            condition["equals"] = _plain(condition["equals"])
    return data


def _texts(data: dict[str, Any], name: str) -> dict[str, str]:
    """Pop the part `name` of a form: a text for each key. Raises Invalid for a hand-made form such as `values=x`."""
    part = data.pop(name, {})
    if not isinstance(part, dict) or not all(isinstance(text, str) for text in part.values()):
        raise Invalid({name: _("This value cannot be used.")})
    return part


def _typed(recipe: Recipe, values: Mapping[str, str]) -> dict[str, Any]:
    typed, errors = {}, {}
    for name, text in values.items():
        if name not in recipe.defaults:
            continue  # a setting of the previously chosen recipe
        hyperparameter = recipe.hyperparameter(name)
        try:
            typed[name] = hyperparameter.check(text)
        except ValidationError as error:
            problem = error.errors()[0]
            errors[f"values-{name}"] = explain(problem["type"], problem.get("ctx") or {})
    if errors:
        raise Invalid(errors)
    return typed


def _plain(text: str) -> str | int | float | bool:
    """The value a condition compares with: a number or boolean if the text is one."""
    if text in {"true", "false"}:
        return text == "true"
    for kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            continue
        return number if abs(number) < BEYOND_ANY_METRIC else text  # excludes nan, inf, and a thousand digits
    return text
