"""HTML forms as Pydantic models: the raw input is kept, and each error is a message at its field."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Generic, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.datastructures import FormData

from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.web.security.bounds import read_form
from app.web.security.csrf import checked_form

# For fields without a length of their own.
LONGEST_TEXT = 10_000


class Form(BaseModel):
    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True, str_max_length=LONGEST_TEXT)


T = TypeVar("T", bound=Form)


@dataclass(frozen=True)
class Submission(Generic[T]):
    """A submitted form: `values` as typed; `data()` validated."""

    form: type[T]
    values: dict[str, str]

    def data(self) -> T:
        """The validated form. Raises Invalid with a message for each faulty field."""
        try:
            return self.form.model_validate(self.values)
        except ValidationError as error:
            raise Invalid(
                {
                    str(e["loc"][0]) if e["loc"] else "": explain(e["type"], e.get("ctx") or {}, e["input"])
                    for e in error.errors()
                }
            ) from None


def submitted(form: type[T]) -> Callable[[Request], Awaitable[Submission[T]]]:
    """Dependency: the request's form fields as a Submission of `form`."""

    async def dependency(request: Request) -> Submission[T]:
        return Submission(form, text_fields(await read_form(request)))

    return dependency


if TYPE_CHECKING:
    Submitted = Submission
else:

    class Submitted:
        """A route's parameter `form: Submitted[TitleForm]` is the request's form as a Submission of it."""

        def __class_getitem__(cls, form: type[Form]) -> object:
            return Annotated[Submission[form], Depends(submitted(form))]


async def posted_fields(request: Request) -> dict[str, str]:
    """Dependency: all text fields of the request's form, for forms described by data (a recipe's)."""
    return text_fields(await read_form(request))


async def checked_fields(request: Request) -> dict[str, str]:
    """The same, for a route that declares its own size limits."""
    return text_fields(await checked_form(request))


def text_fields(form: FormData) -> dict[str, str]:
    """Without null characters, which PostgreSQL cannot store."""
    return {name: value.replace("\0", "") for name, value in form.items() if isinstance(value, str)}


def explain(kind: str, context: dict[str, object], typed: object = None) -> str:
    """A message in the reader's language for one of Pydantic's error types; `typed` is the input."""
    if kind == "string_too_long" and isinstance(typed, str):
        return too_long(int(str(context["max_length"])), len(typed.strip()))
    sentences = {
        "missing": _("Please fill this in."),
        "string_too_short": _("Please use at least {min_length} characters."),
        "string_too_long": _("Please use at most {max_length} characters."),
        "int_parsing": _("Please enter a whole number."),
        "int_from_float": _("Please enter a whole number."),
        "float_parsing": _("Please enter a number."),
        "finite_number": _("Please enter a number."),
        "greater_than_equal": _("Please enter {ge} or more."),
        "less_than_equal": _("Please enter {le} or less."),
        "no_language": _("Please write it in Chinese, in English, or in both."),
        "literal_error": _("Please choose one of the options."),
        "string_pattern_mismatch": _("Some of these characters cannot be used here."),
    }
    if kind == "value_error":
        return str(context.get("error"))
    bounds = {name: _plain(value) if isinstance(value, float) else value for name, value in context.items()}
    return sentences.get(kind, _("This value cannot be used.")).format(**bounds)


def too_long(longest: int, length: int) -> str:
    return _("Please use at most {max_length} characters. You have used {length}.").format(
        max_length=longest, length=length
    )


def _plain(number: float) -> str:
    """10.0 -> 10, 1e-05 -> 0.00001: the notation in which the form shows its bounds."""
    return f"{number:.8f}".rstrip("0").rstrip(".")


class MarkForm(Form):
    on: bool
