"""Errors as the user sees them: an `AppError` as a page, as a fragment (for a request made by a script, `X-Fragment`), or as
JSON, whichever was asked for."""

from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from structlog import get_logger

from app.core.errors import AppError, Forbidden, NotFound, SignInNeeded, Unreadable, _page_of_form, answer
from app.core.i18n import N_
from app.web.security.headers import add_security_headers

log = get_logger()


def install_error_handlers(app: FastAPI) -> None:
    """They run in the event loop: that the site is full has to be said while every thread is busy."""

    @app.exception_handler(AppError)
    async def _app_error(request: Request, error: AppError) -> Response:
        if isinstance(error, SignInNeeded) and request.method == "GET" and _wants_page(request):
            target = quote(request.url.path + (f"?{request.url.query}" if request.url.query else ""), safe="")
            return Response(status_code=303, headers={"Location": f"/sign-in?next={target}"})
        return answer(request, error)

    @app.exception_handler(HTTPException)
    async def _http_error(request: Request, error: HTTPException) -> Response:
        if error.status_code == 405 and (page := _page_of_form(request)):
            return RedirectResponse(page, status_code=303)
        by_status = {400: Unreadable, 401: SignInNeeded, 403: Forbidden, 404: NotFound}
        known = by_status.get(error.status_code, AppError)()
        known.status = error.status_code
        if error.status_code == 405:
            known.msgid = N_("This address does not take that kind of request.")
        return answer(request, known)

    @app.exception_handler(RequestValidationError)
    async def _validation_error(request: Request, error: RequestValidationError) -> Response:
        if page := _page_of_form(request):
            return RedirectResponse(page, status_code=303)
        # A path or query that is not of its type (/jobs/not-a-uuid) names nothing.
        log.info("request refused", path=request.url.path, errors=error.errors())
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
        # Of what stands outside of the handlers above, as the middleware does.
        from app.web.faults import fault_of

        response = answer(request, fault_of(error) or AppError())
        # This handler stands outside of PageMiddleware, which else would add them.
        add_security_headers(response.headers, request.state.csp_nonce)
        return response


def _wants_page(request: Request) -> bool:
    accept = request.headers.get("accept", "")
    return "x-fragment" not in request.headers and ("text/html" in accept or "json" not in accept)
