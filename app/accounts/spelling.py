"""Which characters a name may contain: visible ones, each as wide and high as a reader expects."""

import unicodedata

import regex

MINIMUM_LENGTH = 2
MAXIMUM_LENGTH = 40
# Marks above and below one letter; Vietnamese has two, Greek three. More make a tower that covers the lines around it.
MOST_MARKS = 3

# Joiners and selectors where a script or an emoji is written with them: 👩‍🔬, ක්‍ෂ, می‌خواهم, 1️⃣, the flags of countries' parts.
_JOINED = regex.compile(
    r"(?<=\p{Extended_Pictographic}[\ufe0f\U0001f3fb-\U0001f3ff]?)\u200d(?=\p{Extended_Pictographic})"
    r"|(?<=\p{Extended_Pictographic})\ufe0f"
    r"|(?<=[0-9#*])\ufe0f(?=\u20e3)"
    r"|(?<=\U0001f3f4)[\U000e0030-\U000e0039\U000e0061-\U000e007a]{2,6}\U000e007f"
    # After the sign that takes a letter its vowel (IDNA's rule for joiners), and between Arabic letters that would join.
    r"|(?<=\p{ccc=9})[\u200c\u200d](?=\p{L}|\s|$)"
    r"|(?<=[\p{sc=Arabic}\p{sc=Syriac}])\u200c(?=[\p{sc=Arabic}\p{sc=Syriac}])"
)
# Unassigned, private, control and format characters (those that turn the direction of text among them); fillers and others that are made
# to be left out; spaces other than the two that people type; signs that look like nothing.
_UNSEEN = regex.compile(r"\p{C}|\p{DI}|(?![ \u3000])\p{Z}|[\u2800\ufffc\ufffd\U0001d159]")
# A combining mark with no base letter.
_STRAY = regex.compile(r"(?:^|\s)\p{M}")
_SEEN = regex.compile(r"[\p{L}\p{N}\p{Extended_Pictographic}]")


def composed(name: str) -> str:
    """Normalised: each letter and its marks as one character where one exists, runs of spaces as one."""
    return regex.sub(r"[ \u3000]{2,}", " ", unicodedata.normalize("NFC", name))


def is_plainly_written(name: str) -> bool:
    return not (_UNSEEN.search(_JOINED.sub("", name)) or _STRAY.search(name) or _has_a_tower(name)) and bool(
        _SEEN.search(name)
    )


def characters(text: str) -> list[str]:
    """As a reader counts them: a letter with its marks is one, what a joiner holds together is one, and so is a flag."""
    return regex.findall(r"\X(?:(?:(?<=\u200d)|(?=\p{M}))\X)*", text)


def _has_a_tower(name: str) -> bool:
    return any(
        sum(unicodedata.category(point) in {"Mn", "Me"} for point in character) > MOST_MARKS
        for character in characters(unicodedata.normalize("NFD", name))
    )
