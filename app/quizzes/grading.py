"""Grading. Pure: a stored question and an answer in, a score out."""

from collections.abc import Mapping
from typing import Any

from app.core.typed import numbers_meant, plain_typing, without_space

# Tolerance: a typed decimal such as 14.5 is not exactly the result of floating-point arithmetic.
ROUNDING = 1e-9


def score(question: Mapping[str, Any], answer: Mapping[str, Any]) -> float:
    """The fraction of an answer that is right, 0 to 1. `question` as in LessonRevision.quiz, `answer` as in QuizAttempt."""
    kind = question["kind"]
    if kind == "single":
        return float(set(answer["chosen"]) == correct_options(question))
    if kind == "multiple":
        chosen, correct = set(answer["chosen"]), correct_options(question)
        count = len(question["options"])
        return sum((number in chosen) == (number in correct) for number in range(count)) / count
    if kind == "order":
        return sum(place == number for place, number in enumerate(answer["order"])) / len(question["items"])
    if kind == "number":
        return float(any(_is_close(number, question) for number in numbers_meant(answer["text"])))
    return float(_as_compared(answer["text"]) in {_as_compared(accepted) for accepted in question["answers"]})


def fits(question: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    """Whether a stored answer can still be shown: the question may have been rewritten since."""
    kind = question["kind"]
    if kind == "order":
        return sorted(answer.get("order", ())) == list(range(len(question["items"])))
    if kind in {"single", "multiple"}:
        return "chosen" in answer and set(answer["chosen"]) <= set(range(len(question["options"])))
    return "text" in answer


def correct_options(question: Mapping[str, Any]) -> set[int]:
    return {number for number, option in enumerate(question["options"]) if option["correct"]}


def _as_compared(text: str) -> str:
    return without_space(plain_typing(text))


def _is_close(number: float, question: Mapping[str, Any]) -> bool:
    expected = question["answer"]
    return abs(number - expected) <= question["tolerance"] + ROUNDING * max(1.0, abs(expected))
