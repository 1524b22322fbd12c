"""Revisions of lessons in the database: stored, published, re-rendered when what they refer to has changed."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from app.core import events, storage
from app.core.text import Term
from app.courses.models import Course, Lesson, LessonRevision, Module, Origin
from app.publishing.events import LessonRendered
from app.publishing.prepare import PreparedLesson, Surroundings, prepare_lesson, rendered_with
from app.publishing.sources import digest_of_hashes, parse_lesson


def picture_key(name: str, content: bytes) -> str:
    """From the hash of its content, so that it is immutable and can be cached for ever."""
    return f"pictures/{hashlib.sha256(content).hexdigest()[:32]}{Path(name).suffix.lower()}"


def store_picture(name: str, content: bytes) -> str:
    """Store a picture; returns its key."""
    key = picture_key(name, content)
    storage.write(key, content)
    return key


def picture_address(key: str) -> str:
    return f"/{key}"


@lru_cache(maxsize=4096)
def _picture_hash(key: str) -> bytes:
    content = storage.read(key)
    if content is None:
        raise FileNotFoundError(key)
    return hashlib.sha256(content).digest()


def picture_hash(key: str) -> bytes:
    """SHA-256 of a stored picture, cached, as a key's content never changes."""
    try:
        return _picture_hash(key)
    except FileNotFoundError:
        return hashlib.sha256().digest()


def text_digest(sources: Mapping[str, str], pictures: Mapping[str, str]) -> str:
    """The digest of a folder with these texts and stored pictures."""
    hashes = {name: hashlib.sha256(text.encode()).digest() for name, text in sources.items()}
    return digest_of_hashes(hashes | {name: picture_hash(key) for name, key in pictures.items()})


class Renderings:
    """Renderings prepared before a transaction, for use inside it. Anything missing is rendered on demand."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, Any]] = {}

    def of(
        self, sources: Mapping[str, str], pictures: Mapping[str, str], around: Surroundings
    ) -> dict[str, Any]:
        """The columns of a revision derived from its texts. Raises what `prepare_lesson` raises."""
        made_with = rendered_with(around)
        asked = json.dumps([dict(sources), dict(pictures), made_with], sort_keys=True)
        key = hashlib.sha256(asked.encode()).hexdigest()
        if key not in self._known:
            self._known[key] = _columns(prepare(sources, pictures, around), made_with)
            events.send(None, LessonRendered(columns=self._known[key]))
        return self._known[key]


def _columns(prepared: PreparedLesson, made_with: str) -> dict[str, Any]:
    return {
        "title": prepared.lesson.title.model_dump(),
        "question": prepared.stored_question(),
        "minutes": prepared.lesson.minutes,
        "labs": prepared.stored_labs(),
        "quiz": prepared.stored_quiz(),
        "rendering": prepared.stored_rendering(),
        "rendered_with": made_with,
    }


def surroundings(
    session: Session, course: Course, lesson_slug: str, changed: Mapping[str, str | None] | None = None
) -> Surroundings:
    """What the lesson `lesson_slug` may refer to: the published lessons of its course and itself.

    `changed`: the lesson.toml of lessons as they will be published, None for those being unpublished.
    """
    changed = changed or {}
    rows = session.execute(
        select(Lesson.slug, LessonRevision.sources["lesson.toml"].as_string())
        .outerjoin(LessonRevision, LessonRevision.id == Lesson.published_revision_id)
        .outerjoin(Module, Module.id == Lesson.module_id)
        .where(
            Lesson.course_id == course.id,
            (Lesson.published_revision_id.is_not(None)) | Lesson.slug.in_([lesson_slug, *changed]),
        )
        .order_by(Module.position.is_(None), Module.position, Lesson.position)
    )
    texts = [(slug, changed.get(slug, text)) for slug, text in rows]
    gone = {slug for slug, text in changed.items() if text is None} - {lesson_slug}
    return Surroundings.of(
        course.slug, lesson_slug, [(slug, terms_of(text or "")) for slug, text in texts if slug not in gone]
    )


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
    renderings: Renderings | None = None,
) -> LessonRevision:
    """Add the lesson's next revision, unpublished. The texts must be free of faults (app.publishing.check)."""
    around = around or surroundings(session, course, lesson.slug)
    latest = session.scalar(
        select(func.max(LessonRevision.number)).where(LessonRevision.lesson_id == lesson.id)
    )
    revision = LessonRevision(
        lesson_id=lesson.id,
        number=(latest or 0) + 1,
        author_id=author_id,
        origin=origin,
        digest=text_digest(sources, pictures),
        sources=dict(sources),
        pictures=dict(pictures),
        **(renderings or Renderings()).of(sources, pictures, around),
    )
    session.add(revision)
    session.flush()
    return revision


def renew_renderings(session: Session, course: Course, renderings: Renderings | None = None) -> list[str]:
    """Re-render published lessons whose rendering would now differ; returns their folders."""
    renewed, renderings = [], renderings or Renderings()
    for slug, revision in _published(session, course):
        around = surroundings(session, course, slug)
        if revision.rendered_with != rendered_with(around):
            for name, value in renderings.of(revision.sources, revision.pictures, around).items():
                setattr(revision, name, value)
            renewed.append(slug)
    session.flush()
    return renewed


def render_ahead(
    session: Session, course: Course, changed: Mapping[str, str | None], renderings: Renderings
) -> None:
    """Prepare what `renew_renderings` will need once the lessons `changed` (see `surroundings`) are published, or unpublished."""
    for slug, revision in _published(session, course):
        if slug in changed:
            continue
        around = surroundings(session, course, slug, changed)
        if revision.rendered_with != rendered_with(around):
            renderings.of(revision.sources, revision.pictures, around)


def _published(session: Session, course: Course) -> Sequence[Row[str, LessonRevision]]:
    return session.execute(
        select(Lesson.slug, LessonRevision)
        .join(LessonRevision, LessonRevision.id == Lesson.published_revision_id)
        .where(Lesson.course_id == course.id)
    ).all()


def _reader(pictures: Mapping[str, str]) -> Callable[[str], bytes | None]:
    @lru_cache
    def read(name: str) -> bytes | None:
        return storage.read(pictures[name]) if name in pictures else None

    return read


@lru_cache(maxsize=256)
def terms_of(text: str) -> tuple[Term, ...]:
    """The terms that a lesson.toml defines; none if it cannot be parsed."""
    try:
        return tuple(parse_lesson(text).terms)
    except ValueError:  # a draft may contain anything
        return ()
