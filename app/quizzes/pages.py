"""View models of questions. They contain the answer key only once the reader has answered."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from app.core.signing import signature
from app.quizzes.grading import correct_options

BLANK = "____"


@dataclass(frozen=True)
class Choice:
    """An option or an item. `token` names it in the form without revealing its position; `is_right` and `why_html` are set after the
    answer.
    """

    token: str
    html: Mapping[str, str]
    is_chosen: bool = False
    place: int = 0
    is_right: bool | None = None
    why_html: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Outcome:
    """How an answer was graded, and the correct one: `items` in order, or a `text` that would have been right."""

    is_right: bool
    score: float
    why_html: Mapping[str, str] | None
    items: Sequence[Mapping[str, str]] = ()
    text: str | None = None


@dataclass(frozen=True)
class QuestionView:
    """A question in a lesson: `number` counts from 1 through the lesson; `text` is what was typed."""

    key: str
    number: int
    kind: str
    action: str
    prompt_html: Mapping[str, str]
    choices: Sequence[Choice] = ()
    code_html: Sequence[str] = ()
    text: str = ""
    error: str | None = None
    outcome: Outcome | None = None
    attempts: int = 0
    best: float | None = None

    @property
    def is_passed(self) -> bool:
        return self.best == 1

    def counted(self, attempts: int, best: float) -> "QuestionView":
        return replace(self, attempts=attempts, best=best)

    def refused(self, error: str, text: str) -> "QuestionView":
        """After an ungradable answer: what was typed, and its error."""
        return replace(self, error=error, text=text, outcome=None)


@dataclass(frozen=True)
class Shuffle:
    """The order in which a reader (an account's id, or shared by all visitors) sees options and items: the same at every visit."""

    lesson: str
    reader: str = "visitor"

    def choices(self, key: str, question: Mapping[str, Any]) -> list[tuple[int, Choice]]:
        """(number in the source, choice) in this reader's order."""
        entries = question["items_html"] or [option["text_html"] for option in question["options"]]
        numbered = [(number, Choice(self.token(key, number), html)) for number, html in enumerate(entries)]
        order = list(numbered)
        random.Random(_digest("shuffle", self.lesson, key, self.reader)).shuffle(order)
        # A shuffle that happens to be the answer would be shown solved.
        return order[1:] + order[:1] if question["kind"] == "order" and order == numbered else order

    def token(self, key: str, number: int) -> str:
        """The same for every reader, so that a form stays valid when its reader signs in meanwhile."""
        return _digest("choice", self.lesson, key, str(number))[:12]


def question_place(
    number: int, key: str, question: Mapping[str, Any], action: str, shuffle: Shuffle
) -> QuestionView:
    """The question before it was answered."""
    choices = [
        replace(choice, place=place)
        for place, (_, choice) in enumerate(shuffle.choices(key, question), start=1)
    ]
    return QuestionView(
        key=key,
        number=number,
        kind=question["kind"],
        action=action,
        prompt_html=question["prompt_html"],
        choices=choices,
        code_html=question["code_html"],
    )


def answered(
    place: QuestionView,
    question: Mapping[str, Any],
    shuffle: Shuffle,
    answer: Mapping[str, Any],
    score: float,
) -> QuestionView:
    """The question with an answer filled in, and its explanations."""
    outcome = _outcome(question, score)
    if question["kind"] == "order":
        return replace(
            place, choices=_ordered(place.key, question, shuffle, answer["order"]), outcome=outcome
        )
    if question["kind"] in {"single", "multiple"}:
        return replace(
            place, choices=_explained(place.key, question, shuffle, set(answer["chosen"])), outcome=outcome
        )
    return replace(place, text=answer["text"], outcome=outcome)


def _explained(key: str, question: Mapping[str, Any], shuffle: Shuffle, chosen: set[int]) -> list[Choice]:
    correct = correct_options(question)
    return [
        replace(
            choice,
            is_chosen=number in chosen,
            is_right=number in correct,
            why_html=question["options"][number]["why_html"],
        )
        for number, choice in shuffle.choices(key, question)
    ]


def _ordered(key: str, question: Mapping[str, Any], shuffle: Shuffle, order: Sequence[int]) -> list[Choice]:
    """The items as the reader ordered them, each marked as in its position or not."""
    by_number = dict(shuffle.choices(key, question))
    return [
        replace(by_number[number], place=place + 1, is_right=place == number)
        for place, number in enumerate(order)
    ]


def _outcome(question: Mapping[str, Any], score: float) -> Outcome:
    outcome = Outcome(score == 1, score, question["why_html"])
    if outcome.is_right or question["kind"] in {"single", "multiple"}:
        return outcome
    if question["kind"] == "order":
        return replace(outcome, items=question["items_html"])
    return replace(
        outcome, text=question["answers"][0] if question["kind"] == "code" else f"{question['answer']:.10g}"
    )


@lru_cache(maxsize=8192)
def _digest(*parts: str) -> str:
    """Keyed by the installation's secret: a list's order cannot be derived from what a page shows."""
    return signature("|".join(parts)).hex()
