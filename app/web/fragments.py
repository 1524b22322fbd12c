"""Page fragments, which a script inserts."""

from fastapi import Request

HEADER = "X-Fragment"


def is_fragment(request: Request) -> bool:
    """Whether a script made the request, not a link or form."""
    return HEADER in request.headers
