"""Recipes as data: the content of recipe.toml. The web server never imports recipe.py."""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError, create_model, field_validator, model_validator

from app.core.config import get_settings
from app.core.errors import Invalid
from app.core.text import Bilingual, Slug, Strict
from app.core.toml_lines import toml_line
from app.recipes.dataset import known_slugs
from app.recipes.formula import value_of
from app.recipes.parts import FIGURE, TRY_OUT, PartError, Parts, read_parts
from app.web.forms import explain

Value = int | float | str | bool

# What templates/jobs/_figures.html can draw; every other figure is a recipe's own.
FIGURES = frozenset({"boundary", "fit-line", "gradient-check", "templates"})
OWN = "own"


class RecipeError(ValueError):
    """A recipe.toml, or values for it, that cannot be used."""


class ChoiceOption(Strict):
    value: str
    label: Bilingual


class Hyperparameter(Strict):
    """One setting of a recipe: its kind, bounds, default, and texts."""

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
        return self.adapter.validate_python(value)

    @cached_property
    def adapter(self) -> TypeAdapter[Value]:
        """Cached: a lesson's page asks for each setting that its labs name."""
        return TypeAdapter(self.field_type)

    def as_text(self, value: Value) -> str:
        """The value as text of a form's field."""
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
    """What a training costs before any was measured. The other three are formulas over the settings; see app.recipes.formula."""

    # Of the default settings, on two cores.
    seconds: Annotated[float, Field(gt=0)]
    # How many the model has. A test compares it with the model.
    parameters: str | None = None
    # The multiplications for one example, where they are not about as many as the parameters.
    work: str | None = None
    # How many examples an epoch has; without it, `train_size`.
    examples: str | None = None


class TryOut(Strict):
    """How to try the trained model on its page. The texts are the recipe's: the same pad serves digits and clothes."""

    kind: str
    # The prompt of the drawing pad, or what to write.
    prompt: Bilingual | None = None
    # Whether it offers drawn digits as samples.
    sample_digits: bool = False

    @property
    def has_camera(self) -> bool:
        return self.kind == "picture"

    @model_validator(mode="after")
    def is_known(self) -> "TryOut":
        if self.kind not in {"drawing", "picture", "text", OWN}:
            raise ValueError(
                f'there is no try-out {self.kind!r}: there are "drawing", "picture" and "text", and "own" for try-out.html or try-out.js in the folder'
            )
        if self.kind in {"drawing", "text"} and self.prompt is None:
            raise ValueError(f'the try-out "{self.kind}" needs `prompt`, what to draw or to write')
        return self


class ReportRow(Strict):
    """A metric of the report that is shown with the result."""

    metric: str
    label: Bilingual
    format: Literal["decimal", "percent", "integer"] = "decimal"
    # The metric that it is a baseline of, beside which it stands.
    baseline_of: str | None = None


class Curve(Strict):
    """A metric besides loss and accuracy that is drawn while training."""

    metric: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    label: Bilingual


