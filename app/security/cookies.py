"""Names and attributes of Sophora's cookies."""

from fastapi import Response

from app.config import get_settings


def session_cookie_name() -> str:
    """`__Host-` binds the cookie to this host and to TLS; without TLS (development) browsers refuse that name."""
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
    """A choice of look or language: a year, readable by scripts (the theme is switched without a request)."""
    response.set_cookie(
        name, value, max_age=365 * 86400, path="/", secure=get_settings().secure, samesite="lax"
    )
