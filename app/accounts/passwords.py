"""Password rules and hashing: Argon2id with pwdlib's defaults, at most two at once, as each takes tens of megabytes."""

import unicodedata
from functools import lru_cache
from threading import BoundedSemaphore

import regex
from pwdlib import PasswordHash

from app.core.config import ROOT
from app.core.i18n import N_

MINIMUM_LENGTH = 8
MAXIMUM_LENGTH = 256

_SITE = ("sophora", "槐", "sophora槐", "槐sophora")
GUESSED_FIRST = N_(
    "Your name and ours are the first things anyone would guess. Please choose another password."
)
AT_ONCE = 2

_hasher = PasswordHash.recommended()
_at_once = BoundedSemaphore(AT_ONCE)


def hash_password(password: str) -> str:
    with _at_once:
        return _hasher.hash(password)


def verify_password(password: str, password_hash: str | None) -> bool:
    """Whether they match. Without a hash (unknown user) it takes the same time and returns False."""
    with _at_once:
        matches = _hasher.verify(password, password_hash or _hash_of_nobody())
    return matches and password_hash is not None


def is_common(password: str) -> bool:
    return password.casefold() in _common_passwords()


def is_blank(password: str) -> bool:
    """Whether the password has no visible character."""
    return regex.fullmatch(r"[\s\p{Z}\p{C}\p{DI}\u2800]*", password) is not None


def says_name(password: str, name: str) -> bool:
    """Whether it is the account's or the site's name, forwards or backwards, once or repeated, with or without digits and symbols."""
    said = _letters(password)
    return any(len(said) >= len(word) and said == (word * len(said))[: len(said)] for word in _words_of(name))


def _words_of(name: str) -> set[str]:
    words = {_letters(name), *_SITE} - {""}
    return words | {word[::-1] for word in words}


def _letters(text: str) -> str:
    """The text without digits and symbols; unchanged if it has nothing else."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    letters = "".join(character for character in folded if character.isalpha())
    return letters or "".join(character for character in folded if character.isalnum())


@lru_cache
def _hash_of_nobody() -> str:
    return _hasher.hash("nobody has this password")


@lru_cache
def _common_passwords() -> frozenset[str]:
    path = ROOT / "app" / "accounts" / "common_passwords.txt"
    return frozenset(path.read_text(encoding="utf-8").split())
