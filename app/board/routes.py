"""Reading and writing comments. Authors' own comments are in own/routes.py, moderation in app/moderation/routes.py."""

from dataclasses import asdict, replace
from functools import partial
from typing import Annotated
from uuid import UUID

from annotated_types import Ge, Le
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from sqlalchemy.orm import Session

from app.accounts.dependencies import (
    CurrentUser,
    Featurer,
    MaybeUser,
    for_members,
    optional_user,
    user_rate_limit,
    with_others,
)
from app.accounts.models import User
from app.board import following, marks, queries, service
from app.board.discussion import presenters
from app.board.discussion.pages import CommentEntry, FormPage
from app.board.discussion.part import asked_discussion
from app.board.forms import DraftForm, FollowForm, WritingForm, body_of, with_code
from app.board.models import Comment
from app.board.orphans import orphans_host
from app.board.places import CLASS, ThreadHost, find_place
from app.board.text.comment_text import Checked
from app.board.writing import spam
from app.board.writing.ahead import at_length, checked, checked_quickly, lay_out
from app.core.db import session_scope
from app.core.errors import Conflict, Invalid, NotFound, SignInNeeded
from app.web.dependencies import Db
from app.web.fields import Moment, Word, cut_to
from app.web.fields import Place as ListPlace
from app.web.forms import MarkForm, Submission, Submitted
from app.web.fragments import is_fragment
from app.web.kept_pages.visitors import for_every_visitor
from app.web.leaves import leaf_of
from app.web.security.rate_limit import is_rate_limit
from app.web.templating import render

router = APIRouter()
write_limit = user_rate_limit("comment", "30/minute")
# Each invalidates the cached pages with the comment.
mark_limit = [Depends(user_rate_limit("mark", "60/minute"))]

Key = Annotated[str, Path(pattern=r"^[a-z-]{1,20}(:[0-9a-f-]{36})?$")]
Limit = Annotated[int, Query(ge=1, le=presenters.MOST_PER_PAGE)]
Writing = Submitted[WritingForm]
FollowChoice = Submitted[FollowForm]
Mark = Submitted[MarkForm]
LikeLimit = Annotated[None, Depends(user_rate_limit("like", "120/minute"))]
DraftLimit = Annotated[None, Depends(user_rate_limit("draft", "120/minute"))]
PeopleLimit = Annotated[None, Depends(user_rate_limit("people", "240/minute"))]


@router.get("/board")
def board_page(
    request: Request, session: Db, user: CurrentUser, ask: Annotated[int | None, Ge(0), Le(9)] = None
) -> Response:
    """The class's board. While empty it offers questions to begin with; `ask` puts one of them into the form."""
    page = asked_discussion(request, session, user, CLASS)
    starters = presenters.starters(session) if page.is_from_start and not page.entries else []
    if ask is not None and ask < len(starters) and page.form:
        page = replace(page, form=replace(page.form, body=starters[ask]))
    return render(request, "board/page.html", page=page, starters=starters)


@router.get("/discussions/{thread_id}")
def left_behind_page(request: Request, session: Db, user: CurrentUser, thread_id: UUID) -> Response:
    place = find_place(session, user, orphans_host(thread_id).key)
    page = asked_discussion(request, session, user, place)
    return render(request, "board/orphans.html", page=page)


@router.get("/threads/{key}/comments")
def comments(
    request: Request, session: Db, user: MaybeUser, key: Key, limit: Limit = presenters.COMMENTS_PER_PAGE
) -> Response:
    """A page of a thread's comments: a list for a script, otherwise the page that shows them."""
    place = find_place(session, user, key)
    if not is_fragment(request):
        return RedirectResponse(f"{place.address}?{request.url.query}#discussion", status_code=303)
    for_every_visitor(request)
    page = asked_discussion(request, session, user, place, limit=limit)
    return render(request, "board/_list.html", page=page)


