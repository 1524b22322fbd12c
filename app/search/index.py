"""Maintaining the search index. Nothing here commits."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.courses.models import Lesson, LessonRevision
from app.publishing.prepare import LESSON_LANGUAGES
from app.search.models import SearchEntry
from app.search.sections import parts_of
from app.search.tokens import index_words

# The searched columns of a revision.
_READ = ("title", "question", "labs", "rendering")
MOST_KNOWN = 64
_known: dict[str, list[dict[str, Any]]] = {}


def index_lesson(session: Session, lesson: Lesson, revision: LessonRevision | None) -> None:
    """Index `revision` for this lesson, in both languages; None removes the lesson from the index."""
    session.execute(
        delete(SearchEntry).where(SearchEntry.lesson_id == lesson.id, SearchEntry.note_id.is_(None))
    )
    if revision is None:
        return
    session.add_all(
        SearchEntry(lesson_id=lesson.id, **entry)
        for entry in _entries({name: getattr(revision, name) for name in _READ})
    )


def read_ahead(columns: Mapping[str, Any]) -> None:
    """Parse and stem a rendered lesson ahead of the transaction that indexes it."""
    _entries({name: columns[name] for name in _READ})


def _entries(columns: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The columns of a lesson's entries; those of recently parsed lessons are cached."""
    key = hashlib.sha256(json.dumps(columns, sort_keys=True).encode()).hexdigest()
    if key not in _known:
        while len(_known) >= MOST_KNOWN:
            _known.pop(next(iter(_known)), None)
        _known[key] = [
            {
                **vars(part),
                "language": language,
                "position": position,
                "words": index_words(f"{part.heading}\n{part.text}"),
            }
            for language in LESSON_LANGUAGES
            for position, part in enumerate(parts_of(columns, language))
        ]
    return _known[key]


def index_note(
    session: Session,
    *,
    note_id: UUID,
    user_id: UUID,
    lesson_id: UUID,
    language: str,
    anchor: str,
    quote: str,
    text: str,
) -> None:
    """Index a note for its owner, as it now is."""
    forget_note(session, note_id)
    session.add(
        SearchEntry(
            kind="note",
            lesson_id=lesson_id,
            language=language,
            user_id=user_id,
            note_id=note_id,
            position=0,
            anchor=anchor,
            heading=quote,
            text=text,
            words=index_words(f"{quote}\n{text}"),
        )
    )


def forget_note(session: Session, note_id: UUID) -> None:
    session.execute(delete(SearchEntry).where(SearchEntry.note_id == note_id))
