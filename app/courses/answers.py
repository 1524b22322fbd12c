"""Answering a question of a lesson."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.errors import Invalid, NotFound
from app.courses import presenters, service
from app.courses.queries import OpenLesson
from app.quizzes.grading import score
from app.quizzes.pages import QuestionView, answered
from app.quizzes.service import keep_attempt, read_answer


def answer_question(
    session: Session, opened: OpenLesson, user: User | None, key: str, fields: Mapping[str, str]
) -> QuestionView:
    """Grade an answer and explain it. It is kept for a reader with an account; a visitor's is only graded.

    An answer that cannot be graded comes back as `QuestionPlace.error`. Raises NotFound for a question that is not in the lesson.
    """
    lesson, read = opened.lesson, service.edition_of(session, opened)
    if key not in read.question_keys:
        raise NotFound
    question, shuffle = read.quiz[key], service.shuffle_for(lesson, user)
    try:
        answer = read_answer(key, question, shuffle, fields)
    except Invalid as error:
        place = presenters.questions_of(session, lesson, read, user)[key]
        return place.refused(error.fields["answer"], fields.get("answer", ""))
    result = score(question, answer)
    if user is None:
        place = presenters.questions_of(session, lesson, read, None)[key]
        return replace(answered(place, question, shuffle, answer, result), best=result)
    keep_attempt(session, user, lesson.id, key, answer, result)
    return presenters.questions_of(session, lesson, read, user)[key]
