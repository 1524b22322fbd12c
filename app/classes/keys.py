"""What opens a class: a link, which is a signature and so is stored nowhere, or a code short enough for a board."""

import secrets
from uuid import UUID

from app.classes.models import Class
from app.core.config import get_settings
from app.core.signing import is_same, signature

# Without what is mistaken for something else: 0 and O, 1, I and L.
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 8
_SIGNED = 32


def new_code() -> str:
    """Of 31^8, beyond what anybody guesses ten times a minute."""
    return "".join(secrets.choice(_LETTERS) for _ in range(CODE_LENGTH))


def link_key(course_class: Class) -> str:
    return f"{course_class.id.hex}{_sign(course_class.id, course_class.link_number or 0)}"


def link_of(course_class: Class) -> str:
    """The address, empty if nobody joins by link."""
    if course_class.link_number is None:
        return ""
    return f"{get_settings().public_url.rstrip('/')}/classes/joining?key={link_key(course_class)}"


def class_of_link(key: str) -> UUID | None:
    """Whose link it may be; `opens` says whether it is valid."""
    try:
        return UUID(hex=key[:_SIGNED]) if len(key) == 2 * _SIGNED else None
    except ValueError:
        return None


def opens(course_class: Class, key: str) -> bool:
    return course_class.link_number is not None and is_same(key, link_key(course_class))


def typed_code(key: str) -> str:
    """As it is stored, however it was copied from the board."""
    return "".join(letter for letter in key.upper() if letter in _LETTERS)


def _sign(class_id: UUID, number: int) -> str:
    return signature(f"class link:{class_id.hex}:{number}").hex()[:_SIGNED]
