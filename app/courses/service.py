"""A lesson as its reader sees it. Nothing here commits."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core import events
from app.core.clock import now
from app.core.db import adds_row, insert
from app.core.errors import NotFound
from app.courses import queries
from app.courses.editions import Edition, editions
from app.courses.events import LessonFinished
from app.courses.models import Course, Lesson, LessonReading, ReadingPosition
from app.courses.queries import OpenLesson
from app.quizzes.pages import Shuffle


def get_course(session: Session, slug: str) -> Course:
    course = queries.course_by_slug(session, slug)
    if course is None:
        raise NotFound
    return course


def get_lesson(session: Session, course_slug: str, lesson_slug: str) -> Lesson:
    """The lesson with its course and its published revision."""
    lesson = queries.published_lesson(session, course_slug, lesson_slug)
    if lesson is None:
        raise NotFound
    return lesson


def open_lesson(session: Session, course_slug: str, lesson_slug: str, user: User | None) -> OpenLesson:
    """The lesson for this reader, as input of `lesson_page`."""
    opened = queries.open_lesson(session, course_slug, lesson_slug, user.id if user else None)
    if opened is None:
        raise NotFound
    return opened


def edition_of(session: Session, opened: OpenLesson) -> Edition:
    return editions_around(session, opened)[opened.lesson.shown_id]


def editions_around(session: Session, opened: OpenLesson) -> dict[UUID, Edition]:
    """Of the lesson and its neighbours: their titles are shown, and they are likely to be read next."""
    beside = [neighbour.revision_id for neighbour in (opened.previous, opened.next) if neighbour]
    asked: dict[UUID, str | None] = dict.fromkeys(beside)
    return editions(session, asked | {opened.lesson.shown_id: opened.rendered_with})


def shuffle_for(lesson: Lesson, user: User | None) -> Shuffle:
    return Shuffle(str(lesson.id), str(user.id)) if user else Shuffle(str(lesson.id))


def mark_as_read(session: Session, user: User, lesson: Lesson) -> None:
    """Idempotent, also under concurrent requests."""
    statement = insert(session, LessonReading).values(user_id=user.id, lesson_id=lesson.id, read_at=now())
    if adds_row(session, statement.on_conflict_do_nothing()):
        events.send(session, LessonFinished(user_id=user.id, lesson_id=lesson.id))


def note_place(session: Session, user: User, lesson: Lesson, anchor: str, fraction: float) -> None:
    """Store the reading position; the latest one counts, from whichever device."""
    statement = insert(session, ReadingPosition).values(
        user_id=user.id, lesson_id=lesson.id, anchor=anchor, fraction=fraction, noted_at=now()
    )
    renewed = {name: statement.excluded[name] for name in ("anchor", "fraction", "noted_at")}
    session.execute(statement.on_conflict_do_update(index_elements=["user_id", "lesson_id"], set_=renewed))


def address_after(session: Session, lesson: Lesson) -> str:
    """Of the next lesson; of the course after its last."""
    course = lesson.course
    beside = open_lesson(session, course.slug, lesson.slug, None).next
    return lesson_address(course, beside) if beside else f"/courses/{course.slug}"


def lesson_address(course: Course, lesson: Lesson | queries.Neighbour) -> str:
    return lesson_path(course.slug, lesson.slug)


def lesson_path(course_slug: str, lesson_slug: str) -> str:
    return f"/courses/{course_slug}/lessons/{lesson_slug}"
