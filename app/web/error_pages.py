"""Errors as the user sees them: an `AppError` as a page, as a fragment (for a request made by a script, `X-Fragment`), or as
JSON, whichever was asked for."""

from contextlib import suppress
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from obstore.exceptions import BaseError as StoreError
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import TimeoutError as RedisSilent
from sqlalchemy.exc import DBAPIError
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
    """They run in the event loop: that the site is full has to be said while every thread is busy."""

    @app.exception_handler(AppError)
    async def _app_error(request: Request, error: AppError) -> Response:
        if isinstance(error, SignInNeeded) and request.method == "GET" and _wants_page(request):
            target = quote(request.url.path + (f"?{request.url.query}" if request.url.query else ""), safe="")
            return Response(status_code=303, headers={"Location": f"/sign-in?next={target}"})
        if isinstance(error, SignInNeeded) and request.method == "POST" and _wants_page(request):
            await _carry(request, error)
        return answer(request, error)

    @app.exception_handler(HTTPException)
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

    @app.exception_handler(RequestValidationError)
    async def _validation_error(request: Request, error: RequestValidationError) -> Response:
        # A page whose query is wrong is the right page; an address that fits none by its path may be that of a form.
        fits_no_page = any(fault["loc"][0] == "path" for fault in error.errors())
        if fits_no_page and (page := _page_of_form(request)):
            return RedirectResponse(page, status_code=303)
        # A path or query that is not of its type (/jobs/not-a-uuid) names nothing.
        log.info("request refused", path=request.url.path, errors=error.errors())
        await _know_reader(request)
        return answer(request, NotFound())

    @app.exception_handler(ClientDisconnect)
    def _left(_request: Request, _error: ClientDisconnect) -> Response:
        # In the middle of what it sent: nobody is there to read this.
        return Response(status_code=400)

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> Response:
        log.error("unexpected error", path=request.url.path, exc_info=error)
        # A failed write leaves the user's row unreadable: the page is shown as to a visitor.
        request.state.user = None
        # Of what stands outside of the handlers below, as the middleware does.
        response = answer(request, fault_of(error) or AppError())
        # This handler stands outside of PageMiddleware, which else would add them.
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
    # What a failed transaction had read is unreadable: the page is shown as to a visitor.
    request.state.user = None
    if request.method == "POST":
        keep_what_was_typed(fault, await request.form())
    return answer(request, fault)


async def _carry(request: Request, error: SignInNeeded) -> None:
    """Nothing that somebody typed is lost because they are not signed in: it is sent once they are."""
    with suppress(AppError, HTTPException):
        address = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        error.form = typed_in(await read_form(request), address)
    came_from = urlsplit(request.headers.get("referer", ""))
    if came_from.netloc == request.headers.get("host"):
        error.back = safe_target(came_from.path + (f"?{came_from.query}" if came_from.query else ""))


async def _know_reader(request: Request) -> None:
    """An address that is no page has no route that would ask who reads; the page that says so is theirs all the same."""
    if getattr(request.state, "user", None) is None and session_cookie_name() in request.cookies:
        with suppress(AppError, DBAPIError):
            request.state.user = await request.app.state.reader_of(request)


def _page_of_form(request: Request) -> str | None:
    """Where to go from an address that takes forms only, which a refused form has left in the browser's bar: the next one above it
    that can be read. None for a script, and for every other address.
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
    """The first pattern that fits an address, as "/jobs/{job_id}"."""
    for included in request.app.routes:
        for route in getattr(included, "original_router", included).routes or ():
            if method in (getattr(route, "methods", None) or ()) and route.path_regex.match(path):
                return route.path
    return None


def answer(request: Request, error: AppError) -> Response:
    """The error as a page, a part of one, or JSON."""
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
