"""Error responses: an `AppError` as a page, as a fragment (for a script's request, `X-Fragment`), or as
JSON, whichever was requested.
"""

from contextlib import suppress
from urllib.parse import SplitResult, quote, urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from obstore.exceptions import BaseError as StoreError
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import TimeoutError as RedisSilent
from sqlalchemy.exc import DBAPIError
from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from structlog import get_logger

from app.core.errors import AppError, Forbidden, NotFound, SignInNeeded, Unreadable
from app.core.i18n import N_
from app.web.faults import fault_of, keep_what_was_typed
from app.web.fragments import is_fragment
from app.web.redirects import safe_target
from app.web.security.bounds import read_form
from app.web.security.cookies import session_cookie_name
from app.web.security.headers import add_security_headers
from app.web.templating import render
from app.web.typed import typed_in

log = get_logger()


def install_error_handlers(app: FastAPI) -> None:
    """They run in the event loop: "the site is full" must be said while every thread is busy."""
    app.exception_handler(AppError)(_app_error)
    app.exception_handler(HTTPException)(_http_error)
    app.exception_handler(RequestValidationError)(_validation_error)
    app.exception_handler(ClientDisconnect)(_left)
    app.exception_handler(Exception)(_unexpected)


async def _app_error(request: Request, error: AppError) -> Response:
    if isinstance(error, SignInNeeded) and _wants_page(request):
        if request.method == "GET":
            target = quote(_address(request.url), safe="")
            return Response(status_code=303, headers={"Location": f"/sign-in?next={target}"})
        if request.method == "POST":
            await _carry(request, error)
    return answer(request, error)


async def _http_error(request: Request, error: HTTPException) -> Response:
    if error.status_code == 405 and (page := _page_of_form(request)):
        return RedirectResponse(page, status_code=303)
    by_status = {400: Unreadable, 401: SignInNeeded, 403: Forbidden, 404: NotFound}
    known = by_status.get(error.status_code, AppError)()
    known.status = error.status_code
    if error.status_code == 405:
        known.msgid = N_("This address does not accept that kind of request.")
    await _know_reader(request)
    return answer(request, known)


async def _validation_error(request: Request, error: RequestValidationError) -> Response:
    # With a bad query it is still the right page; an address whose path matches no page may be that of a form.
    fits_no_page = any(fault["loc"][0] == "path" for fault in error.errors())
    if fits_no_page and (page := _page_of_form(request)):
        return RedirectResponse(page, status_code=303)
    # A path or query that is not of its type (/jobs/not-a-uuid) does not exist.
    log.info("request refused", path=request.url.path, errors=error.errors())
    await _know_reader(request)
    return answer(request, NotFound())


def _left(_request: Request, _error: ClientDisconnect) -> Response:
    """The client left in the middle of its request: nobody reads this."""
    return Response(status_code=400)


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("unexpected error", path=request.url.path, exc_info=error)
    # After a failed write the user's row cannot be loaded: render the page as for a visitor.
    request.state.user = None
    # Errors raised outside the handlers below, as in the middleware.
    response = answer(request, fault_of(error) or AppError())
    # This handler is outside PageMiddleware, which would otherwise add them.
    add_security_headers(response.headers, request.state.csp_nonce)
    return response


def install_fault_handlers(app: FastAPI) -> None:
    for kind in (DBAPIError, StoreError, OSError, RedisAway, RedisSilent):
        app.add_exception_handler(kind, _explain)


async def _explain(request: Request, error: Exception) -> Response:
    fault = fault_of(error)
    if fault is None:
        raise error
    log.error(
        "a part of the site is at fault", path=request.url.path, fault=type(fault).__name__, error=str(error)
    )
    # Objects of a failed transaction cannot be loaded: render the page as for a visitor.
    request.state.user = None
    if request.method == "POST":
        keep_what_was_typed(fault, await request.form())
    return answer(request, fault)


async def _carry(request: Request, error: SignInNeeded) -> None:
    """Carry the form through sign-in, so that nothing typed is lost: it is sent afterwards."""
    with suppress(AppError, HTTPException):
        error.form = typed_in(await read_form(request), _address(request.url))
    came_from = urlsplit(request.headers.get("referer", ""))
    if came_from.netloc == request.headers.get("host"):
        error.back = safe_target(_address(came_from))


def _address(url: URL | SplitResult) -> str:
    """The path with its query."""
    return url.path + (f"?{url.query}" if url.query else "")


async def _know_reader(request: Request) -> None:
    """An unknown address has no route that resolves its reader; the error page still needs them."""
    if getattr(request.state, "user", None) is None and session_cookie_name() in request.cookies:
        with suppress(AppError, DBAPIError):
            request.state.user = await request.app.state.reader_of(request)


def _page_of_form(request: Request) -> str | None:
    """Where to go from an address that accepts forms only, left in the address bar by a refused form: the nearest readable address
    above it. None for a script, and for every other address.
    """
    path = request.url.path
    if request.method != "GET" or not _wants_page(request):
        return None
    takes_forms, is_read = (_pattern_of(request, method, path) for method in ("POST", "GET"))
    if takes_forms is None or takes_forms == is_read:
        return None
    while path := path.rpartition("/")[0]:
        if _pattern_of(request, "GET", path):
            return path
    return "/"


def _pattern_of(request: Request, method: str, path: str) -> str | None:
    """The first route pattern that matches an address, as "/jobs/{job_id}"."""
    for included in request.app.routes:
        for route in getattr(included, "original_router", included).routes or ():
            if method in (getattr(route, "methods", None) or ()) and route.path_regex.match(path):
                return route.path
    return None


def answer(request: Request, error: AppError) -> Response:
    """The error as a page, a fragment, or JSON."""
    seconds = error.values.get("seconds", getattr(error, "retry_after", None))
    headers = {"Retry-After": str(seconds)} if seconds else None
    if "application/json" in request.headers.get("accept", ""):
        body = {
            "error": {
                "status": error.status,
                "message": error.sentence(),
                "fields": getattr(error, "fields", {}),
            }
        }
        return JSONResponse(body, status_code=error.status, headers=headers)
    if request.headers.get("sec-fetch-dest", "document") in {"image", "script", "style", "font"}:
        return PlainTextResponse(error.sentence(), status_code=error.status, headers=headers)
    name = "errors/_fragment.html" if is_fragment(request) else "errors/page.html"
    return render(request, name, error=error, status=error.status, headers=headers)


def _wants_page(request: Request) -> bool:
    accept = request.headers.get("accept", "")
    return not is_fragment(request) and ("text/html" in accept or "json" not in accept)
