"""Routes for editing a lesson: its draft, preview, pictures, revisions and publication. Lecturers and admins only."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from sqlalchemy.orm import Session

from app.accounts.dependencies import StaffReader, StaffUser, staff_sends_more, user_rate_limit
from app.accounts.models import User
from app.authoring import drafts, presence, presenters, publication
from app.authoring.checking import check_and_prepare
from app.authoring.drafts import DraftConflict
from app.authoring.forms import (
    MOST_BODY_BYTES,
    MOST_FORM_BYTES,
    DeletionForm,
    DraftBody,
    ModuleChoiceForm,
    PresenceBody,
    RenderingBody,
    ScheduleForm,
    draft_body,
    presence_body,
    rendering_body,
    typed_sources,
)
from app.authoring.outline import moves
from app.authoring.pictures import service as pictures
from app.authoring.pictures.upload import uploaded
from app.authoring.preview import preview_page
from app.authoring.publication import NotPublishable
from app.core.db import session_scope
from app.core.errors import Conflict, Invalid
from app.core.i18n import current_language
from app.core.sentences import spoken
from app.web.assets import asset
from app.web.dependencies import Db, Place
from app.web.fields import Number, Word, number_from
from app.web.forms import Submitted, checked_fields, posted_fields
from app.web.security.bounds import takes
from app.web.templating import render, render_text

router = APIRouter(prefix="/authoring/lessons/{lesson_id}")
save_limit = [Depends(user_rate_limit("lesson", "120/minute"))]
# What is typed is rendered after each pause.
preview_limit = [Depends(user_rate_limit("rendering", "240/minute", StaffReader))]
# Each open lesson sends a heartbeat every few seconds.
presence_limit = [Depends(user_rate_limit("presence", "600/minute", StaffReader))]

Address = Annotated[str, Path(max_length=300)]
Fields = Annotated[dict[str, str], Depends(posted_fields)]
LargeFields = Annotated[dict[str, str], Depends(checked_fields)]


@router.get("")
def editor(request: Request, session: Db, user: StaffUser, lesson_id: UUID) -> Response:
    return render(request, "authoring/editor.html", page=presenters.editor_page(session, user, lesson_id))


@router.put("/draft", dependencies=[Depends(staff_sends_more)])
@takes(body=MOST_BODY_BYTES)
def autosave(
    body: Annotated[DraftBody, Depends(draft_body)],
    session: Db,
    user: StaffUser,
    _limit: Annotated[None, Depends(user_rate_limit("autosave", "120/minute"))],
    lesson_id: UUID,
) -> Response:
    """Save in the background. 409 returns the texts that somebody else saved in between."""
    try:
        drafts.save_texts(session, user, lesson_id, body.version, body.texts)
    except DraftConflict as conflict:
        return JSONResponse(_their_texts(session, conflict), status_code=conflict.status)
    return JSONResponse({"version": drafts.lesson_text(session, lesson_id).version})


@router.post("/draft", dependencies=[Depends(staff_sends_more), *save_limit])
@takes(body=MOST_FORM_BYTES, field=MOST_FORM_BYTES)
def save(request: Request, session: Db, user: StaffUser, lesson_id: UUID, fields: LargeFields) -> Response:
    """Save by the form, without JavaScript."""
    typed = typed_sources(fields)
    version = fields.get("version", "")
    try:
        drafts.save_texts(session, user, lesson_id, number_from(version, otherwise=-1), typed)
    except DraftConflict as conflict:
        page = presenters.editor_page(
            session, user, lesson_id, typed=typed, theirs=conflict.current, message=conflict.sentence()
        )
        return render(request, "authoring/editor.html", page=page, status=conflict.status)
    return _to_editor(lesson_id)


@router.post("/rendering", dependencies=[Depends(staff_sends_more), *preview_limit])
@takes(body=MOST_BODY_BYTES)
def live_preview(
    request: Request,
    user: StaffReader,
    lesson_id: UUID,
    body: Annotated[RenderingBody, Depends(rendering_body)],
    _place: Place,
) -> Response:
    """The typed text as readers would see it, with the course check's findings in its author's language. Nothing is stored."""
    authors = current_language.get()
    current_language.set(body.language)
    with session_scope(writes=False) as session:
        lesson, saved = drafts.get_lesson(session, lesson_id), drafts.lesson_text(session, lesson_id)
        typed = drafts.LessonText(
            saved.sources | body.texts, saved.pictures, saved.version, saved.draft, saved.base
        )
        checked = check_and_prepare(session, lesson, typed)
        html, figures = None, []
        if checked.prepared:
            page = preview_page(lesson, checked.prepared, user)
            html = render_text(request, "authoring/_rendering.html", page=page)
            figures = [asset(f"figures/{name}.js") for name in page.figures]
    current_language.set(authors)
    faults = [vars(fault) | {"message": spoken(fault.message)} for fault in (*checked.faults, *checked.gaps)]
    return JSONResponse({"html": html, "figures": figures, "faults": faults})


@router.get("/preview")
def preview(request: Request, session: Db, user: StaffUser, lesson_id: UUID) -> Response:
    """The draft as a student would see it."""
    lesson, text = drafts.get_lesson(session, lesson_id), drafts.lesson_text(session, lesson_id)
    checked = check_and_prepare(session, lesson, text)
    if checked.prepared is None:
        return RedirectResponse(f"/authoring/lessons/{lesson_id}#editor-check", status_code=303)
    return render(request, "authoring/preview.html", page=preview_page(lesson, checked.prepared, user))


@router.post("/preview/{_rest:path}", dependencies=preview_limit)
def sent_from_preview(_user: StaffReader, lesson_id: UUID, _rest: Address) -> Response:
    """A preview's forms do nothing, and neither does the reading position that the page sends by itself."""
    if _rest == "place":
        return Response(status_code=204)
    return RedirectResponse(f"/authoring/lessons/{lesson_id}/preview", status_code=303)


