"""View models of the notes pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from app.courses.models import Lesson
from app.courses.service import lesson_address
from app.notes.models import Note


@dataclass(frozen=True)
class LessonNotes:
    """The notes on a lesson's text in one language, for the lesson's own page. `deleted_id` can be restored."""

    lesson_id: UUID
    language: str
    notes: Sequence[Note]
    deleted_id: UUID | None = None


@dataclass(frozen=True)
class NoteEntry:
    """A note in the list of all; `address` links to its passage."""

    note: Note
    title: Mapping[str, str]
    address: str


@dataclass(frozen=True)
class NotesPage:
    entries: Sequence[NoteEntry]
    total: int
    number: int
    pages: int
    # Set if only one lesson's notes are shown.
    lesson: Lesson | None = None
    deleted_id: UUID | None = None


@dataclass(frozen=True)
class NotePage:
    """One note to edit, or a refused new one on a lesson (`note` is None)."""

    title: Mapping[str, str]
    back: str
    action: str
    text: str
    language: str
    note: Note | None = None
    errors: Mapping[str, str] = field(default_factory=dict)


def note_entry(note: Note) -> NoteEntry:
    lesson = note.lesson
    if lesson.published is None:
        return NoteEntry(note, {"zh": lesson.slug}, "")
    anchor = f"#{note.anchor}" if note.anchor else ""
    return NoteEntry(
        note, lesson.published.title, f"{lesson_address(lesson.course, lesson)}?note={note.id}{anchor}"
    )
