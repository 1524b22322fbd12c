from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from app.accounts.dependencies import CurrentUser, user_rate_limit
from app.accounts.models import User
from app.core.errors import Invalid
from app.core.i18n import current_language
from app.courses.service import lesson_address
from app.notes import presenters, service
from app.notes.forms import NewNoteForm, NoteForm
from app.notes.models import Note
from app.notes.pages import NotePage
from app.web.dependencies import Db
from app.web.fields import PageNumber
from app.web.forms import Submitted
from app.web.fragments import is_fragment
from app.web.templating import render

router = APIRouter()
note_limit = [Depends(user_rate_limit("note-deletion", "60/minute"))]

WriteLimit = Annotated[None, Depends(user_rate_limit("note", "60/minute"))]
NewNote = Submitted[NewNoteForm]
ChangedNote = Submitted[NoteForm]


@router.get("/notes")
def notes_page(
    request: Request,
    session: Db,
    user: CurrentUser,
    page: PageNumber = 1,
    lesson: UUID | None = None,
    deleted: UUID | None = None,
) -> Response:
    return render(
        request, "notes/page.html", page=presenters.notes_page(session, user, page, lesson, deleted)
    )


@router.get("/notes/{note_id}")
def note_page(request: Request, session: Db, user: CurrentUser, note_id: UUID) -> Response:
    note = service.get_note(session, user, note_id)
    return render(request, "notes/note.html", page=presenters.note_page(note, note.text))


@router.get("/lessons/{lesson_id}/notes")
def lesson_notes(
    request: Request,
    session: Db,
    user: CurrentUser,
    lesson_id: UUID,
    language: Literal["zh", "en"] | None = None,
) -> Response:
    """The notes on a lesson in the reader's language, or the only one it has, as a fragment for the
    lesson's page; otherwise the page that shows them.
    """
    if not is_fragment(request):
        return RedirectResponse(f"/notes?lesson={lesson_id}", status_code=303)
    page = presenters.lesson_notes(session, user, lesson_id, language or current_language.get())
    return render(request, "notes/_list.html", page=page)


@router.post("/lessons/{lesson_id}/notes")
def add_note(
    request: Request, session: Db, user: CurrentUser, limit: WriteLimit, lesson_id: UUID, form: NewNote
) -> Response:
    lesson = service.get_lesson(session, lesson_id)
    try:
        data = form.data()
        note = service.add_note(session, user, lesson.id, data.language, data.passage(), data.text)
    except Invalid as error:
        typed = (form.values.get("text", ""), form.values.get("language", ""))
        page = NotePage(
            lesson.shown.title,
            lesson_address(lesson.course, lesson),
            request.url.path,
            *typed,
            errors=error.fields,
        )
        return _refused(request, page, error)
    return _answer(request, session, user, note, f"/notes?lesson={lesson.id}#note-{note.id}")


@router.post("/notes/{note_id}")
def change_note(
    request: Request, session: Db, user: CurrentUser, limit: WriteLimit, note_id: UUID, form: ChangedNote
) -> Response:
    note = service.get_note(session, user, note_id)
    try:
        service.change_note(session, user, note_id, form.data().text)
    except Invalid as error:
        return _refused(request, presenters.note_page(note, form.values.get("text", ""), error.fields), error)
    return _answer(request, session, user, note, f"/notes#note-{note.id}")


@router.post("/notes/{note_id}/deletion", dependencies=note_limit)
def delete_note(request: Request, session: Db, user: CurrentUser, note_id: UUID) -> Response:
    note = service.delete_note(session, user, note_id)
    return _answer(request, session, user, note, f"/notes?deleted={note.id}", deleted_id=note.id)


@router.post("/notes/{note_id}/restoration", dependencies=note_limit)
def restore_note(request: Request, session: Db, user: CurrentUser, note_id: UUID) -> Response:
    note = service.restore_note(session, user, note_id)
    return _answer(request, session, user, note, f"/notes#note-{note.id}")


def _answer(
    request: Request, session: Session, user: User, note: Note, address: str, deleted_id: UUID | None = None
) -> Response:
    """For a script the lesson's current notes; otherwise the page that shows the note."""
    if not is_fragment(request):
        return RedirectResponse(address, status_code=303)
    page = presenters.lesson_notes(session, user, note.lesson_id, note.language, deleted_id)
    return render(request, "notes/_list.html", page=page)


def _refused(request: Request, page: NotePage, error: Invalid) -> Response:
    """A script shows the message beside the input; without one the form comes back with both."""
    if is_fragment(request):
        raise Invalid(error.fields, next(iter(error.fields.values())))
    return render(request, "notes/note.html", page=page, status=error.status)