@router.post("/presence", dependencies=presence_limit)
def note_presence(
    user: StaffReader,
    lesson_id: UUID,
    body: Annotated[PresenceBody, Depends(presence_body)],
    _place: Place,
) -> Response:
    """Heartbeat of an open page; returns who else has the lesson open and the newest version."""
    if body.leaves:
        presence.leave(lesson_id, body.tab)
        return Response(status_code=204)
    others = presence.touch(lesson_id, body.tab, user)
    with session_scope(writes=False) as session:
        version = drafts.lesson_text(session, lesson_id).version
    seen = [
        {"name": other.name, "since": other.since.isoformat(), "is_self": other.is_self} for other in others
    ]
    return JSONResponse({"others": seen, "version": version})


@router.post(
    "/pictures",
    dependencies=[Depends(user_rate_limit("upload", "120/hour", StaffReader)), Depends(staff_sends_more)],
)
@takes(body=pictures.MOST_BYTES + pictures.FORM_BYTES, files=1)
def add_picture(
    request: Request,
    user: StaffReader,
    lesson_id: UUID,
    content: Annotated[bytes | Invalid, Depends(uploaded)],
    _place: Place,
) -> Response:
    wants_json = "application/json" in request.headers.get("accept", "")
    try:
        name, key = pictures.accept(content)
        with session_scope(late=True, name="a lesson's picture") as session:
            drafts.add_picture(session, user, drafts.get_lesson(session, lesson_id).id, name, key)
    except Invalid as error:
        if wants_json:
            raise
        with session_scope(writes=False) as session:
            page = presenters.editor_page(session, user, lesson_id, errors=error.fields)
            return render(request, "authoring/editor.html", page=page, status=error.status)
    if wants_json:
        return JSONResponse({"name": name, "address": f"/{key}"}, status_code=201)
    return _to_editor(lesson_id, "#editor-pictures")


@router.post("/pictures/removal", dependencies=save_limit)
def remove_picture(session: Db, user: StaffUser, lesson_id: UUID, fields: Fields) -> Response:
    drafts.remove_picture(session, user, lesson_id, fields.get("name", ""))
    return _to_editor(lesson_id, "#editor-undo")


@router.get("/revisions")
def revisions_page(request: Request, session: Db, _user: StaffUser, lesson_id: UUID) -> Response:
    return render(request, "authoring/revisions.html", page=presenters.revisions_page(session, lesson_id))


