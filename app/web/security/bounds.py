"""How much a request may bring. `app.web.bounded` holds every request to it; a route that needs more says so.

    @router.post("/pictures", dependencies=[Depends(staff_sends_more)])
    @takes(body=2 * MEGABYTE, files=1)

Before anybody is known, every body is bounded alike: what a route declares holds once a dependency, which knows who asks, has
called `allow_declared`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import Request
from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

MEGABYTE = 1024 * 1024
MOST_FIELDS = 500
# An own field is called options-0-text-zh at its longest.
LONGEST_FIELD_NAME = 200
MOST_HEADERS = 100
MOST_HEADER_BYTES = 32 * 1024
MOST_ADDRESS_BYTES = 8 * 1024
# A body has this long, and more the more of it has come: who sends slower than so many bytes a second is let go.
BODY_SECONDS = 15.0
SLOWEST_BYTES = 4 * 1024
# Other character sets are parsers of their own: `idna` raises, `unicode_escape` makes halves of characters, `punycode` is quadratic.
CHARACTER_SETS = {b"utf-8", b"utf8", b"us-ascii"}

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def headers_too_large(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    return (
        len(headers) > MOST_HEADERS
        or sum(len(name) + len(value) for name, value in headers) > MOST_HEADER_BYTES
    )


@dataclass
class Bounds:
    """Of one request: bytes of its body, files and bytes of one field in a form. Whoever reads it asks these as they are now."""

    body: int = MEGABYTE
    files: int = 0
    field: int = MEGABYTE


def takes(*, body: int, files: int = 0, field: int = MEGABYTE) -> Callable[[Endpoint], Endpoint]:
    """A decorator of a route that takes more than others."""

    def declare(endpoint: Endpoint) -> Endpoint:
        endpoint.declared_bounds = Bounds(body, files, field)  # type: ignore[attr-defined] # a mark on a function
        return endpoint

    return declare


def declared_bounds(request: Request) -> Bounds | None:
    return getattr(request.scope.get("endpoint"), "declared_bounds", None)


def allow_declared(request: Request) -> None:
    """From now on the request may be as large as its route declares."""
    declared = declared_bounds(request)
    if declared:
        vars(bounds_of(request)).update(vars(declared))


def bounds_of(request: Request) -> Bounds:
    """They are the same object for all who look at this request."""
    if not hasattr(request.state, "bounds"):
        request.state.bounds = Bounds()
    return request.state.bounds


async def read_form(request: Request) -> FormData:
    """The request's form, within its bounds; the same one for all who ask. Raises Unreadable, TooLarge, TooSlow."""
    from app.core.errors import Unreadable

    bounds = bounds_of(request)
    _refuse_other_characters(request)
    try:
        form = await request.form(
            max_files=bounds.files, max_fields=MOST_FIELDS, max_part_size=min(bounds.field, bounds.body)
        )
    except HTTPException:  # it says in English what the parser counted
        raise Unreadable from None
    if any(len(name) > LONGEST_FIELD_NAME for name in form):
        raise Unreadable
    return form


def _refuse_other_characters(request: Request) -> None:
    from app.core.errors import Unreadable

    _kind, options = parse_options_header(request.headers.get("content-type", ""))
    if options.get(b"charset", b"utf-8").strip().lower() not in CHARACTER_SETS:
        raise Unreadable
