"""Rendering a comment before its write transaction begins: no transaction waits for a sandboxed process."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Request

from app.accounts.dependencies import optional_user
from app.accounts.models import User
from app.board.forms import A, TextForm, written_body
from app.board.text.comment_html import rendered, rendered_quickly
from app.board.text.comment_text import Checked, bounded_body, checked_body
from app.core.db import session_scope
from app.core.errors import Invalid, SignInNeeded
from app.web.forms import Submission
from app.web.security.cookies import session_cookie_name

# They wait for sandboxed processes, in threads of their own: a dozen slow texts leave other requests' threads free.
THREADS = 4

Result = TypeVar("Result")
Written = TypeVar("Written", bound=TextForm)


async def lay_out(request: Request, form: Submission[Written], limit: Callable[[User], None]) -> None:
    """Render the form's text in advance, so that `rendered` returns at once wherever it is called afterwards.

    A text that takes more than a moment must come from a user who may write, and counts towards `limit`, which raises. Raises
    SignInNeeded for visitors, and Busy.
    """
    if session_cookie_name() not in request.cookies:
        raise SignInNeeded
    try:
        body = bounded_body(form.data().body)
    except Invalid:  # reported when the form is shown again
        return
    if await at_length(request, partial(rendered_quickly, body)):
        return
    await request.app.state.admission.run(_count, request, limit)
    await at_length(request, partial(rendered, body))


async def at_length(request: Request, lay_out: Callable[[], Result]) -> Result:
    """The result of `lay_out`, which may wait long for a sandboxed process."""
    return await to_thread.run_sync(lay_out, limiter=_threads(request))


def checked(form: Submission[A]) -> Checked | Invalid:
    """The written text with its HTML, prepared before the transaction, in which others would wait for it."""
    try:
        return checked_body(written_body(form))
    except Invalid as error:
        return error


def checked_quickly(form: Submission[A]) -> Checked | Invalid | None:
    """The same; None if rendering takes more than a moment."""
    try:
        return checked(form) if rendered_quickly(bounded_body(written_body(form))) else None
    except Invalid as error:
        return error


def _count(request: Request, limit: Callable[[User], None]) -> None:
    with session_scope(writes=False) as session:
        user = optional_user(request, session)
        if user is None:
            raise SignInNeeded
        limit(user)


def _threads(request: Request) -> CapacityLimiter:
    state = request.app.state
    if not hasattr(state, "layout_threads"):
        state.layout_threads = CapacityLimiter(THREADS)
    threads: CapacityLimiter = state.layout_threads
    return threads
