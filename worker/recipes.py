"""Find recipes and import their code: each is a folder of recipes/ with recipe.toml and recipe.py.

The web server reads recipe.toml by itself (app.recipes.recipe); only the worker imports recipe.py.
"""

import importlib.util
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from app.core.config import get_settings
from worker.channel import Hyperparameters
from worker.kit.data import Data

if TYPE_CHECKING:
    import keras


class Recipe(Protocol):
    """The functions of recipe.py, in the order in which they are called.

    It may also define `measure(model, data, hyperparameters) -> dict`: metrics that its `evaluate` and its notebook
    have in common; `extra_of_epoch(model, data, hyperparameters) -> dict`: small JSON-able data that the job's
    page draws after each epoch; and `exported(model) -> keras.Model`, the network for the browser if that has more outputs than
    the trained one; and `parts(model) -> dict[str, keras.Model]`, models that share its layers, for the browser as well.
    """

    def load(self, hyperparameters: Hyperparameters) -> Data: ...

    def build(self, data: Data, hyperparameters: Hyperparameters) -> "keras.Model": ...

    def compile(self, model: "keras.Model", hyperparameters: Hyperparameters) -> None: ...

    def evaluate(
        self, model: "keras.Model", data: Data, hyperparameters: Hyperparameters
    ) -> dict[str, Any]: ...


def folder_of(slug: str) -> Path:
    return get_settings().recipes_dir / slug


def recipe_slugs() -> list[str]:
    return sorted(path.parent.name for path in get_settings().recipes_dir.glob("*/recipe.toml"))


@cache
def load_recipe(slug: str) -> Recipe:
    """Import recipes/<slug>/recipe.py.

    Raises:
        LookupError: if there is no such recipe.
    """
    if slug not in recipe_slugs():
        raise LookupError(f"There is no recipe {slug!r}; there are: {', '.join(recipe_slugs())}.")
    spec = importlib.util.spec_from_file_location(
        f"recipes.{slug.replace('-', '_')}", folder_of(slug) / "recipe.py"
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return cast(Recipe, module)


def read_description(slug: str) -> dict[str, Any]:
    """recipe.toml as it stands."""
    return tomllib.loads((folder_of(slug) / "recipe.toml").read_text("utf-8"))


def default_hyperparameters(slug: str, **overrides: Any) -> Hyperparameters:
    """The form's starting values, for notebooks, benchmarks and tests. Unknown names in `overrides` raise KeyError."""
    defaults = {field["name"]: field["default"] for field in read_description(slug)["hyperparameters"]}
    for name in overrides:
        if name not in defaults:
            raise KeyError(
                f"The recipe {slug!r} has no hyperparameter {name!r}; it has: {', '.join(defaults)}."
            )
    return typed_hyperparameters(slug, defaults | overrides)


def typed_hyperparameters(slug: str, values: Hyperparameters) -> Hyperparameters:
    """The recipe's hyperparameters in the types of their kinds: Keras rejects a learning rate given as the integer 3.

    One that a stored job lacks, because the recipe got it later, has its default.
    """
    types = {"integer": int, "number": float, "boolean": bool, "choice": str}
    return {
        field["name"]: types[field["kind"]](values.get(field["name"], field["default"]))
        for field in read_description(slug)["hyperparameters"]
    }
