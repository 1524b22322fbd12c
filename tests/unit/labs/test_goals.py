from typing import Any

import pytest
from pydantic import ValidationError

from app.labs.goals import Condition, goal_reached

REPORT = {"outcome": "completed", "metrics": {"test_accuracy": 0.985, "test_loss": None}}
SETTINGS = {"depth": 8, "optimizer": "sgd"}


def reached(*conditions: dict[str, Any], report: dict[str, Any] = REPORT) -> bool:
    return goal_reached({"goal": {"conditions": list(conditions)}}, SETTINGS, report)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"metric": "test_accuracy", "at_least": 0.985}, True),
        ({"metric": "test_accuracy", "at_least": 0.9851}, False),
        ({"metric": "test_accuracy", "at_most": 0.985}, True),
        ({"metric": "test_accuracy", "at_most": 0.98}, False),
        ({"metric": "test_accuracy", "at_least": 0.9, "at_most": 0.95}, False),
        ({"metric": "not_measured", "at_least": 0}, False),
        ({"metric": "test_loss", "at_most": 1}, False),
        ({"setting": "depth", "at_least": 8}, True),
        ({"setting": "depth", "at_least": 9}, False),
        ({"setting": "optimizer", "equals": "sgd"}, True),
        ({"setting": "optimizer", "equals": "adam"}, False),
        ({"setting": "none", "equals": 1}, False),
        ({"outcome": "completed"}, True),
        ({"outcome": "diverged"}, False),
    ],
)
def test_a_condition_compares_what_it_names(condition: dict[str, Any], holds: bool) -> None:
    assert reached(condition) is holds


def test_all_conditions_must_hold() -> None:
    good, bad = {"setting": "depth", "at_least": 8}, {"metric": "test_accuracy", "at_least": 0.99}
    assert reached(good, good)
    assert not reached(good, bad)


def test_a_lab_may_ask_for_an_explosion() -> None:
    assert reached(
        {"outcome": "diverged"}, report={"outcome": "diverged", "metrics": {"test_accuracy": None}}
    )


@pytest.mark.parametrize("lab", [None, {}, {"goal": None}])
def test_without_a_goal_a_job_that_succeeded_is_enough(lab: dict[str, Any] | None) -> None:
    assert goal_reached(lab, SETTINGS, REPORT)


@pytest.mark.parametrize(
    "condition",
    [
        {}, {"at_least": 1}, {"metric": "test_accuracy"}, {"setting": "depth"}, {"metric": "a", "setting": "b", "at_least": 1}, {"metric": "a", "outcome": "diverged"},
        {"outcome": "good"}, {"metric": "a", "at_last": 1}, {"metric": "a", "at_least": "high"},
    ],
)  # fmt: skip
def test_a_condition_that_says_too_little_or_too_much_is_refused(condition: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Condition.model_validate(condition)
