"""Which characters a name may contain: visible ones, each as wide and high as a reader expects."""

import unicodedata

import regex

MINIMUM_LENGTH = 2
MAXIMUM_LENGTH = 40
# Marks above and below one letter; Vietnamese has two, Greek three. More make a tower that covers the lines around it.
MOST_MARKS = 3

# Unassigned, private-use, control and format characters (among them those that change the direction of text); fillers and other
# default-ignorable characters, except the emoji variation selector; spaces other than the two that people type; blank symbols.
_UNSEEN = regex.compile(
    r"\p{C}|(?<!\p{Extended_Pictographic})\p{DI}|(?!\ufe0f)\p{DI}|(?![ \u3000])\p{Z}|[\u2800\ufffc\ufffd\U0001d159]"
)
# A combining mark with no base letter.
_STRAY = regex.compile(r"(?:^|\s)\p{M}")
_SEEN = regex.compile(r"[\p{L}\p{N}\p{Extended_Pictographic}]")


def composed(name: str) -> str:
    """Normalised: each letter and its marks as one character where one exists, runs of spaces as one."""
    return regex.sub(r"[ \u3000]{2,}", " ", unicodedata.normalize("NFC", name))


def is_plainly_written(name: str) -> bool:
    return not (_UNSEEN.search(name) or _STRAY.search(name) or _has_a_tower(name)) and bool(
        _SEEN.search(name)
    )


def characters(text: str) -> list[str]:
    """Grapheme clusters, as a reader counts characters: a letter with its marks is one, and so is a flag."""
    return regex.findall(r"\X", text)


def _has_a_tower(name: str) -> bool:
    return any(
        sum(unicodedata.category(point) in {"Mn", "Me"} for point in character) > MOST_MARKS
        for character in characters(unicodedata.normalize("NFD", name))
    )
