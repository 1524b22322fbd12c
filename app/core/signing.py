"""Signatures keyed by the installation's secret, and the hashes under which secret tokens are stored.

Each message begins with its purpose, so that a signature for one purpose is not valid for another.
"""

import hashlib
import hmac

from app.core.config import get_settings


def signature(message: str | bytes) -> bytes:
    """32 bytes, by HMAC-SHA-256."""
    return hmac.digest(get_settings().secret_key.encode(), _bytes(message), "sha256")


def is_same(given: str | bytes, made: str | bytes) -> bool:
    """Constant-time comparison of a received signature with ours."""
    return hmac.compare_digest(_bytes(given), _bytes(made))


def hash_token(token: str) -> str:
    """The stored form of a token of 128 bits or more, which cannot be guessed: the hash alone lets nobody in."""
    return hashlib.sha256(token.encode()).hexdigest()


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text
