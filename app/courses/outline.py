"""A course as a list: its lessons, the reader's progress, where to continue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.courses import queries
from app.courses.models import Course, Lesson
from app.courses.pages import CoursePage, LessonEntry, ModuleEntry, as_number
from app.courses.service import lesson_address
from app.jobs.queries import done_labs
from app.labs.service import offered_recipe
from app.quizzes.queries import passed_questions


@dataclass(frozen=True)
class Record:
    """A reader's progress in all courses, with the time of each first: lessons read to the end, labs, questions by
    (lesson, key). `latest` are the lessons last opened, newest first, each with the heading of the reading position.
    """

    read: Mapping[UUID, datetime] = field(default_factory=dict)
    labs: Mapping[tuple[UUID, str], datetime] = field(default_factory=dict)
    questions: Mapping[tuple[UUID, str], datetime] = field(default_factory=dict)
    latest: Mapping[UUID, str] = field(default_factory=dict)


def record_of(session: Session, user: User | None) -> Record:
    if user is None:
        return Record()
    return Record(
        queries.readings(session, user.id),
        done_labs(session, user.id),
        passed_questions(session, user.id),
        queries.latest_places(session, user.id),
    )


def course_page(session: Session, course: Course, user: User | None) -> CoursePage:
    return outline(course, record_of(session, user))


def course_pages(session: Session, record: Record) -> list[CoursePage]:
    """Every course."""
    return [outline(course, record) for course in queries.courses(session)]


def outline(course: Course, record: Record) -> CoursePage:
    numbers = count(course.first_number)
    modules = [
        ModuleEntry(
            module.title, [_entry(course, lesson, record, next(numbers)) for lesson in module.lessons]
        )
        for module in course.modules
    ]
    entries = [entry for module in modules for entry in module.lessons]
    done = sum(entry.is_done for entry in entries)
    return CoursePage(course, modules, _next(entries, record), done, len(entries))


def _entry(course: Course, lesson: Lesson, record: Record, number: int) -> LessonEntry:
    questions = lesson.shown.question_keys
    # A lab that is no longer offered does not block completion of the lesson.
    labs = [
        key
        for key, lab in lesson.shown.labs.items()
        if (lesson.id, key) in record.labs or offered_recipe(lab["recipe"], lab)
    ]
    return LessonEntry(
        lesson=lesson,
        number=as_number(number),
        address=lesson_address(course, lesson),
        is_read=lesson.id in record.read,
        labs_done=sum((lesson.id, key) in record.labs for key in labs),
        labs=len(labs),
        questions_done=sum((lesson.id, key) in record.questions for key in questions),
        questions=len(questions),
        is_open=lesson.id in record.latest,
    )


def _next(entries: Sequence[LessonEntry], record: Record) -> LessonEntry | None:
    """Where to continue: in the lesson opened last, otherwise the first unfinished one after it, otherwise the first of all."""
    places = {entry.lesson.id: number for number, entry in enumerate(entries)}
    last = next((places[lesson_id] for lesson_id in record.latest if lesson_id in places), 0)
    return next((entry for entry in [*entries[last:], *entries[:last]] if not entry.is_done), None)
