"""Names and attributes of Sophora's cookies."""

from collections.abc import Iterable

from fastapi import Response
from starlette.requests import cookie_parser

from app.core.config import get_settings


def cookies_of(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """The cookies in a request's headers, parsed as by `request.cookies`: what selects a cached page must not be parsed
    differently from what rendered it.
    """
    cookies: dict[str, str] = {}
    for name, value in headers:
        if name == b"cookie":
            cookies.update(cookie_parser(value.decode("latin-1")))
    return cookies


def session_cookie_name() -> str:
    """`__Host-` binds the cookie to this host and to TLS; without TLS (development) browsers reject that name."""
    return "__Host-session" if get_settings().secure else "sophora_session"


def set_session_cookie(response: Response, token: str, *, max_age: int) -> None:
    response.set_cookie(
        session_cookie_name(),
        token,
        max_age=max_age,
        path="/",
        secure=get_settings().secure,
        httponly=True,
        samesite="lax",
    )


def clear_session_cookie(response: Response) -> None:
    response.delete_cookie(
        session_cookie_name(), path="/", secure=get_settings().secure, httponly=True, samesite="lax"
    )


def set_preference_cookie(response: Response, name: str, value: str) -> None:
    """A display preference: kept for a year, readable by scripts (the theme is switched without a request)."""
    response.set_cookie(
        name, value, max_age=365 * 86400, path="/", secure=get_settings().secure, samesite="lax"
    )