@router.get("/differences")
def diff_page(
    request: Request, session: Db, _user: StaffUser, lesson_id: UUID, before: Word, after: Word
) -> Response:
    return render(
        request, "authoring/differences.html", page=presenters.diff_page(session, lesson_id, before, after)
    )


@router.post("/revisions/{number}/restoration", dependencies=save_limit)
def restore(session: Db, user: StaffUser, lesson_id: UUID, number: Number) -> Response:
    drafts.restore(session, user, drafts.get_lesson(session, lesson_id), number)
    return _to_editor(lesson_id)


@router.post("/restoration/undoing", dependencies=save_limit)
def bring_back(session: Db, user: StaffUser, lesson_id: UUID) -> Response:
    drafts.bring_back(session, user, drafts.get_lesson(session, lesson_id))
    return _to_editor(lesson_id)


@router.post("/publication", dependencies=save_limit)
def publish(request: Request, session: Db, user: StaffUser, lesson_id: UUID) -> Response:
    try:
        publication.publish(session, user, lesson_id)
    except NotPublishable as error:
        return _refused(request, session, user, lesson_id, error)
    return _to_editor(lesson_id)


@router.post("/copies", dependencies=save_limit)
def copy_lesson(session: Db, user: StaffUser, lesson_id: UUID, form: Submitted[ModuleChoiceForm]) -> Response:
    return _to_editor(moves.copy_lesson(session, user, lesson_id, form.data().module).id)


@router.post("/course", dependencies=save_limit)
def move_lesson(session: Db, user: StaffUser, lesson_id: UUID, form: Submitted[ModuleChoiceForm]) -> Response:
    moves.move_lesson_to(session, user, lesson_id, form.data().module)
    return RedirectResponse(f"/authoring#lesson-{lesson_id}", status_code=303)


@router.get("/deletion")
def deletion_page(request: Request, session: Db, _user: StaffUser, lesson_id: UUID) -> Response:
    return render(request, "authoring/deletion.html", page=moves.deletion_page(session, lesson_id))


@router.post("/deletion", dependencies=save_limit)
def delete_lesson(
    request: Request, session: Db, user: StaffUser, lesson_id: UUID, form: Submitted[DeletionForm]
) -> Response:
    try:
        moves.delete_lesson(session, user, lesson_id, form.data().typed)
    except Invalid as error:
        page = moves.deletion_page(session, lesson_id, error.fields["typed"])
        return render(request, "authoring/deletion.html", page=page, status=error.status)
    return RedirectResponse("/authoring", status_code=303)


@router.post("/unpublication", dependencies=save_limit)
def unpublish(session: Db, user: StaffUser, lesson_id: UUID) -> Response:
    publication.unpublish(session, user, lesson_id)
    return _to_editor(lesson_id)


@router.post("/schedule", dependencies=save_limit)
def schedule(
    request: Request, session: Db, user: StaffUser, lesson_id: UUID, form: Submitted[ScheduleForm]
) -> Response:
    try:
        publication.schedule(session, user, lesson_id, form.data().moment)
    except Invalid as error:
        page = presenters.editor_page(session, user, lesson_id, errors=error.fields)
        return render(request, "authoring/editor.html", page=page, status=error.status)
    except NotPublishable as error:
        return _refused(request, session, user, lesson_id, error)
    return _to_editor(lesson_id)


@router.post("/schedule/cancellation", dependencies=save_limit)
def call_off(session: Db, user: StaffUser, lesson_id: UUID) -> Response:
    publication.call_off(session, user, lesson_id)
    return _to_editor(lesson_id)


def _to_editor(lesson_id: UUID, anchor: str = "") -> Response:
    return RedirectResponse(f"/authoring/lessons/{lesson_id}{anchor}", status_code=303)


def _refused(request: Request, session: Session, user: User, lesson_id: UUID, error: Conflict) -> Response:
    page = presenters.editor_page(session, user, lesson_id, message=error.sentence())
    return render(request, "authoring/editor.html", page=page, status=error.status)


def _their_texts(session: Session, conflict: DraftConflict) -> dict[str, Any]:
    text = conflict.current
    return {
        "message": conflict.sentence(),
        "version": text.version,
        "sources": text.sources,
        "saved_by": presenters.saved_by(session, text),
    }
