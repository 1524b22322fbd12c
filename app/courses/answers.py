"""Answering a question of a lesson."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.errors import NotFound
from app.courses import presenters, service
from app.courses.queries import OpenLesson
from app.quizzes.pages import QuestionView, answered
from app.quizzes.service import Asked, graded, keep_attempt


def asked(session: Session, opened: OpenLesson, user: User | None, key: str) -> Asked:
    """Raises NotFound for a question that is not in the lesson."""
    read = service.edition_of(session, opened)
    if key not in read.question_keys:
        raise NotFound
    return Asked(key, read.quiz[key], service.shuffle_for(opened.lesson, user))


def answer_question(
    session: Session, opened: OpenLesson, user: User | None, question: Asked, answer: Mapping[str, Any]
) -> QuestionView:
    """Grade an answer and explain it. Stored for a signed-in reader; a visitor's is only graded."""
    result = graded(question, answer)
    if user is None:
        place = _view(session, opened, None, question)
        return replace(answered(place, question.question, question.shuffle, answer, result), best=result)
    keep_attempt(session, user, opened.lesson.id, question.key, answer, result)
    return _view(session, opened, user, question)


def refused(
    session: Session, opened: OpenLesson, user: User | None, question: Asked, fault: str, typed: str
) -> QuestionView:
    """The question again, with why what was `typed` cannot be graded."""
    return _view(session, opened, user, question).refused(fault, typed)


def _view(session: Session, opened: OpenLesson, user: User | None, question: Asked) -> QuestionView:
    read = service.edition_of(session, opened)
    return presenters.questions_of(session, opened.lesson, read, user)[question.key]
