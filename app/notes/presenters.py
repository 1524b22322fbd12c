"""Presenters of the notes pages."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.notes import queries, service
from app.notes.models import Note
from app.notes.pages import LessonNotes, NotePage, NotesPage, note_entry
from app.web.pagination import page_of

NOTES_PER_PAGE = 20


def notes_page(
    session: Session, user: User, number: int, lesson_id: UUID | None, deleted_id: UUID | None
) -> NotesPage:
    """All of a reader's notes, or those on one lesson. Raises NotFound for an unknown lesson."""
    lesson = service.get_lesson(session, lesson_id) if lesson_id else None
    total = queries.count_notes(session, user.id, lesson_id)
    number, pages, offset = page_of(number, total, NOTES_PER_PAGE)
    notes = queries.notes_of(session, user.id, lesson_id, limit=NOTES_PER_PAGE, offset=offset)
    can_restore = deleted_id and queries.note_of(session, user.id, deleted_id, is_deleted=True)
    return NotesPage(
        [note_entry(note) for note in notes],
        total,
        number,
        pages,
        lesson,
        deleted_id if can_restore else None,
    )


def lesson_notes(
    session: Session, user: User, lesson_id: UUID, language: str, deleted_id: UUID | None = None
) -> LessonNotes:
    session.flush()
    return LessonNotes(
        lesson_id, language, queries.notes_on(session, user.id, lesson_id, language), deleted_id
    )


def note_page(note: Note, text: str, errors: dict[str, str] | None = None) -> NotePage:
    entry = note_entry(note)
    return NotePage(
        entry.title, entry.address or "/notes", f"/notes/{note.id}", text, note.language, note, errors or {}
    )
