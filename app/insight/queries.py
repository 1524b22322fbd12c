"""Over all students of a class at once: one statement a kind, whatever their number."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.classes.progress import of_lessons, of_students
from app.courses.models import Lesson, LessonRevision
from app.jobs.models import Job
from app.quizzes.models import QuizAttempt


def first_answers(
    session: Session, class_id: UUID, course_id: UUID
) -> Iterator[tuple[UUID, str, dict[str, Any], float]]:
    """(lesson, question, answer, score) of each student's first attempt at each question: what they knew then."""
    of_question: dict[str, Any] = {
        "partition_by": (QuizAttempt.user_id, QuizAttempt.lesson_id, QuizAttempt.question_key),
        "order_by": (QuizAttempt.created_at, QuizAttempt.id),
    }
    ranked = (
        select(
            QuizAttempt.lesson_id,
            QuizAttempt.question_key,
            QuizAttempt.answer,
            QuizAttempt.score,
            func.row_number().over(**of_question).label("place"),
        )
        .where(
            QuizAttempt.user_id.in_(of_students(class_id)), QuizAttempt.lesson_id.in_(of_lessons(course_id))
        )
        .subquery()
    )
    columns = (ranked.c.lesson_id, ranked.c.question_key, ranked.c.answer, ranked.c.score)
    for row in session.execute(select(*columns).where(ranked.c.place == 1)):
        yield row.lesson_id, row.question_key, row.answer, row.score


def labs_tried(session: Session, class_id: UUID, course_id: UUID) -> dict[tuple[UUID, str], tuple[int, int]]:
    """By (lesson, lab): how many students have trained there, and how many have reached its goal."""
    statement = (
        select(
            Job.lesson_id,
            Job.lab_key,
            func.count(Job.user_id.distinct()),
            func.count(func.distinct(Job.user_id)).filter(Job.goal_reached_at.is_not(None)),
        )
        .where(Job.user_id.in_(of_students(class_id)), Job.lesson_id.in_(of_lessons(course_id)))
        .group_by(Job.lesson_id, Job.lab_key)
    )
    return {
        (lesson_id, key): (tried, reached)
        for lesson_id, key, tried, reached in session.execute(statement)
        if lesson_id and key
    }


def questions_of(session: Session, course_id: UUID) -> dict[UUID, Mapping[str, Any]]:
    """By lesson: its questions by key, with their answers."""
    statement = (
        select(Lesson.id, LessonRevision.quiz)
        .join(LessonRevision, LessonRevision.id == Lesson.published_revision_id)
        .where(Lesson.course_id == course_id)
    )
    return dict(session.execute(statement).all())
