"""Queries for courses as their editors see them, unpublished ones included."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, Uuid, func, literal, select, tuple_
from sqlalchemy.orm import Session, contains_eager, defer, joinedload, selectinload

from app.accounts.models import User
from app.authoring.models import DeletedLesson, PublicationOrder
from app.core.db import may_write
from app.courses.models import Course, Lesson, LessonDraft, LessonRevision, Module

# Columns that lists of revisions do not load.
_HEAVY = tuple(
    defer(column)
    for column in (LessonRevision.rendering, LessonRevision.sources, LessonRevision.quiz, LessonRevision.labs)
)


# A deleted lesson is nobody's until it is restored, or gone for good.
_KEPT = Lesson.id.not_in(select(DeletedLesson.id))


def all_courses(session: Session) -> Sequence[Course]:
    """Every course with all its modules and lessons, published or not."""
    lessons = selectinload(Course.modules).selectinload(Module.lessons)
    return session.scalars(
        select(Course)
        .options(lessons.joinedload(Lesson.published).options(*_HEAVY))
        .order_by(Course.position, Course.slug)
    ).all()


def course_with_all(session: Session, course_id: UUID) -> Course | None:
    """One course with its modules and lessons; writers lock its row, so that two reorderings do not interleave."""
    statement = select(Course).where(Course.id == course_id)
    statement = statement.with_for_update() if may_write(session) else statement
    return session.scalar(
        statement.options(selectinload(Course.modules).selectinload(Module.lessons)).execution_options(
            populate_existing=True
        )
    )


def lessons_without_module(session: Session, course_id: UUID) -> Sequence[Lesson]:
    statement = select(Lesson).where(Lesson.course_id == course_id, Lesson.module_id.is_(None), _KEPT)
    return session.scalars(
        statement.options(joinedload(Lesson.published).options(*_HEAVY)).order_by(Lesson.position)
    ).all()


def lessons_with_texts(
    session: Session,
) -> Sequence[Row[Lesson, LessonDraft, LessonRevision]]:
    """Every lesson that has a draft or is published, with both, in reading order."""
    statement = (
        select(Lesson, LessonDraft, LessonRevision)
        .join(Lesson.course)
        .outerjoin(Lesson.module)
        .outerjoin(LessonDraft, LessonDraft.lesson_id == Lesson.id)
        .outerjoin(LessonRevision, LessonRevision.id == Lesson.published_revision_id)
        .where(LessonDraft.lesson_id.is_not(None) | LessonRevision.id.is_not(None), _KEPT)
        .order_by(Course.position, Course.slug, Module.position.is_(None), Module.position, Lesson.position)
    )
    return session.execute(
        statement.options(
            contains_eager(Lesson.course),
            defer(LessonRevision.rendering),
            defer(LessonRevision.quiz),
            defer(LessonRevision.labs),
        )
    ).all()


def lesson(session: Session, lesson_id: UUID) -> Lesson | None:
    return session.scalar(
        select(Lesson)
        .where(Lesson.id == lesson_id, _KEPT)
        .options(joinedload(Lesson.course), joinedload(Lesson.published).options(*_HEAVY))
    )


def all_modules(session: Session) -> Sequence[Row[UUID, dict[str, str], dict[str, str]]]:
    """(id, title, its course's title) of every module, in order."""
    statement = select(Module.id, Module.title, Course.title).join(Module.course)
    return session.execute(statement.order_by(Course.position, Course.slug, Module.position)).all()


def count_published_before(session: Session, lesson: Lesson) -> int:
    """Number of published lessons of its course that precede it."""
    earlier = tuple_(Lesson.position, Lesson.id) < tuple_(
        literal(lesson.position), literal(lesson.id, Uuid())
    )
    statement = select(func.count()).where(
        Lesson.course_id == lesson.course_id, Lesson.published_revision_id.is_not(None), earlier
    )
    return session.scalar(statement) or 0


def lesson_slugs(session: Session, course_id: UUID) -> list[str]:
    """The lessons of a course in reading order; those in no module come last."""
    statement = select(Lesson.slug).outerjoin(Lesson.module).where(Lesson.course_id == course_id, _KEPT)
    return list(
        session.scalars(statement.order_by(Module.position.is_(None), Module.position, Lesson.position))
    )


def lesson_files(session: Session, course_id: UUID) -> Sequence[Row[str, str | None, bool]]:
    """(short name, lesson.toml, whether readers see it) of a course's lessons in reading order: the draft's file, else the published one's."""
    name = "lesson.toml"
    text = func.coalesce(LessonDraft.sources[name].as_string(), LessonRevision.sources[name].as_string())
    statement = (
        select(Lesson.slug, text, Lesson.published_revision_id.is_not(None))
        .outerjoin(Lesson.module)
        .outerjoin(LessonDraft, LessonDraft.lesson_id == Lesson.id)
        .outerjoin(LessonRevision, LessonRevision.id == Lesson.published_revision_id)
        .where(Lesson.course_id == course_id, _KEPT)
    )
    return session.execute(
        statement.order_by(Module.position.is_(None), Module.position, Lesson.position)
    ).all()


def draft(session: Session, lesson_id: UUID, *, lock: bool = False) -> LessonDraft | None:
    statement = (
        select(LessonDraft)
        .where(LessonDraft.lesson_id == lesson_id)
        .execution_options(populate_existing=True)
    )
    return session.scalar(statement.with_for_update() if lock else statement)


def drafts_of(session: Session, course_id: UUID) -> dict[UUID, LessonDraft]:
    """The drafts of a course by lesson, without their texts."""
    statement = select(LessonDraft).join(LessonDraft.lesson).where(Lesson.course_id == course_id)
    drafts = session.scalars(statement.options(defer(LessonDraft.sources), defer(LessonDraft.pictures)))
    return {draft.lesson_id: draft for draft in drafts}


def orders_of(session: Session, lesson_ids: Sequence[UUID]) -> dict[UUID, PublicationOrder]:
    orders = session.scalars(select(PublicationOrder).where(PublicationOrder.lesson_id.in_(lesson_ids)))
    return {order.lesson_id: order for order in orders}


def due_lessons(session: Session, moment: datetime) -> Sequence[UUID]:
    """The lessons whose draft is due by `moment`, earliest first."""
    return session.scalars(
        select(LessonDraft.lesson_id).where(LessonDraft.publish_at <= moment).order_by(LessonDraft.publish_at)
    ).all()


def latest_revision(session: Session, lesson_id: UUID) -> LessonRevision | None:
    statement = (
        select(LessonRevision)
        .where(LessonRevision.lesson_id == lesson_id)
        .order_by(LessonRevision.number.desc())
    )
    return session.scalar(statement.options(defer(LessonRevision.rendering)).limit(1))


def revision(session: Session, lesson_id: UUID, number: int) -> LessonRevision | None:
    statement = select(LessonRevision).where(
        LessonRevision.lesson_id == lesson_id, LessonRevision.number == number
    )
    return session.scalar(statement.options(defer(LessonRevision.rendering)))


def revisions(session: Session, lesson_id: UUID) -> Sequence[LessonRevision]:
    """Newest first, without their texts."""
    statement = (
        select(LessonRevision)
        .where(LessonRevision.lesson_id == lesson_id)
        .order_by(LessonRevision.number.desc())
    )
    return session.scalars(statement.options(*_HEAVY)).all()


def names(session: Session, user_ids: set[UUID | None]) -> dict[UUID, str]:
    """The names of some users by id."""
    known = [user_id for user_id in user_ids if user_id]
    return dict(session.execute(select(User.id, User.name).where(User.id.in_(known))).all())
