"""Showing questions and accepting answers. Nothing here commits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.sent_forms import is_first
from app.core import events
from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.quizzes.events import QuestionAnswered
from app.quizzes.grading import fits, score
from app.quizzes.models import QuizAttempt
from app.quizzes.pages import QuestionView, Shuffle, answered, question_place
from app.quizzes.queries import Standing


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


@dataclass(frozen=True)
class Asked:
    """A question of a lesson, with its options in one reader's order."""

    key: str
    question: Mapping[str, Any]
    shuffle: Shuffle


def graded(asked: Asked, answer: Mapping[str, Any]) -> float:
    """The score of an answer, in QuizAttempt's format. Raises Invalid if it does not fit this question."""
    if not fits(asked.question, answer):
        raise Invalid({"answer": _("Please choose an answer first.")})
    return score(asked.question, answer)


def keep_attempt(
    session: Session, user: User, lesson_id: UUID, key: str, answer: Mapping[str, Any], result: float
) -> None:
    """Store an attempt; one whose form is resent is counted once."""
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
