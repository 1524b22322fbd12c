"""A visitor's cookie, given with the training that they start to try this out: with it they see that one, and take it along when they sign up.

It holds a random number and its HMAC; the database knows the hash alone. It grants nothing else, and ends with the training.
"""

import base64
import secrets

from fastapi import Request, Response

from app.core import signing
from app.core.config import get_settings

# As long as a visitor's training is kept.
GUEST_SECONDS = 86_400
NONCE = 18
MAC = 16


def guest_cookie_name() -> str:
    return "__Host-guest" if get_settings().secure else "sophora_guest"


def guest_key(request: Request) -> str | None:
    """What the database calls this visitor; None for who has no cookie of ours."""
    token = request.cookies.get(guest_cookie_name(), "")
    return key_of(token) if _is_ours(token) else None


def known_or_new_guest(request: Request, sending: str | None) -> str:
    """The visitor's token, else a new one. The same sending of a form (see app/core/sendings.py) gives the same one."""
    token = request.cookies.get(guest_cookie_name(), "")
    if _is_ours(token):
        return token
    return _token(signing.signature(f"guest of|{sending}")[:NONCE] if sending else secrets.token_bytes(NONCE))


def key_of(token: str) -> str:
    return signing.hash_token(token)


def set_guest_cookie(response: Response, token: str) -> None:
    response.set_cookie(
        guest_cookie_name(),
        token,
        max_age=GUEST_SECONDS,
        path="/",
        secure=get_settings().secure,
        httponly=True,
        samesite="lax",
    )


def clear_guest_cookie(response: Response) -> None:
    response.delete_cookie(
        guest_cookie_name(), path="/", secure=get_settings().secure, httponly=True, samesite="lax"
    )


def _token(nonce: bytes) -> str:
    mac = signing.signature(b"guest|" + nonce)[:MAC]
    return base64.urlsafe_b64encode(nonce + mac).decode().rstrip("=")


def _is_ours(token: str) -> bool:
    """In the one spelling in which it was written, so that one cookie is one visitor."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return False
    return len(raw) == NONCE + MAC and signing.is_same(token, _token(raw[:NONCE]))
