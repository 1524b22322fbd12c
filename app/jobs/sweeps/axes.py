"""The one or two settings that a sweep varies, and their values as a student types them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from pydantic import ValidationError

from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.core.i18n import in_language
from app.core.typed import plain_number, plain_typing
from app.labs.service import locked_values
from app.recipes.recipe import Hyperparameter, Recipe, Value
from app.web.forms import explain

MOST_RUNS = 12
LONGEST_LIST = 400
# Of the fields in a form, for the first setting and the second.
FIELDS = (("sweep_setting", "sweep_values"), ("sweep_setting_2", "sweep_values_2"))
_BETWEEN_WORDS = re.compile(r"[,，、;；\n]")
_BETWEEN_NUMBERS = re.compile(r"[,，、;；\s]")
_ON, _OFF = {"on", "true", "yes", "1", "开"}, {"off", "false", "no", "0", "关"}


@dataclass(frozen=True)
class Axis:
    setting: str
    values: Sequence[Value]


@dataclass(frozen=True)
class TypedAxis:
    """A setting's name and its values as typed."""

    setting: str
    values: str


def checked_axes(
    recipe: Recipe, typed: tuple[TypedAxis, TypedAxis], lab: Mapping[str, Any] | None
) -> list[Axis]:
    """The second one may be left out. Raises Invalid with a message at the field at fault."""
    locked = locked_values(recipe, lab)
    found: list[Axis] = []
    errors: dict[str, str] = {}
    for (name, values), axis in zip(FIELDS, typed, strict=True):
        is_left_out = not axis.setting and not axis.values.strip()
        if is_left_out and name != FIELDS[0][0]:
            continue
        setting = next((h for h in recipe.hyperparameters if h.name == axis.setting), None)
        if setting is None or setting.name in locked:
            errors[name] = _("Please choose a setting that can be changed here.")
        elif any(setting.name == other.setting for other in found):
            errors[name] = _("Please choose another setting than the first one.")
        else:
            try:
                found.append(Axis(setting.name, _values(setting, axis.values)))
            except ValueError as error:
                errors[values] = str(error)
    count = prod(len(axis.values) for axis in found)
    if not errors and count > MOST_RUNS:
        errors[FIELDS[len(found) - 1][1]] = _(
            "These are {count} trainings; a sweep has at most {most}. Please leave out some values."
        ).format(count=count, most=MOST_RUNS)
    if errors:
        raise Invalid(errors)
    return found


def combinations(axes: Sequence[Axis]) -> Iterator[dict[str, Value]]:
    """The settings of each training, the last axis varying fastest."""
    for values in product(*(axis.values for axis in axes)):
        yield {axis.setting: value for axis, value in zip(axes, values, strict=True)}


def _values(setting: Hyperparameter, text: str) -> list[Value]:
    """In the order typed, each once. Raises ValueError with a message for the student."""
    if len(text) > LONGEST_LIST:
        raise ValueError(_("Please use at most {max_length} characters.").format(max_length=LONGEST_LIST))
    between = _BETWEEN_NUMBERS if setting.kind in {"integer", "number"} else _BETWEEN_WORDS
    values = list(dict.fromkeys(_value(setting, one.strip()) for one in between.split(text) if one.strip()))
    if len(values) < 2:
        raise ValueError(_("Please enter at least two values, with commas between them."))
    return values


def _value(setting: Hyperparameter, text: str) -> Value:
    if setting.kind == "boolean":
        return _switch(text)
    if setting.kind == "choice":
        return _chosen(setting, text)
    try:
        return setting.check(plain_number(text))
    except ValidationError as error:
        first = error.errors()[0]
        message = explain(first["type"], first.get("ctx") or {})
        raise ValueError(_("“{value}”: {message}").format(value=text, message=message)) from None


def _switch(text: str) -> bool:
    word = plain_typing(text).lower()
    if word in _ON | {_("on").lower()}:
        return True
    if word in _OFF | {_("off").lower()}:
        return False
    raise ValueError(_("“{value}” is neither on nor off.").format(value=text))


def _chosen(setting: Hyperparameter, text: str) -> str:
    """An option by its label in either language, or by its value."""
    word = text.casefold()
    for option in setting.choices:
        if word in {name.casefold() for name in (option.value, *option.label.written.values())}:
            return option.value
    options = _(", ").join(in_language(option.label) for option in setting.choices)
    raise ValueError(_("“{value}” is none of these: {options}").format(value=text, options=options))
