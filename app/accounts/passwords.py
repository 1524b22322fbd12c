"""Password rules and hashing (Argon2id with pwdlib's defaults, at most two at once: each takes tens of megabytes)."""

from functools import lru_cache
from threading import BoundedSemaphore

from pwdlib import PasswordHash

from app.config import ROOT

MINIMUM_LENGTH = 8
MAXIMUM_LENGTH = 256

AT_ONCE = 2

_hasher = PasswordHash.recommended()
_at_once = BoundedSemaphore(AT_ONCE)


def hash_password(password: str) -> str:
    with _at_once:
        return _hasher.hash(password)


def verify_password(password: str, password_hash: str | None) -> bool:
    """Whether they match. Without a hash (an unknown user) it takes the same time and is False."""
    with _at_once:
        matches = _hasher.verify(password, password_hash or _hash_of_nobody())
    return matches and password_hash is not None


def is_common(password: str) -> bool:
    return password.casefold() in _common_passwords()


@lru_cache
def _hash_of_nobody() -> str:
    return _hasher.hash("nobody has this password")


@lru_cache
def _common_passwords() -> frozenset[str]:
    path = ROOT / "app" / "accounts" / "common_passwords.txt"
    return frozenset(path.read_text(encoding="utf-8").split())
