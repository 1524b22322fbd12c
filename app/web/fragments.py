"""A part of a page, for a script that puts it in its place."""

from collections.abc import Iterable

from fastapi import Request

HEADER = "X-Fragment"
_RAW = HEADER.lower().encode()


def is_fragment(request: Request) -> bool:
    """Whether a script asks, not a reader who follows a link or sends a form."""
    return HEADER in request.headers


def asks_for_fragment(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """The same, of a request's headers as they came."""
    return any(name == _RAW for name, _value in headers)
