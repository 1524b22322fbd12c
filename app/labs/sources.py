"""The part of lesson.toml that describes a lab, as typed objects (see docs/content-format.md)."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from app.core.text import Bilingual, Slug, Strict
from app.labs.goals import Condition


class Choice(Strict):
    value: str
    label: Bilingual


class Guess(Strict):
    """A question asked before the job is submitted."""

    question: Bilingual
    kind: Literal["number", "choice"]
    metric: str | None = None
    options: list[Choice] = []
    # For a choice: the correct value, and the changes to the lab's starting values for a training that demonstrates it; without
    # `when`, one that reaches the goal does.
    answer: str | None = None
    when: dict[str, Any] | None = None

    @model_validator(mode="after")
    def has_what_its_kind_needs(self) -> "Guess":
        if self.kind == "number" and not self.metric:
            raise ValueError('a guess of kind "number" needs `metric`')
        if self.kind == "choice" and len(self.options) < 2:
            raise ValueError('a guess of kind "choice" needs at least two `options`')
        if self.answer is not None and self.answer not in [option.value for option in self.options]:
            raise ValueError("`answer` is none of the values of the `options`")
        return self


class Goal(Strict):
    text: Bilingual
    conditions: Annotated[list[Condition], Field(min_length=1)]


class Range(Strict):
    """The range over several seeds with the lab's starting values and these changes: a matching training is compared with it at once."""

    when: dict[str, Any] = {}
    text: Bilingual
    # The same in numbers, for the scale below a result.
    metric: str | None = None
    low: float | None = None
    high: float | None = None

    @model_validator(mode="after")
    def has_all_numbers_or_none(self) -> "Range":
        if (self.metric is None) != (self.low is None) or (self.low is None) != (self.high is None):
            raise ValueError("a range has `metric`, `low` and `high`, or none of them")
        return self


class Measured(Strict):
    """All measured values and their explanation. They reveal what the goal leaves to find out, so they are shown after the goal."""

    text: Bilingual
    explain: Bilingual


class LabCurve(Strict):
    """The axes of the curve of everybody's trainings, where not the ones that follow from ranges, goal and guess."""

    setting: str | None = None
    metric: str | None = None


# Fields of a lab that no reader gets.
UNTOLD = frozenset({"solution", "fails_as", "also_measured"})


class LabSource(Strict):
    key: Slug
    recipe: Slug
    title: Bilingual
    task: Bilingual
    defaults: dict[str, Any] = {}
    fixed: dict[str, Any] = {}
    hidden: list[str] = []
    shown: list[str] = []
    guess: Guess | None = None
    goal: Goal | None = None
    ranges: list[Range] = []
    measured: Measured | None = None
    curve: LabCurve | None = None
    # For tests and benchmarks, never for readers: changes to the starting values that reach the goal, how a lab meant to fail
    # does, and further changes that the lesson quotes results for.
    solution: dict[str, Any] = {}
    fails_as: Literal["diverged", "stuck"] | None = None
    also_measured: list[dict[str, Any]] = []
