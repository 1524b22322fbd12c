"""What moderators decide, what readers report, and what authors change, delete and bring back."""

from dataclasses import replace
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from app.accounts.dependencies import CurrentUser, Db, MaybeUser, StaffUser, user_rate_limit
from app.board import editing, moderation
from app.board import moderation_assemble as assemble
from app.board.ahead import lay_out
from app.board.assemble import preview
from app.board.forms import body_of
from app.board.moderation_forms import DecisionForm, EditForm, ReasonedForm, ReportForm
from app.board.moderation_lists import LogFilter
from app.errors import AppError, Conflict, Invalid
from app.fields import cut_to
from app.forms import Submission, submitted
from app.templating import render

router = APIRouter()

edit_limit = user_rate_limit("comment-edit", "20/minute")
EditLimit = Annotated[None, Depends(edit_limit)]
ReportLimit = Annotated[None, Depends(user_rate_limit("comment-report", "20/hour"))]


@router.get("/moderation")
def queue_page(request: Request, session: Db, staff: StaffUser, after: UUID | None = None) -> Response:
    return render(request, "board/moderation.html", page=assemble.queue_page(session, staff, after))


@router.post("/moderation/comments/{comment_id}/decisions")
def decide(
    request: Request,
    session: Db,
    staff: StaffUser,
    comment_id: UUID,
    form: Annotated[Submission[DecisionForm], Depends(submitted(DecisionForm))],
) -> Response:
    data = form.data()
    try:
        act = moderation.decide(session, staff, comment_id, data.verdict())
    except (Conflict, Invalid) as error:
        return _undecided(request, session, comment_id, form, error)
    if "x-fragment" not in request.headers:
        return _back_to_queue(data.after)
    decided = assemble.decided(session, act, data.after)
    return render(request, "board/moderation_decided.html", decided=decided)


@router.post("/moderation/acts/{act_id}/reversal")
def undo(
    request: Request, session: Db, staff: StaffUser, act_id: UUID, after: UUID | None = None
) -> Response:
    comment = moderation.undo(session, staff, act_id)
    if "x-fragment" not in request.headers:
        return _back_to_queue(after)
    item = assemble.waiting_item(session, comment)
    return render(request, "board/moderation_item.html", item=item, after=after)


@router.get("/moderation/log")
def log_page(
    request: Request,
    session: Db,
    _staff: StaffUser,
    actor: Annotated[str, cut_to(40)] = "",
    act: Annotated[str, cut_to(30)] = "",
    before: UUID | None = None,
) -> Response:
    page = assemble.log_page(session, LogFilter(actor, act), before)
    return render(request, "board/moderation_log.html", page=page)


@router.get("/comments/{comment_id}/edit")
def edit_page(request: Request, session: Db, user: CurrentUser, comment_id: UUID) -> Response:
    comment = editing.editable_comment(session, user, comment_id)
    return render(request, "board/edit.html", page=assemble.edit_page(session, comment))


async def _laid_out(
    request: Request, form: Annotated[Submission[EditForm], Depends(submitted(EditForm))]
) -> Submission[EditForm]:
    """Before the route's session, which others wait for."""
    await lay_out(request, form, edit_limit)
    return form


@router.post("/comments/{comment_id}/edit")
def edit(
    request: Request,
    form: Annotated[Submission[EditForm], Depends(_laid_out)],
    session: Db,
    user: CurrentUser,
    _limit: EditLimit,
    comment_id: UUID,
) -> Response:
    """A preview is a part of the page for a script, which puts it in the form's place; else the page."""
    comment = editing.editable_comment(session, user, comment_id)
    typed = body_of(form.values)
    try:
        data = form.data()
        if data.act == "preview":
            page = assemble.edit_page(session, comment, typed, preview=preview(session, data.body))
            return render(request, _edit_template(request), page=page)
        editing.edit(session, user, comment_id, data.body)
    except Invalid as error:
        page = assemble.edit_page(session, comment, typed, errors=error.fields)
        return render(request, _edit_template(request), page=page, status=error.status)
    return _to_comment(comment_id)


