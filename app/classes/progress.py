"""What the students of a class have done in its course: one statement a kind, whatever their number."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.classes.models import Class, ClassMember
from app.classes.queries import is_in
from app.core.permissions import ClassRole
from app.courses import outline
from app.courses.models import Lesson, LessonReading, ReadingPosition
from app.courses.pages import LessonEntry
from app.courses.queries import course_by_slug
from app.jobs.models import Job
from app.quizzes.models import QuizAttempt


@dataclass(frozen=True)
class StudentRecord:
    """A student's lessons of the course, in order. `last_at`: when they last did something in it."""

    user_id: UUID
    name: str
    entries: Sequence[LessonEntry]
    last_at: datetime | None

    @property
    def read(self) -> int:
        return sum(entry.is_read for entry in self.entries)

    @property
    def done(self) -> int:
        return sum(entry.is_done for entry in self.entries)

    @property
    def questions(self) -> int:
        return sum(entry.questions_done for entry in self.entries)

    @property
    def labs(self) -> int:
        return sum(entry.labs_done for entry in self.entries)


def students_of(session: Session, class_id: UUID) -> Sequence[tuple[UUID, str]]:
    """(id, name), by name. Names in full: only the class's staff may see them."""
    statement = select(User.id, User.name).join(ClassMember, ClassMember.user_id == User.id)
    rows = session.execute(
        statement.where(is_in(class_id), ClassMember.role == ClassRole.STUDENT).order_by(User.name, User.id)
    )
    return [(user_id, name) for user_id, name in rows]


def records_of(session: Session, course_class: Class) -> list[StudentRecord]:
    """Of every student in the class. A hidden course has no lessons."""
    course = course_by_slug(session, course_class.course.slug)
    students = students_of(session, course_class.id)
    if course is None:
        return [StudentRecord(user_id, name, (), None) for user_id, name in students]
    read, labs, questions = (
        _by_user(session, statement) for statement in _statements(course_class.id, course_class.course_id)
    )
    last = _last_acts(session, course_class.id, course_class.course_id)
    found = []
    for user_id, name in students:
        lessons = {lesson_id: moment for (lesson_id, _key), moment in read[user_id].items()}
        record = outline.Record(lessons, labs[user_id], questions[user_id])
        modules = outline.outline(course, record).modules
        entries = [entry for module in modules for entry in module.lessons]
        found.append(StudentRecord(user_id, name, entries, last.get(user_id)))
    return found


def of_students(class_id: UUID) -> Select[UUID]:
    """The ids of the class's students, for a condition."""
    statement = select(ClassMember.user_id).join(User, User.id == ClassMember.user_id)
    return statement.where(is_in(class_id), ClassMember.role == ClassRole.STUDENT)


def of_lessons(course_id: UUID) -> Select[UUID]:
    return select(Lesson.id).where(Lesson.course_id == course_id)


def _statements(class_id: UUID, course_id: UUID) -> tuple[Any, ...]:
    """(user, lesson, key, first time) of lessons read, labs reached, questions answered correctly."""
    students, lessons = of_students(class_id), of_lessons(course_id)
    read = select(
        LessonReading.user_id, LessonReading.lesson_id, LessonReading.lesson_id, LessonReading.read_at
    ).where(LessonReading.user_id.in_(students), LessonReading.lesson_id.in_(lessons))
    labs = (
        select(Job.user_id, Job.lesson_id, Job.lab_key, func.min(Job.goal_reached_at))
        .where(Job.user_id.in_(students), Job.lesson_id.in_(lessons), Job.goal_reached_at.is_not(None))
        .group_by(Job.user_id, Job.lesson_id, Job.lab_key)
    )
    questions = (
        select(
            QuizAttempt.user_id,
            QuizAttempt.lesson_id,
            QuizAttempt.question_key,
            func.min(QuizAttempt.created_at),
        )
        .where(QuizAttempt.user_id.in_(students), QuizAttempt.lesson_id.in_(lessons), QuizAttempt.score == 1)
        .group_by(QuizAttempt.user_id, QuizAttempt.lesson_id, QuizAttempt.question_key)
    )
    return read, labs, questions


def _by_user(session: Session, statement: Any) -> dict[UUID, dict[tuple[UUID, Any], datetime]]:
    found: dict[UUID, dict[tuple[UUID, Any], datetime]] = defaultdict(dict)
    for user_id, lesson_id, key, moment in session.execute(statement):
        found[user_id][lesson_id, key] = moment
    return found


def _last_acts(session: Session, class_id: UUID, course_id: UUID) -> dict[UUID, datetime]:
    """Read, answered or trained: not when somebody was last signed in, which concerns nobody."""
    students, lessons = of_students(class_id), of_lessons(course_id)
    last: dict[UUID, datetime] = {}
    kinds: tuple[tuple[Any, Any, Any], ...] = (
        (LessonReading.user_id, LessonReading.lesson_id, LessonReading.read_at),
        (ReadingPosition.user_id, ReadingPosition.lesson_id, ReadingPosition.noted_at),
        (QuizAttempt.user_id, QuizAttempt.lesson_id, QuizAttempt.created_at),
        (Job.user_id, Job.lesson_id, Job.created_at),
    )
    for user, lesson, moment in kinds:
        statement = select(user, func.max(moment)).where(user.in_(students), lesson.in_(lessons))
        for user_id, latest in session.execute(statement.group_by(user)):
            last[user_id] = max(latest, last.get(user_id, latest))
    return last
