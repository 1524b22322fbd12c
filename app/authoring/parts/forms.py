"""A question or a lab as described by a form, in the shape written to its file."""

import re
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
    data |= _changes_of(recipe, data)
    goal = data.get("goal")
    conditions = goal.get("conditions") if isinstance(goal, dict) else None
    for condition in conditions if isinstance(conditions, list) else ():
        if isinstance(condition, dict) and isinstance(condition.get("equals"), str):
            condition["equals"] = _plain(condition["equals"])
    return data


def _changes_of(recipe: Recipe, data: dict[str, Any]) -> dict[str, Any]:
    """The parts of a lab that say what to change in its starting values, read from lines such as `epochs = 3, optimizer = adam`. Raises Invalid."""
    errors: dict[str, str] = {}

    def read(name: str, line: Any) -> dict[str, Any]:
        try:
            return changes(recipe, str(line or ""))
        except Invalid as error:
            errors[name] = error.fields[""]
            return {}

    ranges = data.get("ranges")
    rows = [row for row in ranges if isinstance(row, dict)] if isinstance(ranges, list) else []
    guess = dict(data["guess"]) if isinstance(data.get("guess"), dict) else {}
    shown_by = guess.pop("shown_by", None)
    line = guess.pop("when", None)
    if shown_by:
        guess["when"] = read("guess-when", line) if shown_by == "changes" else {}
    elif line:
        errors["guess-when"] = _("Please choose “with these changes” beside it.")
    lines = str(data.get("also_measured") or "").split("\n")
    read_parts = {
        "ranges": [
            row | {"when": read(f"ranges-{index}-when", row.get("when"))} for index, row in enumerate(rows)
        ],
        "solution": read("solution", data.get("solution")),
        "also_measured": [read("also_measured", line) for line in lines if line.strip()],
        **({"guess": guess} if guess else {}),
    }
    if errors:
        raise Invalid(errors)
    return read_parts


def changes(recipe: Recipe, line: str) -> dict[str, Any]:
    """`epochs = 3, optimizer = adam` as values in their types. Raises Invalid."""
    found: dict[str, Any] = {}
    for part in filter(None, (part.strip() for part in re.split(r"[,，;；\n]", line))):
        name, equals, text = (piece.strip() for piece in part.replace("＝", "=").partition("="))
        if not equals or name not in recipe.defaults:
            sentence = _("“{text}” is no setting of this recipe with a value, such as {name} = {value}.")
            first = recipe.hyperparameters[0]
            raise Invalid(
                {"": sentence.format(text=part, name=first.name, value=first.as_text(first.default))}
            )
        try:
            found[name] = recipe.hyperparameter(name).check(text)
        except ValidationError as error:
            problem = error.errors()[0]
            raise Invalid({"": f"{name}: {explain(problem['type'], problem.get('ctx') or {})}"}) from None
    return found


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
