"""Errors with a status code and a message for the user; `app.web.error_pages` renders them."""

from app.core.i18n import N_, gettext


class AppError(Exception):
    """Base of all errors that users may see. `message` is an English msgid and may have `{placeholders}`."""

    status = 500
    message = N_("Something went wrong on our side. It has been logged; please try again in a moment.")

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
    # For a submitted form: its fields (an app.web.typed.Typed) and the page it was on.
    form: object = None
    back: str = "/"


class Conflict(AppError):
    status = 409
    message = N_("This has changed in the meantime. Reload the page and look again.")


class Invalid(AppError):
    """Refused values; `fields` maps a field's name to a message that is already translated."""

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
    message = N_("This is larger than we can accept here. Please send less at once.")


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
