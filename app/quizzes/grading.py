"""What an answer is worth. Pure: a stored question and an answer in, a score out."""

import math
import re
from collections.abc import Mapping
from typing import Any

# A typed decimal such as 14.5 is not exactly the number that arithmetic gives; this much of it is forgiven.
ROUNDING = 1e-9
_THOUSANDS = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$")


def score(question: Mapping[str, Any], answer: Mapping[str, Any]) -> float:
    """The share of an answer that is right, 0 to 1. `question` as in LessonRevision.quiz, `answer` as in QuizAttempt."""
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
    return float(
        without_space(answer["text"]) in {without_space(accepted) for accepted in question["answers"]}
    )


def fits(question: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    """Whether an answer that was kept can still be shown: the question may have been rewritten since."""
    kind = question["kind"]
    if kind == "order":
        return sorted(answer.get("order", ())) == list(range(len(question["items"])))
    if kind in {"single", "multiple"}:
        return "chosen" in answer and set(answer["chosen"]) <= set(range(len(question["options"])))
    return "text" in answer


def correct_options(question: Mapping[str, Any]) -> set[int]:
    return {number for number, option in enumerate(question["options"]) if option["correct"]}


def numbers_meant(text: str) -> tuple[float, ...]:
    """The numbers a reader may mean: none if it is no number; of 25% both 25 and 0.25, for a prompt may ask for either."""
    text = without_space(text).replace("−", "-").replace("，", ",").replace("。", ".")
    is_percent = text.endswith(("%", "％"))
    text = text.rstrip("%％")
    if _THOUSANDS.match(text):
        text = text.replace(",", "")
    numerator, slash, denominator = text.partition("/")
    try:
        number = float(numerator) / float(denominator) if slash else float(text)
    except (ValueError, ZeroDivisionError, OverflowError):
        return ()
    if not math.isfinite(number):
        return ()
    return (number, number / 100) if is_percent else (number,)


def without_space(text: str) -> str:
    return "".join(text.split())


def _is_close(number: float, question: Mapping[str, Any]) -> bool:
    expected = question["answer"]
    return abs(number - expected) <= question["tolerance"] + ROUNDING * max(1.0, abs(expected))