@router.get("/threads/{key}/chosen")
def chosen_comments(
    request: Request, session: Db, user: MaybeUser, key: Key, ids: Annotated[list[UUID], Query(max_length=50)]
) -> Response:
    """New comments that a page has been notified of, as list items."""
    place = find_place(session, user, key)
    entries = presenters.chosen_entries(session, user, place, ids)
    return render(request, "board/_chosen.html", entries=entries)


@router.get("/threads/{key}/news")
def news(session: Db, user: MaybeUser, key: Key, since: Moment) -> Response:
    """What a page that was offline has missed: ids only, as in the live events."""
    place = find_place(session, user, key)
    if since.tzinfo is None:
        raise NotFound
    found = queries.news(session, place.thread_id, since)
    return JSONResponse(
        [{"id": str(c.id), "parent": str(c.parent_id) if c.parent_id else None} for c in found]
    )


@router.post("/threads/{key}/comments", dependencies=[for_members])
@is_rate_limit  # by `write_limit`, inside
async def write(request: Request, key: Key, form: Writing) -> Response:
    form = with_code(form)
    if form.values.get("act") == "preview":
        await lay_out(request, form, write_limit)
        return await request.app.state.admission.run(_preview, request, key, form)
    return await with_others(
        request,
        partial(_write, request, key, form),
        limit=write_limit,
        prepare=partial(checked_quickly, form),
        prepare_at_length=partial(at_length, request, partial(checked, form)),
    )


def _preview(request: Request, key: str, form: Submission[WritingForm]) -> Response:
    """In a read-only session of its own: no writer waits for it."""
    with session_scope(writes=False) as session:
        user = optional_user(request, session)
        if user is None:
            raise SignInNeeded
        write_limit(user)
        place = find_place(session, user, key)
        try:
            preview = presenters.preview(session, form.data().body)
        except Invalid as error:
            return _form(request, session, user, place, form, errors=error.fields, status=error.status)
        return _form(request, session, user, place, form, preview=preview)


def _write(
    request: Request,
    key: str,
    form: Submission[WritingForm],
    session: Session,
    user: User,
    body: Checked | Invalid,
) -> Response:
    place = find_place(session, user, key)
    try:
        if isinstance(body, Invalid):
            raise body
        data = form.data()
        comment = service.post(
            session,
            user,
            place,
            body,
            data.request_key,
            spam.seconds_typed(user, data.stamp),
            reply_to_id=data.reply_to,
            title=data.title,
        )
    except Invalid as error:
        return _form(request, session, user, place, form, errors=error.fields, status=error.status)
    if not is_fragment(request):
        return RedirectResponse(f"/comments/{comment.id}", status_code=303)
    entry = presenters.written_entry(session, user, place, comment)
    fresh = presenters.new_form(user, place)
    return render(request, "board/_written.html", entry=entry, form=fresh, target=data.reply_to)


@router.get("/comments/{comment_id}")
def comment_page(session: Db, user: MaybeUser, comment_id: UUID) -> Response:
    """The permalink of a comment: redirects to the page that shows it."""
    comment, place = _readable(session, user, comment_id)
    return RedirectResponse(presenters.permalink(session, user, comment, place), status_code=303)


@router.get("/comments/{comment_id}/reply")
def reply_page(
    request: Request, session: Db, user: CurrentUser, comment_id: UUID, quote: bool = False
) -> Response:
    comment, place = _readable(session, user, comment_id)
    form = presenters.reply_form(session, user, comment, place, quotes=quote)
    if is_fragment(request):
        return render(request, "board/_form.html", form=form)
    return render(request, "board/form.html", page=FormPage(form, f"/comments/{comment.id}"))


@router.get("/comments/{comment_id}/replies")
def replies_page(
    request: Request, session: Db, user: MaybeUser, comment_id: UUID, after: ListPlace = ""
) -> Response:
    comment, place = _readable(session, user, comment_id)
    page = presenters.replies_page(session, user, comment, place, after)
    name = "board/_replies.html" if is_fragment(request) else "board/replies.html"
    return render(request, name, page=page)


@router.post("/comments/{comment_id}/likes")
def like(
    request: Request, session: Db, user: CurrentUser, limit: LikeLimit, comment_id: UUID, form: Mark
) -> Response:
    comment, place = _readable(session, user, comment_id)
    if form.data().on:
        service.like(session, user, comment_id)
    else:
        service.unlike(session, user, comment_id)
    return _changed(request, session, user, place, comment)


