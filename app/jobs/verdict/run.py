"""A finished training as the rules read it, and what they return."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import sqrt
from typing import Any

from app.recipes.recipe import Hyperparameter, Value


class Kind(StrEnum):
    DIVERGING = "diverging"
    DEAD_UNITS = "dead-units"
    ONE_CLASS = "one-class"
    SMALL_RATE = "small-rate"
    FEW_EXAMPLES = "few-examples"
    OVERFITTING = "overfitting"
    STILL_FALLING = "still-falling"
    BELOW_BASELINE = "below-baseline"
    AT_BASELINE = "at-baseline"
    LUCKY_VALIDATION = "lucky-validation"
    HEALTHY = "healthy"


@dataclass(frozen=True)
class Epoch:
    """The mean training loss of an epoch, and the validation loss after it; None if not finite, or not measured."""

    number: int
    loss: float | None
    val_loss: float | None


@dataclass(frozen=True)
class Change:
    setting: str
    value: Value


@dataclass(frozen=True)
class Verdict:
    """`evidence` has the numbers that its sentence quotes."""

    kind: Kind
    evidence: Mapping[str, float | int | str | None]
    change: Change | None = None


@dataclass(frozen=True)
class Run:
    """`free` has the settings that its owner may change."""

    kind: str
    outcome: str
    epochs: Sequence[Epoch]
    metrics: Mapping[str, float | None]
    settings: Mapping[str, Value]
    free: Mapping[str, Hyperparameter] = field(default_factory=dict)
    # confusion[label][predicted] of the test set; empty for a regression.
    confusion: Sequence[Sequence[int]] = ()
    classes: Sequence[str] = ()
    # Units behind a ReLU, and how many of them are zero for every validation example; 0 where that was not measured.
    units: int = 0
    dead: int = 0

    @property
    def is_classification(self) -> bool:
        return self.kind == "classification"

    @property
    def tested(self) -> int:
        """The number of test examples of a classification."""
        return sum(sum(row) for row in self.confusion)

    @property
    def losses(self) -> list[float]:
        """Of all epochs; empty unless every one is finite."""
        return _all_finite([each.loss for each in self.epochs])

    @property
    def val_losses(self) -> list[float]:
        return _all_finite([each.val_loss for each in self.epochs])

    def metric(self, name: str) -> float | None:
        return self.metrics.get(name)

    def number(self, setting: str) -> float | None:
        """The value of a numeric setting; None if the recipe has no such setting."""
        value = self.settings.get(setting)
        return None if value is None or isinstance(value, (bool, str)) else float(value)

    @property
    def chance(self) -> float:
        """Three standard errors of an accuracy near the baseline on this many test examples."""
        share = self.metric("baseline_accuracy") or 0.0
        return 3 * sqrt(max(share * (1 - share), 0.01) / max(self.tested, 1))

    def with_value(self, setting: str, value: Value) -> Change | None:
        """The change of one setting; None if it is locked, out of bounds, or no change."""
        hyperparameter = self.free.get(setting)
        if hyperparameter is None or self.settings.get(setting) == value:
            return None
        if hyperparameter.kind in {"integer", "number"} and not _within(hyperparameter, value):
            return None
        return Change(setting, value)

    def times(self, setting: str, factor: float) -> Change | None:
        """A numeric setting multiplied, within its bounds."""
        hyperparameter, old = self.free.get(setting), self.number(setting)
        if hyperparameter is None or old is None:
            return None
        new = min(max(old * factor, hyperparameter.minimum or 0.0), hyperparameter.maximum or old * factor)
        return self.with_value(
            setting, round(new) if hyperparameter.kind == "integer" else float(f"{new:.3g}")
        )

    def as_by_default(self, setting: str) -> Change | None:
        """A setting back at the recipe's own value."""
        hyperparameter = self.free.get(setting)
        return self.with_value(setting, hyperparameter.default) if hyperparameter else None


def run_of(
    report: Mapping[str, Any],
    epochs: Sequence[tuple[int, Mapping[str, float | None]]],
    settings: Mapping[str, Value],
    free: Mapping[str, Hyperparameter],
) -> Run:
    """From a report of the worker, and (number, metrics) of the epochs."""
    dead_units = report.get("dead_units") or {}
    return Run(
        kind=report.get("kind") or "",
        outcome=report.get("outcome") or "",
        epochs=[Epoch(number, metrics.get("loss"), metrics.get("val_loss")) for number, metrics in epochs],
        metrics=report.get("metrics") or {},
        settings=settings,
        free=free,
        confusion=report.get("confusion") or (),
        classes=report.get("classes") or (),
        units=int(dead_units.get("units") or 0),
        dead=int(dead_units.get("dead") or 0),
    )


def _all_finite(values: Sequence[float | None]) -> list[float]:
    finite = [value for value in values if value is not None]
    return finite if len(finite) == len(values) else []


def _within(hyperparameter: Hyperparameter, value: Value) -> bool:
    if isinstance(value, str) or hyperparameter.minimum is None or hyperparameter.maximum is None:
        return False
    return hyperparameter.minimum <= value <= hyperparameter.maximum
