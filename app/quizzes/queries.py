"""Queries for attempts. Readers see only their own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from app.quizzes.models import QuizAttempt


@dataclass(frozen=True)
class Standing:
    """A reader's result for a question: the latest answer and its score, the best score, the number of attempts."""

    answer: dict[str, Any]
    score: float
    best: float
    attempts: int


def standings(session: Session, user_id: UUID, lesson_id: UUID) -> dict[str, Standing]:
    """By question key, for the questions of a lesson that the reader has answered."""
    rows = session.execute(_STANDINGS, {"user_id": user_id, "lesson_id": lesson_id})
    return {row.question_key: Standing(row.answer, row.score, row.best, row.attempts) for row in rows}


def _standings_statement() -> Select[Any]:
    """Built once: building it takes longer than running it."""
    of_question: dict[str, Any] = {"partition_by": QuizAttempt.question_key}
    newest_first = func.row_number().over(
        **of_question, order_by=(QuizAttempt.created_at.desc(), QuizAttempt.id)
    )
    ranked = (
        select(
            QuizAttempt.question_key,
            QuizAttempt.answer,
            QuizAttempt.score,
            func.max(QuizAttempt.score).over(**of_question).label("best"),
            func.count().over(**of_question).label("attempts"),
            newest_first.label("place"),
        )
        .where(QuizAttempt.user_id == bindparam("user_id"), QuizAttempt.lesson_id == bindparam("lesson_id"))
        .subquery()
    )
    return select(ranked).where(ranked.c.place == 1)


_STANDINGS = _standings_statement()


def passed_questions(session: Session, user_id: UUID) -> dict[tuple[UUID, str], datetime]:
    """By (lesson, question): when the user first answered it correctly."""
    rows = session.execute(
        select(QuizAttempt.lesson_id, QuizAttempt.question_key, func.min(QuizAttempt.created_at))
        .where(QuizAttempt.user_id == user_id, QuizAttempt.score == 1)
        .group_by(QuizAttempt.lesson_id, QuizAttempt.question_key)
    )
    return {(lesson_id, key): moment for lesson_id, key, moment in rows}
