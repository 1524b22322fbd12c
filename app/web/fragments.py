"""Page fragments, which a script inserts."""

from collections.abc import Iterable

from fastapi import Request

HEADER = "X-Fragment"
_RAW = HEADER.lower().encode()


def is_fragment(request: Request) -> bool:
    """Whether a script made the request, not a link or form."""
    return HEADER in request.headers


def asks_for_fragment(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """The same, of a request's headers as they came."""
    return any(name == _RAW for name, _value in headers)
