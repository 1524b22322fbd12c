"""Showing questions and taking answers. Nothing here commits."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.sent_forms import is_first
from app.core import events
from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.core.typed import numbers_meant
from app.quizzes.events import QuestionAnswered
from app.quizzes.grading import fits
from app.quizzes.models import QuizAttempt
from app.quizzes.pages import QuestionView, Shuffle, answered, question_place
from app.quizzes.queries import Standing

TEXT_LENGTH = 500


def question_views(
    quiz: Mapping[str, Any],
    keys: Sequence[str],
    address: str,
    shuffle: Shuffle,
    standings: Mapping[str, Standing],
) -> dict[str, QuestionView]:
    """The questions `keys` of a lesson at `address`, each with the reader's latest answer."""
    places = {}
    for number, key in enumerate(keys, start=1):
        question = quiz[key]
        place = question_place(number, key, question, f"{address}/questions/{key}/attempts", shuffle)
        places[key] = with_standing(place, question, shuffle, standings[key]) if key in standings else place
    return places


def with_standing(
    place: QuestionView, question: Mapping[str, Any], shuffle: Shuffle, standing: Standing
) -> QuestionView:
    place = place.counted(standing.attempts, standing.best)
    return (
        answered(place, question, shuffle, standing.answer, standing.score)
        if fits(question, standing.answer)
        else place
    )


def read_answer(
    key: str, question: Mapping[str, Any], shuffle: Shuffle, fields: Mapping[str, str]
) -> dict[str, Any]:
    """The answer in a posted form, as QuizAttempt keeps it. Raises Invalid with a sentence for `answer`."""
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


def keep_attempt(
    session: Session, user: User, lesson_id: UUID, key: str, answer: Mapping[str, Any], result: float
) -> None:
    """An attempt whose form is sent again is counted once."""
    attempt = QuizAttempt(
        id=uuid4(),
        user_id=user.id,
        lesson_id=lesson_id,
        question_key=key,
        answer=dict(answer),
        score=result,
    )
    if not is_first(session, user, attempt.id):
        return
    session.add(attempt)
    session.flush()
    events.send(
        session, QuestionAnswered(user_id=user.id, lesson_id=lesson_id, question_key=key, score=result)
    )


def _text_answer(question: Mapping[str, Any], typed: str) -> dict[str, Any]:
    text = typed.strip().replace("\0", "")
    if not text:
        raise Invalid({"answer": _("Please fill this in.")})
    if len(text) > TEXT_LENGTH:
        raise Invalid(
            {"answer": _("Please use at most {max_length} characters.").format(max_length=TEXT_LENGTH)}
        )
    if question["kind"] == "number" and not numbers_meant(text):
        raise Invalid({"answer": _("Please enter a number.")})
    return {"text": text}


def _order_answer(tokens: Mapping[str, int], fields: Mapping[str, str]) -> dict[str, Any]:
    """Items by the places they were given; with every place used once."""
    places = {number: fields.get(f"place-{token}", "") for token, number in tokens.items()}
    if sorted(places.values()) != sorted(str(place) for place in range(1, len(tokens) + 1)):
        raise Invalid({"answer": _("Please give every item a place of its own.")})
    return {"order": sorted(places, key=lambda number: int(places[number]))}
