"""Reading courses and what readers did in them."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, defer, joinedload

from app.courses.models import Course, Lesson, LessonReading, LessonRevision, Module


def courses(session: Session) -> list[Course]:
    """Every course with its modules and published lessons, without the lessons' texts."""
    light = joinedload(Lesson.published).options(
        defer(LessonRevision.rendering), defer(LessonRevision.sources), defer(LessonRevision.quiz)
    )
    statement = (
        select(Course)
        .join(Course.modules)
        .join(Module.lessons)
        .where(Lesson.published_revision_id.is_not(None))
        .options(contains_eager(Course.modules).contains_eager(Module.lessons).options(light))
        .order_by(Course.slug, Module.position, Lesson.position)
    )
    return list(session.scalars(statement).unique())


def course_by_slug(session: Session, slug: str) -> Course | None:
    return next((course for course in courses(session) if course.slug == slug), None)


def published_lesson(session: Session, course_slug: str, lesson_slug: str) -> Lesson | None:
    """A lesson with its course and its published revision."""
    return session.scalar(
        select(Lesson)
        .join(Lesson.course)
        .where(Course.slug == course_slug, Lesson.slug == lesson_slug, Lesson.published_revision_id.is_not(None))
        .options(contains_eager(Lesson.course), joinedload(Lesson.published))
    )


def lesson_by_id(session: Session, lesson_id: UUID) -> Lesson | None:
    return session.scalar(
        select(Lesson)
        .where(Lesson.id == lesson_id, Lesson.published_revision_id.is_not(None))
        .options(joinedload(Lesson.course), joinedload(Lesson.published))
    )


def neighbours(session: Session, lesson: Lesson) -> tuple[Lesson | None, Lesson | None]:
    """The published lessons before and after this one."""
    lessons = list(
        session.scalars(
            select(Lesson)
            .join(Lesson.published)
            .where(Lesson.course_id == lesson.course_id)
            .options(contains_eager(Lesson.published).load_only(LessonRevision.title))
            .order_by(Lesson.position)
        )
    )
    index = next(i for i, other in enumerate(lessons) if other.id == lesson.id)
    return (lessons[index - 1] if index else None, lessons[index + 1] if index + 1 < len(lessons) else None)


def read_lesson_ids(session: Session, user_id: UUID) -> set[UUID]:
    return set(session.scalars(select(LessonReading.lesson_id).where(LessonReading.user_id == user_id)))
