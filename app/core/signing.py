"""What the server alone can make: signatures, keyed by the installation's secret, and the hashes by which it knows secret tokens.

Each message begins with what it is for, so that a signature for one purpose is none for another.
"""

import hashlib
import hmac

from app.core.config import get_settings


def signature(message: str | bytes) -> bytes:
    """32 bytes, by HMAC-SHA-256."""
    return hmac.digest(get_settings().secret_key.encode(), _bytes(message), "sha256")


def is_same(given: str | bytes, made: str | bytes) -> bool:
    """Whether what came from outside is what we made. How long this takes tells nothing."""
    return hmac.compare_digest(_bytes(given), _bytes(made))


def hash_token(token: str) -> str:
    """What is stored of a token of 128 bits and more, which nobody can guess: with the hash alone nobody is let in."""
    return hashlib.sha256(token.encode()).hexdigest()


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text