@router.post("/comments/{comment_id}/featuring", dependencies=mark_limit)
def feature(request: Request, session: Db, user: Featurer, comment_id: UUID, form: Mark) -> Response:
    comment, place = _readable(session, user, comment_id)
    marks.feature(session, user, marks.visible(session, comment_id), form.data().on)
    return _changed(request, session, user, place, comment)


@router.post("/comments/{comment_id}/pinning", dependencies=mark_limit)
def pin(request: Request, session: Db, user: Featurer, comment_id: UUID, form: Mark) -> Response:
    comment, place = _readable(session, user, comment_id)
    marks.pin(session, user, marks.visible(session, comment_id), form.data().on)
    return _changed(request, session, user, place, comment)


@router.post("/comments/{comment_id}/following", dependencies=mark_limit)
def follow(
    request: Request, session: Db, user: CurrentUser, comment_id: UUID, form: FollowChoice
) -> Response:
    comment, place = _readable(session, user, comment_id)
    following.choose(session, user, comment, form.data().how)
    return _changed(request, session, user, place, comment)


@router.post("/board/drafts", status_code=204)
def keep_draft(session: Db, user: CurrentUser, limit: DraftLimit, form: Submitted[DraftForm]) -> None:
    data = form.data()
    if data.owner not in {"", str(user.id)}:
        # Somebody else has signed in meanwhile, in another tab.
        raise Conflict
    place = find_place(session, user, data.thread)
    service.autosave_draft(
        session, user, place, data.body, data.request_key, reply_to_id=data.reply_to, title=data.title
    )


@router.get("/board/people")
def people(
    request: Request,
    session: Db,
    user: CurrentUser,
    limit: PeopleLimit,
    thread: Word,
    q: Annotated[str, cut_to(40)] = "",
) -> Response:
    """Users one may mention, by the names that readers see."""
    place = find_place(session, user, thread)
    found = presenters.people(session, user, place, q)
    return JSONResponse(
        [
            {
                "id": str(person.id),
                "name": person.name,
                "title": person.name.badge,
                "leaf": asdict(leaf_of(person.id)),
            }
            for person in found
        ]
    )


def _readable(session: Session, user: User | None, comment_id: UUID) -> tuple[Comment, ThreadHost]:
    """A comment whose host its reader may see. Raises NotFound."""
    comment = queries.comment_with_thread(session, comment_id)
    if comment is None:
        raise NotFound
    place = find_place(session, user, comment.thread.key)
    presenters.comment_entry(session, user, place, comment.id)
    return comment, place


def _changed(request: Request, session: Session, user: User, place: ThreadHost, comment: Comment) -> Response:
    """The comment as it is now for a script; otherwise the page that shows it."""
    if not is_fragment(request):
        return RedirectResponse(f"/comments/{comment.id}", status_code=303)
    entry = presenters.comment_entry(session, user, place, comment.id)
    return render(request, "board/_self.html", entry=entry)


def _form(
    request: Request,
    session: Session,
    user: User,
    place: ThreadHost,
    form: Submission[WritingForm],
    *,
    status: int = 200,
    **shown: object,
) -> Response:
    """The form again, with what was typed; the same key and stamp, as it is the same comment."""
    values = form.values
    target = _reply_target(session, user, values.get("reply_to", ""))
    kept = {name: values[name] for name in ("request_key", "stamp", "title") if values.get(name)}
    page = presenters.new_form(user, place, body_of(values), reply_to=target, **kept, **shown)
    if is_fragment(request):
        return render(request, "board/_form.html", form=page, status=status)
    return render(request, "board/form.html", page=FormPage(page, place.address), status=status)


def _reply_target(session: Session, user: User, text: str) -> CommentEntry | None:
    try:
        comment, place = _readable(session, user, UUID(text))
        return presenters.comment_entry(session, user, place, comment.id)
    except (ValueError, NotFound):
        return None
