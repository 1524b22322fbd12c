"""A cookie that says: with this browser somebody signed in to this account before, knowing its password.

Such a browser has a count of its own for wrong passwords. So strangers who guess at a name, from the same school even, lock out each
other and not the one whose name it is. The cookie grants nothing else: no session, no sight of the account.

It holds one entry for each of the last accounts (a classroom's machine has many): a random number and its HMAC with the account's name.
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
    """What identifies this browser to the account, or None where nobody signed in to it here."""
    return next((entry for entry in _entries(request) if _belongs_to(entry, name_key)), None)


def remember_browser(request: Request, response: Response, name_key: str) -> None:
    """Put the account first among those that this browser is known to; the oldest falls off."""
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
    """In the one spelling in which it was written, so that nobody makes a second count from it."""
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
