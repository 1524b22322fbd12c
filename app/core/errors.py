"""What can go wrong, with its status code, and the one handler that tells the user.

An `AppError` carries a sentence for the user. The handler renders it as a page, as a fragment (for a request made
by a script, `X-Fragment`), or as JSON, whichever was asked for.
"""

from fastapi import Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from app.core.i18n import N_, gettext
from app.web.error_pages import _wants_page
from app.web.templating import render


class AppError(Exception):
    """Base of all errors a user may see. `message` is an English msgid and may have `{placeholders}`."""

    status = 500
    message = N_("Something went wrong on our side. It was noted; please try again in a moment.")

    def __init__(self, message: str | None = None, **values: object) -> None:
        self.msgid = message or self.message
        self.values = values
        super().__init__(self.msgid.format(**values))

    def sentence(self) -> str:
        """The message in the reader's language."""
        return gettext(self.msgid).format(**self.values)


class NotFound(AppError):
    status = 404
    message = N_("There is no such page. It may have moved; the course is a good place to start again.")


class Forbidden(AppError):
    status = 403
    message = N_("This is not yours to open. Sign in with the account it belongs to.")


class CrossSite(AppError):
    status = 403
    message = N_("The form came from another site or is too old. Reload the page and send it again.")


class SignInNeeded(AppError):
    status = 401
    message = N_("Please sign in first.")


class Conflict(AppError):
    status = 409
    message = N_("This has changed in the meantime. Reload the page and look again.")


class Invalid(AppError):
    """Values that were refused; `fields` maps a field's name to a sentence that is already translated."""

    status = 422
    message = N_("Some values need another look.")

    def __init__(self, fields: dict[str, str], message: str | None = None) -> None:
        self.fields = fields
        super().__init__(message)


class Unreadable(AppError):
    status = 400
    message = N_("This request cannot be read. Reload the page and send it again.")


class TooSlow(AppError):
    status = 408
    message = N_("What you sent did not arrive in time. Please check your connection and send it again.")


class TooLarge(AppError):
    status = 413
    message = N_("This is larger than what can be taken here. Please send less at once.")


class HeadersTooLarge(AppError):
    status = 431
    message = N_(
        "The address or the headers of this request are too long. Delete this site's cookies, and try again."
    )


class TooManyRequests(AppError):
    status = 429
    message = N_("That was a little fast. Please wait {seconds} seconds and try again.")


class Busy(AppError):
    status = 503
    message = N_(
        "More readers have come at this moment than we can serve at once. Please try again in {seconds} seconds."
    )


class FilesAway(AppError):
    status = 503
    message = N_("This file cannot be fetched right now. Please try again in {seconds} seconds.")


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
    name = "errors/_fragment.html" if "x-fragment" in request.headers else "errors/page.html"
    return render(request, name, error=error, status=error.status, headers=headers)
