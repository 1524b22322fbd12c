"""Whether a finished job reached its lab's goal."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import model_validator

from app.core.text import Strict


class Condition(Strict):
    """One condition of a lab's goal: on a metric, a setting, or the outcome."""

    metric: str | None = None
    setting: str | None = None
    outcome: Literal["completed", "diverged"] | None = None
    at_least: float | None = None
    at_most: float | None = None
    equals: str | int | float | bool | None = None

    @model_validator(mode="after")
    def is_about_one_thing(self) -> "Condition":
        if sum(value is not None for value in (self.metric, self.setting, self.outcome)) != 1:
            raise ValueError("a condition names exactly one of `metric`, `setting` and `outcome`")
        if self.outcome is None and self.at_least is None and self.at_most is None and self.equals is None:
            raise ValueError("a condition needs `at_least`, `at_most` or `equals`")
        return self


def goal_reached(
    lab: Mapping[str, Any] | None, hyperparameters: Mapping[str, Any], report: Mapping[str, Any]
) -> bool:
    """A lab without a goal is done when its job succeeded; otherwise when all conditions of the goal hold."""
    goal = (lab or {}).get("goal")
    if not goal:
        return True
    return all(_holds(Condition.model_validate(c), hyperparameters, report) for c in goal["conditions"])


def _holds(condition: Condition, hyperparameters: Mapping[str, Any], report: Mapping[str, Any]) -> bool:
    if condition.outcome is not None:
        return report.get("outcome") == condition.outcome
    value = (
        hyperparameters.get(condition.setting)
        if condition.setting
        else report["metrics"].get(condition.metric)
    )
    if value is None:
        return False
    return (
        (condition.equals is None or value == condition.equals)
        and (condition.at_least is None or value >= condition.at_least)
        and (condition.at_most is None or value <= condition.at_most)
    )
