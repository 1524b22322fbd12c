"""Revisions of lessons in the database: written, published, rendered anew when what they refer to has changed."""

import hashlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import storage
from app.courses.models import Course, Lesson, LessonRevision, Module, Origin
from app.courses.publishing import PreparedLesson, Surroundings, digest, prepare_lesson, rendered_with
from app.courses.sources import Term, parse_lesson


def store_picture(name: str, content: bytes) -> str:
    """Store a picture under the hash of its content: a name that never changes its meaning can be cached for ever."""
    key = f"pictures/{hashlib.sha256(content).hexdigest()[:32]}{Path(name).suffix.lower()}"
    storage.write(key, content)
    return key


def picture_address(key: str) -> str:
    return f"/{key}"


def surroundings(session: Session, course: Course, lesson_slug: str) -> Surroundings:
    """What the lesson `lesson_slug` may refer to: the published lessons of its course and itself."""
    rows = session.execute(
        select(Lesson.slug, LessonRevision.sources["lesson.toml"].as_string())
        .outerjoin(LessonRevision, LessonRevision.id == Lesson.published_revision_id)
        .outerjoin(Module, Module.id == Lesson.module_id)
        .where(
            Lesson.course_id == course.id,
            (Lesson.published_revision_id.is_not(None)) | (Lesson.slug == lesson_slug),
        )
        .order_by(Module.position.is_(None), Module.position, Lesson.position)
    )
    return Surroundings.of(course.slug, lesson_slug, [(slug, terms_of(text or "")) for slug, text in rows])


def prepare(sources: Mapping[str, str], pictures: Mapping[str, str], around: Surroundings) -> PreparedLesson:
    """Parse and render texts whose pictures are stored (name -> storage key). Raises what `prepare_lesson` raises."""
    return prepare_lesson(sources, _reader(pictures), lambda name: picture_address(pictures[name]), around)


def new_revision(
    session: Session,
    course: Course,
    lesson: Lesson,
    sources: Mapping[str, str],
    pictures: Mapping[str, str],
    *,
    origin: Origin,
    author_id: UUID | None = None,
    around: Surroundings | None = None,
) -> LessonRevision:
    """Add the lesson's next revision, not published yet. The texts must be free of faults (app.courses.check)."""
    around = around or surroundings(session, course, lesson.slug)
    latest = session.scalar(
        select(func.max(LessonRevision.number)).where(LessonRevision.lesson_id == lesson.id)
    )
    revision = LessonRevision(
        lesson_id=lesson.id,
        number=(latest or 0) + 1,
        author_id=author_id,
        origin=origin,
        digest=digest(sources, {name: storage.read(key) or b"" for name, key in pictures.items()}),
        sources=dict(sources),
        pictures=dict(pictures),
    )
    _render(revision, around)
    session.add(revision)
    session.flush()
    return revision


def renew_renderings(session: Session, course: Course) -> list[str]:
    """Render what is published anew where it would come out otherwise today; the lessons' folders."""
    lessons = session.execute(
        select(Lesson.slug, LessonRevision)
        .join(LessonRevision, LessonRevision.id == Lesson.published_revision_id)
        .where(Lesson.course_id == course.id)
    ).all()
    renewed = []
    for slug, revision in lessons:
        around = surroundings(session, course, slug)
        if revision.rendered_with != rendered_with(around):
            _render(revision, around)
            renewed.append(slug)
    session.flush()
    return renewed


def _render(revision: LessonRevision, around: Surroundings) -> None:
    prepared = prepare(revision.sources, revision.pictures, around)
    revision.title = prepared.lesson.title.model_dump()
    revision.question = prepared.lesson.question.model_dump()
    revision.minutes = prepared.lesson.minutes
    revision.labs = prepared.stored_labs()
    revision.quiz = prepared.stored_quiz()
    revision.rendering = prepared.stored_rendering()
    revision.rendered_with = rendered_with(around)


def _reader(pictures: Mapping[str, str]) -> Callable[[str], bytes | None]:
    @lru_cache
    def read(name: str) -> bytes | None:
        return storage.read(pictures[name]) if name in pictures else None

    return read


@lru_cache(maxsize=256)
def terms_of(text: str) -> tuple[Term, ...]:
    """The terms that a lesson.toml defines; none where it cannot be read."""
    try:
        return tuple(parse_lesson(text).terms)
    except ValueError:  # a draft may hold anything
        return ()
