"""What readers do with notes. Nothing here commits."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.accounts import service as accounts
from app.accounts.models import User
from app.accounts.sent_forms import is_first, made_before
from app.core.clock import now
from app.core.errors import Invalid, NotFound
from app.core.i18n import N_
from app.core.i18n import gettext as _
from app.courses.models import Lesson
from app.notes import queries
from app.notes.models import Note
from app.search.index import forget_note, index_note

NOTES_PER_LESSON = 300
# How long a deleted note can be restored.
KEPT_AFTER_DELETION = timedelta(days=1)


@dataclass(frozen=True)
class Passage:
    """A note's place in a lesson; all empty for a note on the whole lesson. See Note."""

    quote: str = ""
    prefix: str = ""
    suffix: str = ""
    anchor: str = ""


def get_lesson(session: Session, lesson_id: UUID) -> Lesson:
    lesson = queries.lesson(session, lesson_id)
    if lesson is None:
        raise NotFound
    return lesson


def get_note(session: Session, user: User, note_id: UUID) -> Note:
    """Raises NotFound for a note that does not exist or is another user's."""
    note = queries.note_of(session, user.id, note_id)
    if note is None:
        raise NotFound(N_("There is no such note, or it is not yours."))
    return note


def add_note(
    session: Session, user: User, lesson_id: UUID, language: str, passage: Passage, text: str
) -> Note:
    """A new note, or a highlight if `text` is empty. Raises Invalid if there are too many on this lesson.

    A resent form returns the note that it created.
    """
    if not text and not passage.quote:
        raise Invalid({"text": _("Please fill this in.")})
    accounts.lock(session, user)
    earlier = made_before(session, user, Note)
    if earlier and not earlier.deleted_at:
        return earlier
    if queries.count_on(session, user.id, lesson_id) >= NOTES_PER_LESSON:
        raise Invalid(
            {
                "text": _("You already have {count} notes on this lesson; please delete some first.").format(
                    count=NOTES_PER_LESSON
                )
            }
        )
    _purge(session)
    note = Note(
        id=uuid4(),
        user_id=user.id,
        lesson_id=lesson_id,
        language=language,
        text=text,
        quote=passage.quote,
        prefix=passage.prefix,
        suffix=passage.suffix,
        anchor=passage.anchor,
    )
    is_first(session, user, note.id)
    session.add(note)
    session.flush()
    _index(session, note)
    return note


def change_note(session: Session, user: User, note_id: UUID, text: str) -> Note:
    """Raises Invalid if nothing would be left: a note without a passage needs a text."""
    note = get_note(session, user, note_id)
    if not text and not note.quote:
        raise Invalid({"text": _("Please fill this in.")})
    if text != note.text:
        note.text, note.updated_at = text, now()
        _index(session, note)
    return note


def delete_note(session: Session, user: User, note_id: UUID) -> Note:
    _purge(session)
    note = get_note(session, user, note_id)
    note.deleted_at = now()
    forget_note(session, note.id)
    return note


def restore_note(session: Session, user: User, note_id: UUID) -> Note:
    """Restore a deleted note. Idempotent. Raises NotFound when it is gone for good."""
    note = queries.note_of(session, user.id, note_id, is_deleted=True)
    if note is None:
        return get_note(session, user, note_id)
    note.deleted_at = None
    _index(session, note)
    return note


def _purge(session: Session) -> None:
    session.execute(delete(Note).where(Note.deleted_at < now() - KEPT_AFTER_DELETION))


def _index(session: Session, note: Note) -> None:
    index_note(
        session,
        note_id=note.id,
        user_id=note.user_id,
        lesson_id=note.lesson_id,
        language=note.language,
        anchor=note.anchor,
        quote=note.quote,
        text=note.text,
    )
