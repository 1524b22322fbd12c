"""A part of a page, for a script that puts it in its place."""

from fastapi import Request

HEADER = "X-Fragment"


def is_fragment(request: Request) -> bool:
    """Whether a script asks, not a reader who follows a link or sends a form."""
    return HEADER in request.headers
