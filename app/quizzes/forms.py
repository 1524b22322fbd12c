"""A posted answer, as the value that is graded and stored."""

from collections.abc import Mapping
from typing import Any

from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.core.typed import numbers_meant
from app.quizzes.service import Asked
from app.web.forms import too_long

TEXT_LENGTH = 500


def read_answer(asked: Asked, fields: Mapping[str, str]) -> dict[str, Any]:
    """The answer in a posted form, as stored by QuizAttempt. Raises Invalid with a message for `answer`."""
    key, question, shuffle = asked.key, asked.question, asked.shuffle
    if question["kind"] in {"number", "code"}:
        return _text_answer(question, fields.get("answer", ""))
    tokens = {choice.token: number for number, choice in shuffle.choices(key, question)}
    if question["kind"] == "order":
        return _order_answer(tokens, fields)
    if question["kind"] == "single":
        chosen = [tokens[token] for token in (fields.get("choice"),) if token in tokens]
    else:
        chosen = sorted(number for token, number in tokens.items() if f"choice-{token}" in fields)
    if not chosen:
        raise Invalid({"answer": _("Please choose an answer first.")})
    return {"chosen": chosen}


def _text_answer(question: Mapping[str, Any], typed: str) -> dict[str, Any]:
    text = typed.strip().replace("\0", "")
    if not text:
        raise Invalid({"answer": _("Please fill this in.")})
    if len(text) > TEXT_LENGTH:
        raise Invalid({"answer": too_long(TEXT_LENGTH, len(text))})
    if question["kind"] == "number" and not numbers_meant(text):
        raise Invalid({"answer": _("Please enter a number.")})
    return {"text": text}


def _order_answer(tokens: Mapping[str, int], fields: Mapping[str, str]) -> dict[str, Any]:
    """Items by their assigned positions; each position must be used once."""
    places = {number: fields.get(f"place-{token}", "") for token, number in tokens.items()}
    if sorted(places.values()) != sorted(str(place) for place in range(1, len(tokens) + 1)):
        raise Invalid({"answer": _("Please give every item a place of its own.")})
    return {"order": sorted(places, key=lambda number: int(places[number]))}
