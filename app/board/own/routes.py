"""Routes for authors' own comments: edit, delete, bring back; and the history that readers see."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from app.accounts.dependencies import CurrentUser, MaybeUser, user_rate_limit
from app.board import states
from app.board.discussion.presenters import preview
from app.board.forms import EditForm, ReasonedForm, body_of, with_code, written_body
from app.board.own import editing
from app.board.own import presenters as own_presenters
from app.board.writing.ahead import lay_out
from app.core.errors import Invalid
from app.web.dependencies import Db
from app.web.forms import Submission, Submitted
from app.web.fragments import is_fragment
from app.web.templating import render

router = APIRouter()
deletion_limit = [Depends(user_rate_limit("comment-deletion", "60/minute"))]
edit_limit = user_rate_limit("comment-edit", "20/minute")
EditLimit = Annotated[None, Depends(edit_limit)]


async def _laid_out(request: Request, form: Submitted[EditForm]) -> Submission[EditForm]:
    """Before the route's session begins, so that others do not wait."""
    form = with_code(form)
    await lay_out(request, form, edit_limit)
    return form


@router.get("/comments/{comment_id}/edit")
def edit_page(request: Request, session: Db, user: CurrentUser, comment_id: UUID) -> Response:
    comment = editing.editable_comment(session, user, comment_id)
    return render(request, "board/edit.html", page=own_presenters.edit_page(session, comment))


@router.post("/comments/{comment_id}/edit")
def edit(
    request: Request,
    form: Annotated[Submission[EditForm], Depends(_laid_out)],
    session: Db,
    user: CurrentUser,
    _limit: EditLimit,
    comment_id: UUID,
) -> Response:
    """A preview is a fragment for a script, which replaces the form with it; otherwise the page."""
    comment = editing.editable_comment(session, user, comment_id)
    typed, title = body_of(form.values), form.values.get("title")
    try:
        data = form.data()
        if data.act == "preview":
            page = own_presenters.edit_page(
                session, comment, typed, title, preview=preview(session, data.body)
            )
            return render(request, _edit_template(request), page=page)
        editing.edit(session, user, comment_id, written_body(form), title=data.title)
    except Invalid as error:
        page = own_presenters.edit_page(session, comment, typed, title, errors=error.fields)
        return render(request, _edit_template(request), page=page, status=error.status)
    return _to_comment(comment_id)


@router.get("/comments/{comment_id}/history")
def history_page(request: Request, session: Db, user: MaybeUser, comment_id: UUID) -> Response:
    comment = states.readable_comment(session, user, comment_id)
    return render(request, "board/history.html", page=own_presenters.history_page(session, user, comment))


@router.post("/comments/{comment_id}/deletion", dependencies=deletion_limit)
def delete(
    request: Request, session: Db, user: CurrentUser, comment_id: UUID, form: Submitted[ReasonedForm]
) -> Response:
    """A moderator who has not been asked for a reason yet (a comment's menu does not) is shown the page that asks."""
    try:
        states.delete(session, user, comment_id, form.data().words())
    except Invalid as error:
        comment = states.readable_comment(session, user, comment_id)
        errors = error.fields if "note" in form.values else {}
        page = own_presenters.deletion_page(session, user, comment, values=form.values, errors=errors)
        return render(request, "board/deletion.html", page=page, status=error.status)
    return RedirectResponse(f"/comments/{comment_id}/deletion", status_code=303)


@router.get("/comments/{comment_id}/deletion")
def deletion_page(request: Request, session: Db, user: CurrentUser, comment_id: UUID) -> Response:
    comment = states.readable_comment(session, user, comment_id)
    return render(request, "board/deletion.html", page=own_presenters.deletion_page(session, user, comment))


@router.post("/comments/{comment_id}/restoration", dependencies=deletion_limit)
def restore(session: Db, user: CurrentUser, comment_id: UUID) -> Response:
    states.restore(session, user, comment_id)
    return _to_comment(comment_id)


@router.get("/deleted-comments")
def deleted_page(request: Request, session: Db, user: CurrentUser) -> Response:
    return render(request, "board/deleted.html", page=own_presenters.deleted_page(session, user))


def _edit_template(request: Request) -> str:
    return "board/_edit.html" if is_fragment(request) else "board/edit.html"


def _to_comment(comment_id: UUID) -> Response:
    return RedirectResponse(f"/comments/{comment_id}", status_code=303)
