"""Recipes as data: what recipe.toml says about a training's settings. The web never imports recipe.py."""

import hashlib
import tomllib
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError, create_model, model_validator

from app.core.config import get_settings
from app.core.errors import Invalid
from app.core.text import Bilingual, Slug, Strict
from app.web.forms import explain

Value = int | float | str | bool


class RecipeError(ValueError):
    """A recipe.toml, or values for it, that cannot be used."""


class ChoiceOption(Strict):
    value: str
    label: Bilingual


class Hyperparameter(Strict):
    """One setting of a recipe: its kind, bounds, default, and the words around it."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    kind: Literal["integer", "number", "choice", "boolean"]
    default: Value
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    advanced: bool = False
    label: Bilingual
    help: Bilingual
    choices: list[ChoiceOption] = []

    @model_validator(mode="after")
    def is_bounded(self) -> "Hyperparameter":
        if self.kind in {"integer", "number"} and (self.minimum is None or self.maximum is None):
            raise ValueError(f"{self.name}: a number needs `minimum` and `maximum`")
        if self.kind == "choice" and not self.choices:
            raise ValueError(f"{self.name}: a choice needs `choices`")
        self.check(self.default)
        return self

    @property
    def field_type(self) -> Any:
        """The type with its bounds, for Pydantic."""
        bounds = Field(ge=self.minimum, le=self.maximum)
        return {
            "integer": Annotated[int, bounds],
            "number": Annotated[float, bounds, Field(allow_inf_nan=False)],
            "boolean": bool,
            "choice": Literal[tuple(option.value for option in self.choices)] if self.choices else str,
        }[self.kind]

    def check(self, value: Any) -> Value:
        """`value` in this setting's type. Raises ValueError (Pydantic's ValidationError)."""
        return TypeAdapter(self.field_type).validate_python(value)

    def as_text(self, value: Value) -> str:
        """The value as it stands in a form's field."""
        if isinstance(value, bool):
            return "on" if value else ""
        return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)

    def as_words(self, value: Value) -> str | Bilingual:
        """The value as a reader sees it: a choice by its label."""
        return next((option.label for option in self.choices if option.value == value), self.as_text(value))


class Limits(Strict):
    seconds: Annotated[int, Field(ge=10, le=86400)]
    memory_mb: Annotated[int, Field(ge=256)]


class Estimate(Strict):
    seconds: Annotated[float, Field(gt=0)]


class Recipe(Strict):
    slug: Slug
    title: Bilingual
    summary: Bilingual
    dataset: Slug
    try_out: str | None = None
    # What `extra_of_epoch` gives the job's page to draw while it trains.
    live_figure: Literal["boundary"] | None = None
    queue: Literal["cpu", "gpu"] = "cpu"
    limits: Limits
    estimate: Estimate
    hyperparameters: list[Hyperparameter]

    @model_validator(mode="after")
    def has_seed_and_epochs(self) -> "Recipe":
        names = [h.name for h in self.hyperparameters]
        if len(set(names)) != len(names):
            raise ValueError("two hyperparameters have the same name")
        for needed in ("epochs", "seed"):
            if needed not in names:
                raise ValueError(f"every recipe has the hyperparameter `{needed}`")
        return self

    @cached_property
    def defaults(self) -> dict[str, Value]:
        return {h.name: h.default for h in self.hyperparameters}

    def hyperparameter(self, name: str) -> Hyperparameter:
        return next(h for h in self.hyperparameters if h.name == name)

    def check_values(self, values: Mapping[str, Any]) -> dict[str, Value]:
        """`values` in their types. Raises RecipeError that names the setting."""
        checked: dict[str, Value] = {}
        for name, value in values.items():
            try:
                checked[name] = self.hyperparameter(name).check(value)
            except StopIteration:
                raise RecipeError(f"{self.slug} has no setting {name!r}") from None
            except ValidationError as error:
                raise RecipeError(f"{name} = {value!r}: {error.errors()[0]['msg']}") from None
        return checked

    def checked_settings(self, values: Mapping[str, Any]) -> dict[str, Value]:
        """Every setting in its type, from values as they were meant. Raises Invalid with a sentence for each at fault."""
        fields_of: dict[str, Any] = {h.name: (h.field_type, ...) for h in self.hyperparameters}
        model = create_model("Settings", **fields_of)
        try:
            return model.model_validate(
                {name: value for name, value in values.items() if value is not None}
            ).model_dump()
        except ValidationError as error:
            raise Invalid(
                {str(e["loc"][0]): explain(e["type"], e.get("ctx") or {}) for e in error.errors()}
            ) from None


@lru_cache
def all_recipes() -> dict[str, Recipe]:
    """Every folder of recipes/, by slug. Raises RecipeError that names the file."""
    found = {}
    for path in sorted(get_settings().recipes_dir.glob("*/recipe.toml")):
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            found[path.parent.name] = Recipe(slug=path.parent.name, **data)
        except (tomllib.TOMLDecodeError, ValidationError, TypeError) as error:
            raise RecipeError(f"{path}: {error}") from None
    return found


def recipe_digest(slug: str) -> str:
    """A fingerprint of recipe.toml and recipe.py as they are on this machine now. Raises OSError where one is missing."""
    folder = get_settings().recipes_dir / slug
    digest = hashlib.sha256()
    for name in ("recipe.toml", "recipe.py"):
        content = (folder / name).read_bytes()
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()