class Recipe(Strict):
    slug: Slug
    title: Bilingual
    summary: Bilingual
    # None if recipe.py generates its examples itself.
    dataset: Slug | None = None
    try_out: TryOut | None = None
    # The kinds of figures in its report.
    figures: list[str] = []
    # What `extra_of_epoch` returns for the job's page to draw during training.
    live_figure: str | None = None
    report: list[ReportRow] = []
    # The metric of `report` that is a result's one number, where the accuracy would mislead.
    headline: str | None = None
    curves: list[Curve] = []
    # Translations for its own figure and try-out.
    words: dict[str, Bilingual] = {}
    parts: Parts = Parts()
    queue: Literal["cpu", "gpu"] = "cpu"
    limits: Limits
    estimate: Estimate
    hyperparameters: list[Hyperparameter]
    # What may be changed when a training continues from another one's weights: nothing of the network, nor of what its inputs mean.
    # Empty: none continues.
    continuing: list[str] = []

    @field_validator("figures")
    @classmethod
    def figures_are_known(cls, kinds: list[str]) -> list[str]:
        for kind in kinds:
            if kind not in FIGURES | {OWN}:
                raise ValueError(
                    f'there is no figure {kind!r}: there are {", ".join(sorted(FIGURES))}, and "own" for figure.html or figure.js in the folder'
                )
        return kinds

    @field_validator("live_figure")
    @classmethod
    def live_figure_is_known(cls, kind: str | None) -> str | None:
        if kind not in {None, "boundary", OWN}:
            raise ValueError(f'there is no live figure {kind!r}: there are "boundary" and "own"')
        return kind

    @model_validator(mode="after")
    def headline_is_in_the_report(self) -> "Recipe":
        if self.headline is not None and self.headline not in {row.metric for row in self.report}:
            raise ValueError(f"`headline` is {self.headline!r}, which is no metric of `report`")
        return self

    @model_validator(mode="after")
    def has_its_own_parts(self) -> "Recipe":
        if self.try_out and self.try_out.kind == OWN and not self.parts.has(TRY_OUT):
            raise ValueError("`try_out` is its own, but there is neither try-out.html nor try-out.js")
        if OWN in (*self.figures, self.live_figure) and not self.parts.has(FIGURE):
            raise ValueError("a figure is its own, but there is neither figure.html nor figure.js")
        return self

    @model_validator(mode="after")
    def has_seed_and_epochs(self) -> "Recipe":
        names = [h.name for h in self.hyperparameters]
        if len(set(names)) != len(names):
            raise ValueError("two hyperparameters have the same name")
        for needed in ("epochs", "seed"):
            if needed not in names:
                raise ValueError(f"every recipe has the hyperparameter `{needed}`")
        for name in self.continuing:
            if name not in names:
                raise ValueError(f"`continuing` names {name!r}, which is no hyperparameter")
        return self

    @model_validator(mode="after")
    def formulas_have_values(self) -> "Recipe":
        for name in ("parameters", "work", "examples"):
            formula = getattr(self.estimate, name)
            if formula is not None and value_of(formula, self.defaults) <= 0:
                raise ValueError(f"`{name}` of `estimate` is not positive for the default settings")
        return self

    @cached_property
    def defaults(self) -> dict[str, Value]:
        return {h.name: h.default for h in self.hyperparameters}

    def hyperparameter(self, name: str) -> Hyperparameter:
        return next(h for h in self.hyperparameters if h.name == name)

    @cached_property
    def has_data(self) -> bool:
        """False if the folder of its data set is gone."""
        return self.dataset is None or self.dataset in known_slugs()

    def check_values(self, values: Mapping[str, Any]) -> dict[str, Value]:
        """`values` converted to their types. Raises RecipeError naming the setting."""
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
        """Every setting in its type, from interpreted values. Raises Invalid with a message for each faulty one."""
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
    """Every folder of recipes/, by slug. Raises RecipeError naming the file."""
    found = {}
    for path in sorted(get_settings().recipes_dir.glob("*/recipe.toml")):
        found[path.parent.name] = _read(path)
    return found


def _read(path: Path) -> Recipe:
    """Raises RecipeError naming file and line."""
    text = ""
    try:
        text = path.read_text(encoding="utf-8")
        parts = read_parts(path.parent)
        data = tomllib.loads(text)
        for name in ("slug", "parts"):
            if name in data:
                raise RecipeError(f"{path}:{toml_line(text, (name,))}: {name}: the folder says this")
        return Recipe(slug=path.parent.name, parts=parts, **data)
    except ValidationError as error:
        raise RecipeError("\n".join(_sentences(path, text, error))) from None
    except PartError as error:
        raise RecipeError(str(error)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path}: {error}") from None


def _sentences(path: Path, text: str, error: ValidationError) -> Iterator[str]:
    for problem in error.errors():
        location = tuple(part for part in problem["loc"] if part != OWN)
        message = problem["msg"].removeprefix("Value error, ")
        line = toml_line(text, location or (_named_in(message),))
        yield f"{path}:{line}: {'.'.join(map(str, location)) or 'recipe'}: {message}"


def _named_in(message: str) -> str:
    """The key that an error of the whole file is about."""
    return next(
        (key for key in ("try_out", "figures", "live_figure", "headline") if key.rstrip("s") in message), ""
    )


@lru_cache
def recipes_digest() -> str:
    """A digest of all recipes known to this process: a lesson's labs refer to them and their settings."""
    known = [(recipe.model_dump_json(), recipe.has_data) for recipe in all_recipes().values()]
    return hashlib.sha256(repr(known).encode()).hexdigest()


def recipe_digest(slug: str) -> str:
    """A digest of the current recipe.toml and recipe.py on this machine. Raises OSError if one is missing."""
    folder = get_settings().recipes_dir / slug
    digest = hashlib.sha256()
    for name in ("recipe.toml", "recipe.py"):
        content = (folder / name).read_bytes()
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()
