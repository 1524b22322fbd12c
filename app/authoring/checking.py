"""The course check on a draft, and the draft as its readers would see it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.authoring.drafts import LessonText
from app.courses.models import Lesson, LessonRevision
from app.markup.context import Fault
from app.publishing import check, revisions
from app.publishing.prepare import PreparedLesson, Surroundings

_FOOTNOTE = re.compile(r' id="(fn[\w-]+)"')


@dataclass(frozen=True)
class TextFault:
    """A mistake in one of a lesson's files. `line` is 1-based; 0 if it concerns the whole file."""

    file: str
    line: int
    message: str
    is_gap: bool = False

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"


@dataclass(frozen=True)
class Checked:
    """`prepared` is None if lesson.toml or quiz.toml cannot be parsed: then there is nothing to show."""

    faults: list[TextFault]
    prepared: PreparedLesson | None
    # What is still missing but does not block publication.
    gaps: list[TextFault]


def check_text(session: Session, lesson: Lesson, text: LessonText) -> Checked:
    return _checked(session, lesson, text, revisions.surroundings(session, lesson.course, lesson.slug))


def check_and_prepare(session: Session, lesson: Lesson, text: LessonText) -> Checked:
    """The faults, and the lesson rendered with the addresses of its stored pictures."""
    around = revisions.surroundings(session, lesson.course, lesson.slug)
    checked = _checked(session, lesson, text, around)
    if checked.prepared is None or not _shows_photographs(checked.prepared):
        return checked
    prepared = revisions.prepare(text.sources, text.pictures, around)
    return Checked(checked.faults, prepared, checked.gaps)


def _checked(session: Session, lesson: Lesson, text: LessonText, around: Surroundings) -> Checked:
    read = lru_cache(text.picture)
    result = check.check_lesson(text.sources, read, text.pictures, around)
    found = list(result.faults)
    if result.prepared is not None:
        found += check.anchor_faults(result.prepared, _AnchorsOf(session, lesson.course_id))
    return Checked(
        [_text_fault(name, fault) for name, fault in found],
        result.prepared,
        [_text_fault(name, fault) for name, fault in result.gaps],
    )


def _text_fault(name: str, fault: Fault) -> TextFault:
    return TextFault(name, fault.line, fault.message, fault.is_gap)


def _shows_photographs(prepared: PreparedLesson) -> bool:
    """Drawings are inlined; other pictures need an address that works."""
    return any(
        not name.endswith(".svg")
        for rendering in prepared.renderings.values()
        for name in rendering.used_pictures
    )


class _AnchorsOf:
    """(lesson, language) -> the anchors of that published lesson; None for an unknown lesson."""

    def __init__(self, session: Session, course_id: UUID) -> None:
        self._session, self._course_id = session, course_id
        self._known: dict[str, Mapping[str, Any] | None] = {}

    def __call__(self, slug: str, language: str) -> frozenset[str] | None:
        if slug not in self._known:
            self._known[slug] = self._session.scalar(
                select(LessonRevision.rendering)
                .join(Lesson, Lesson.published_revision_id == LessonRevision.id)
                .where(Lesson.course_id == self._course_id, Lesson.slug == slug)
            )
        rendering = self._known[slug]
        if not rendering:
            return None
        other = "en" if language == "zh" else "zh"
        return _anchors(rendering[language if rendering[language]["segments"] else other])


def _anchors(rendering: Mapping[str, Any]) -> frozenset[str]:
    anchors = (
        {entry["anchor"] for entry in rendering["contents"]}
        | {f"term-{term['key']}" for term in rendering["terms"]}
        | {"end"}
    )
    for segment in rendering["segments"]:
        anchors |= {f"{kind}-{segment[kind]}" for kind in ("figure", "lab") if kind in segment}
        anchors |= {f"quiz-{key}" for key in segment.get("quiz", ())}
        anchors |= set(_FOOTNOTE.findall(segment.get("html", "")))
    return frozenset(anchors)
