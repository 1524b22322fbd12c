"""What the trainings of a sweep are compared by: one metric, and which of them is best."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from app.labs.service import is_share
from app.recipes.recipe import Recipe

# After what the lab asks about.
USUAL = ("test_accuracy", "test_loss")
ON_VALIDATION = {"test_accuracy": "val_accuracy", "test_loss": "val_loss"}
Metrics = Mapping[str, Any]


@dataclass(frozen=True)
class Measure:
    metric: str

    @property
    def is_share(self) -> bool:
        return is_share(self.metric)

    @property
    def while_training(self) -> str:
        """The metric of an epoch that comes nearest to it."""
        return ON_VALIDATION.get(self.metric, f"val_{self.metric.removeprefix('test_')}")

    def of(self, metrics: Metrics | None) -> float | None:
        return number((metrics or {}).get(self.metric))

    def best(self, values: Iterable[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return (max if self.is_share else min)(known) if known else None

    def in_words(self, value: float) -> str:
        return f"{100 * value:.1f}%" if self.is_share else f"{value:.4g}"


def measure_of(
    lab: Mapping[str, Any] | None, recipe: Recipe | None, finished: Sequence[Metrics | None]
) -> Measure:
    """By what the lab asks about; otherwise by the accuracy on the test set, or the loss where a recipe has none.

    `finished`: the metrics of those that have succeeded. What none of them has is not used.
    """
    conditions = ((lab or {}).get("goal") or {}).get("conditions", ())
    asked = [((lab or {}).get("guess") or {}).get("metric"), *(each.get("metric") for each in conditions)]
    own = [row.metric for row in recipe.report if row.baseline_of is None] if recipe else []
    shares = [metric for metric in own if is_share(metric)]
    candidates = [
        *(metric for metric in asked if metric and (is_share(metric) or metric.endswith("loss"))),
        *USUAL[:1],
        *shares,
        *USUAL[1:],
    ]
    known = [metrics for metrics in finished if metrics]
    had = (metric for metric in candidates if all(number(each.get(metric)) is not None for each in known))
    return Measure(next(had, USUAL[-1]) if known else candidates[0])


def number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and isfinite(value) else None
