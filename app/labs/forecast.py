"""What a training with these settings will cost: its time, by the runs that were measured here, its parameters and their memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, log
from statistics import median
from typing import Any

from app.recipes.formula import FormulaError, value_of
from app.recipes.recipe import Recipe, Value

# What a step, and an example, costs beside its model's multiplications, in multiplications: small networks on small batches wait for
# Keras. About so measured with mnist-mlp on two cores.
STEP = 10_000_000
EXAMPLE = 100_000
# Of a training that was not measured here, the seconds to load, evaluate and export, at most.
AROUND = 2.0
# So many measured runs, those most alike, give the median.
ALIKE = 7
BYTES = 4
# Weights, their gradients, and what the optimiser keeps for each.
COPIES = {"sgd": 2, "momentum": 3, "adam": 4}


@dataclass(frozen=True)
class MeasuredRun:
    """A finished training of a recipe on this installation: its seconds in its epochs, and in all."""

    settings: Mapping[str, Any]
    epochs: int
    fit_seconds: float
    seconds: float
    parameters: int | None


@dataclass(frozen=True)
class Forecast:
    """`runs` is the number of measured runs behind the seconds; 0 means the recipe's own figure for its default settings."""

    seconds: float
    runs: int
    limit: int
    parameters: int | None
    weight_bytes: int | None
    training_bytes: int | None

    @property
    def is_too_long(self) -> bool:
        return self.seconds > self.limit


def forecast(recipe: Recipe, settings: Mapping[str, Value], runs: Sequence[MeasuredRun] = ()) -> Forecast:
    """`settings` are all of the recipe's, checked; `runs` the measured ones, latest first."""
    parameters = _parameters(recipe, settings, runs)
    copies = COPIES.get(str(settings.get("optimizer")))
    weights = BYTES * parameters if parameters is not None else None
    rated = _rated(recipe, settings, runs)
    if rated:
        around = median(run.seconds - run.fit_seconds for run, _ in rated)
        seconds = around + median(rate for _, rate in rated) * _effort(recipe, settings)
    else:
        seconds = _scaled(recipe, settings)
    return Forecast(
        seconds,
        len(rated),
        recipe.limits.seconds,
        parameters,
        weights,
        weights * copies if weights is not None and copies else None,
    )


def _scaled(recipe: Recipe, settings: Mapping[str, Value]) -> float:
    """From the recipe's own figure, which holds for its default settings."""
    figure = recipe.estimate.seconds
    around = min(AROUND, figure / 2)
    return around + (figure - around) * _effort(recipe, settings) / _effort(recipe, recipe.defaults)


def _rated(
    recipe: Recipe, settings: Mapping[str, Value], runs: Sequence[MeasuredRun]
) -> list[tuple[MeasuredRun, float]]:
    """The runs most alike, each with its seconds for one multiplication: first the same choices, then about the same effort."""
    wanted = _effort(recipe, settings, epochs=1)
    found = []
    for run in runs:
        theirs = {**recipe.defaults, **run.settings}
        effort = _effort(recipe, theirs, epochs=1)
        distance = abs(log(effort / wanted))
        found.append(
            (_other_choices(recipe, settings, theirs), distance, run, run.fit_seconds / (effort * run.epochs))
        )
    found.sort(key=lambda each: each[:2])
    nearest = found[0][0] if found else 0
    return [(run, rate) for others, _, run, rate in found[:ALIKE] if others == nearest]


def _other_choices(recipe: Recipe, one: Mapping[str, Any], other: Mapping[str, Any]) -> int:
    chosen = (h.name for h in recipe.hyperparameters if h.kind in {"choice", "boolean"})
    return sum(one[name] != other[name] for name in chosen)


def _effort(recipe: Recipe, settings: Mapping[str, Any], epochs: int | None = None) -> float:
    """About the multiplications of the whole training."""
    estimate = recipe.estimate
    examples = max(1.0, _number(estimate.examples or "train_size", settings) or 1000.0)
    work = _number(estimate.work or estimate.parameters, settings) or 1.0
    steps = ceil(examples / max(1, int(settings.get("batch_size", 32))))
    return float(epochs or int(settings["epochs"])) * (steps * STEP + examples * (EXAMPLE + work))


def _parameters(recipe: Recipe, settings: Mapping[str, Value], runs: Sequence[MeasuredRun]) -> int | None:
    """By the recipe's formula; otherwise as measured with the same model. None if neither is known."""
    if recipe.estimate.parameters:
        counted = _number(recipe.estimate.parameters, settings)
        return None if counted is None else round(counted)
    for run in runs:
        theirs = {**recipe.defaults, **run.settings}
        if all(theirs[name] == value for name, value in settings.items() if name not in NOT_OF_THE_MODEL):
            return run.parameters
    return None


# Settings that leave the model's size as it is, by the names that all recipes give them.
NOT_OF_THE_MODEL = frozenset(
    {"epochs", "seed", "batch_size", "learning_rate", "train_size", "optimizer", "dropout", "threshold"}
)


def _number(formula: str | None, settings: Mapping[str, Any]) -> float | None:
    try:
        return value_of(formula, settings) if formula else None
    except FormulaError:
        return None