@router.get("/comments/{comment_id}/history")
def history_page(request: Request, session: Db, user: MaybeUser, comment_id: UUID) -> Response:
    comment = moderation.readable_comment(session, user, comment_id)
    return render(request, "board/history.html", page=assemble.history_page(session, user, comment))


@router.get("/comments/{comment_id}/reports")
def report_page(request: Request, session: Db, user: CurrentUser, comment_id: UUID) -> Response:
    return render(request, "board/report.html", page=assemble.report_page(session, user, comment_id))


@router.post("/comments/{comment_id}/reports")
def report(
    request: Request,
    session: Db,
    user: CurrentUser,
    _limit: ReportLimit,
    comment_id: UUID,
    form: Annotated[Submission[ReportForm], Depends(submitted(ReportForm))],
) -> Response:
    try:
        data = form.data()
    except Invalid as error:
        page = replace(
            assemble.report_page(session, user, comment_id), values=form.values, errors=error.fields
        )
        return render(request, "board/report.html", page=page, status=error.status)
    moderation.report(session, user, comment_id, data.reason, data.note)
    return RedirectResponse(f"/comments/{comment_id}/reports", status_code=303)


@router.post("/comments/{comment_id}/deletion")
def delete(
    request: Request,
    session: Db,
    user: CurrentUser,
    comment_id: UUID,
    form: Annotated[Submission[ReasonedForm], Depends(submitted(ReasonedForm))],
) -> Response:
    """A moderator who has not been asked why yet (a comment's menu does not) is shown the page that asks."""
    try:
        moderation.delete(session, user, comment_id, form.data().words())
    except Invalid as error:
        comment = moderation.readable_comment(session, user, comment_id)
        errors = error.fields if "note" in form.values else {}
        page = assemble.deletion_page(session, user, comment, values=form.values, errors=errors)
        return render(request, "board/moderation_deletion.html", page=page, status=error.status)
    return RedirectResponse(f"/comments/{comment_id}/deletion", status_code=303)


@router.get("/comments/{comment_id}/deletion")
def deletion_page(request: Request, session: Db, user: CurrentUser, comment_id: UUID) -> Response:
    comment = moderation.readable_comment(session, user, comment_id)
    return render(
        request, "board/moderation_deletion.html", page=assemble.deletion_page(session, user, comment)
    )


@router.post("/comments/{comment_id}/restoration")
def restore(session: Db, user: CurrentUser, comment_id: UUID) -> Response:
    moderation.restore(session, user, comment_id)
    return _to_comment(comment_id)


@router.get("/deleted-comments")
def deleted_page(request: Request, session: Db, user: CurrentUser) -> Response:
    return render(request, "board/moderation_deleted.html", page=assemble.deleted_page(session, user))


def _edit_template(request: Request) -> str:
    return "board/_edit.html" if "x-fragment" in request.headers else "board/edit.html"


def _undecided(
    request: Request, session: Session, comment_id: UUID, form: Submission[DecisionForm], error: AppError
) -> Response:
    """The comment as it stands now, with the reason why nothing was decided; for a script as a form that comes back with a fault."""
    problem = next(iter(getattr(error, "fields", {}).values()), None) or error.sentence()
    comment = moderation.get_comment(session, comment_id)
    item = assemble.waiting_item(session, comment, problem=problem, values=form.values)
    after = form.data().after
    if "x-fragment" in request.headers:
        return render(request, "board/moderation_item.html", item=item, after=after, status=Invalid.status)
    return render(request, "board/moderation_renewed.html", item=item, after=after, status=error.status)


def _to_comment(comment_id: UUID) -> Response:
    return RedirectResponse(f"/comments/{comment_id}", status_code=303)


def _back_to_queue(after: UUID | None) -> Response:
    query = "?" + urlencode({"after": after}) if after else ""
    return RedirectResponse(f"/moderation{query}", status_code=303)
