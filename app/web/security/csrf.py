"""CSRF protection.

Every unsafe request is checked by `Sec-Fetch-Site`, otherwise by `Origin`. A client that sends neither must send the
form token: an HMAC of the reader's session (or of nothing, for a visitor) and the day.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from fastapi import Request
from starlette.datastructures import FormData

from app.core import signing
from app.core.clock import now
from app.core.errors import CrossSite
from app.web.security.bounds import declared_bounds, read_form
from app.web.security.cookies import session_cookie_name

SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def permitted_by_address(endpoint: Endpoint) -> Endpoint:
    """A decorator for a route authorised by a secret in its address: a mail program that posts there has no form of ours."""
    endpoint.is_permitted_by_address = True  # type: ignore[attr-defined] # a mark on a function
    return endpoint


async def protect_from_forgery(request: Request) -> None:
    """Dependency of every route. Raises CrossSite."""
    if request.method in SAFE_METHODS or getattr(
        request.scope.get("endpoint"), "is_permitted_by_address", False
    ):
        return
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise CrossSite
        return
    origin = request.headers.get("origin")
    if origin is not None:
        if origin.partition("://")[2] != request.headers.get("host"):
            raise CrossSite
        return
    if declared_bounds(request):
        # A large form is not read before its sender is known: `checked_form` checks its token.
        request.state.needs_token = True
        return
    await _check_token(request)


async def checked_form(request: Request) -> FormData:
    """The form of a route with its own size limits. Raises CrossSite like `protect_from_forgery`."""
    if getattr(request.state, "needs_token", False):
        await _check_token(request)
    return await read_form(request)


async def _check_token(request: Request) -> None:
    form = await read_form(request)
    if not _is_valid(request, str(form.get("csrf_token", ""))):
        raise CrossSite


def form_token(request: Request) -> str:
    return _token(request, days_ago=0)


def _is_valid(request: Request, token: str) -> bool:
    return any(signing.is_same(token, _token(request, days_ago=days)) for days in (0, 1))


def _token(request: Request, *, days_ago: int) -> str:
    session = request.cookies.get(session_cookie_name(), "")
    day = (now() - timedelta(days=days_ago)).date().isoformat()
    return signing.signature(f"{session}|{day}").hex()
