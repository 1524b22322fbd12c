"""Size limits of requests, enforced by `app.web.bounded`; a route that needs more declares it.

    @router.post("/pictures", dependencies=[Depends(staff_sends_more)])
    @takes(body=2 * MEGABYTE, files=1)

Before the user is known, every body has the same limit: a route's own applies once a dependency, which knows the user, has
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
# The longest of our own is like options-0-text-zh.
LONGEST_FIELD_NAME = 200
MOST_HEADERS = 100
MOST_HEADER_BYTES = 32 * 1024
MOST_ADDRESS_BYTES = 8 * 1024
# Base time for a body; each received byte extends it. Clients slower than this rate are disconnected.
BODY_SECONDS = 15.0
SLOWEST_BYTES = 4 * 1024
# Other charsets are parsers of their own: `idna` raises, `unicode_escape` creates lone surrogates, `punycode` is quadratic.
CHARACTER_SETS = {b"utf-8", b"utf8", b"us-ascii"}

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def headers_too_large(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    return (
        len(headers) > MOST_HEADERS
        or sum(len(name) + len(value) for name, value in headers) > MOST_HEADER_BYTES
    )


@dataclass
class Bounds:
    """Limits of one request: bytes of its body, number of files, and bytes of a form field. Readers look up the current values."""

    body: int = MEGABYTE
    files: int = 0
    field: int = MEGABYTE


def takes(*, body: int, files: int = 0, field: int = MEGABYTE) -> Callable[[Endpoint], Endpoint]:
    """A decorator for a route that accepts larger requests."""

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
    """The same object for everyone who handles this request."""
    if not hasattr(request.state, "bounds"):
        request.state.bounds = Bounds()
    return request.state.bounds


async def read_form(request: Request) -> FormData:
    """The request's form, within its limits; cached for all callers. Raises Unreadable, TooLarge, TooSlow."""
    from app.core.errors import Unreadable

    bounds = bounds_of(request)
    _refuse_other_characters(request)
    try:
        form = await request.form(
            max_files=bounds.files, max_fields=MOST_FIELDS, max_part_size=min(bounds.field, bounds.body)
        )
    except HTTPException:  # its message is the parser's, in English
        raise Unreadable from None
    if any(len(name) > LONGEST_FIELD_NAME for name in form):
        raise Unreadable
    return form


def _refuse_other_characters(request: Request) -> None:
    from app.core.errors import Unreadable

    _kind, options = parse_options_header(request.headers.get("content-type", ""))
    if options.get(b"charset", b"utf-8").strip().lower() not in CHARACTER_SETS:
        raise Unreadable
