"""A cookie that proves an earlier sign-in to an account from this browser, with its password.

Such a browser has its own count of wrong passwords. So strangers who guess at a name, even from the same school, lock out each
other and not its owner. The cookie grants nothing else: no session, no view of the account.

It holds one entry for each of the last accounts (a classroom's machine has many): a random number and its HMAC with the account's
name.
"""

import base64
import secrets

from fastapi import Request, Response

from app.core import signing
from app.core.config import get_settings

ACCOUNTS = 12
NONCE = 12
MAC = 16
# As long as browsers keep a cookie.
MAX_AGE = 400 * 86400


def known_browser_cookie_name() -> str:
    return "__Host-known-browser" if get_settings().secure else "sophora_known_browser"


def known_browser(request: Request, name_key: str) -> str | None:
    """What identifies this browser to the account, or None if nobody signed in to it here."""
    return next((entry for entry in _entries(request) if _belongs_to(entry, name_key)), None)


def remember_browser(request: Request, response: Response, name_key: str) -> None:
    """Put the account first among those known to this browser; the oldest drops out."""
    entries = _entries(request)
    own = next((entry for entry in entries if _belongs_to(entry, name_key)), None) or _new_entry(name_key)
    others = [entry for entry in entries if entry != own]
    response.set_cookie(
        known_browser_cookie_name(),
        ".".join([own, *others][:ACCOUNTS]),
        max_age=MAX_AGE,
        path="/",
        secure=get_settings().secure,
        httponly=True,
        samesite="lax",
    )


def _entries(request: Request) -> list[str]:
    return [entry for entry in request.cookies.get(known_browser_cookie_name(), "").split(".") if entry][
        :ACCOUNTS
    ]


def _new_entry(name_key: str) -> str:
    nonce = secrets.token_bytes(NONCE)
    return base64.urlsafe_b64encode(nonce + _mac(nonce, name_key)).decode().rstrip("=")


def _belongs_to(entry: str, name_key: str) -> bool:
    """Only in the exact spelling that was issued, so that nobody can derive a second count from it."""
    try:
        raw = base64.urlsafe_b64decode(entry + "=" * (-len(entry) % 4))
    except ValueError:
        return False
    nonce, mac = raw[:NONCE], raw[NONCE:]
    is_canonical = base64.urlsafe_b64encode(raw).decode().rstrip("=") == entry
    return is_canonical and signing.is_same(mac, _mac(nonce, name_key))


def _mac(nonce: bytes, name_key: str) -> bytes:
    text = b"known browser|" + nonce + b"|" + name_key.encode("utf-8", "surrogatepass")
    return signing.signature(text)[:MAC]
