"""Names that could be mistaken for somebody else's: how a name looks, and which words are reserved for teaching staff.

The skeleton is that of Unicode Technical Standard 39 (security mechanisms) with its table of confusable characters, as packaged
by confusable-homoglyphs. It is used for comparison only: no name is ever shown or stored in this form.
"""

import unicodedata
from functools import lru_cache

import regex
from confusable_homoglyphs.confusables import confusables_data

# KEPT_PARTS are refused anywhere in a name, KEPT_WORDS only as whole words of it.
KEPT_PARTS = (
    "讲师", "講師", "教师", "教師", "老师", "老師", "助教", "教授", "导师", "導師", "管理员", "管理員", "审核员", "審核員", "版主", "站长", "站長", "官方", "客服",
    "系统", "系統", "已注销", "sophora",
)  # fmt: skip
KEPT_WORDS = (
    "admin", "admins", "administrator", "root", "system", "staff", "official", "support", "moderator", "mod", "lecturer", "teacher", "professor",
    "instructor", "tutor", "webmaster", "sysadmin", "槐",
)  # fmt: skip
# Indistinguishable to readers: capital I, small l, the digit 1 and small i; the skeleton keeps the last one apart.
_SAME = str.maketrans("il1|0", "llllo")


@lru_cache(maxsize=4096)
def look(name: str) -> str:
    """The name's skeleton: one string for all names that look alike, without marks, spaces and symbols."""
    folded = unicodedata.normalize("NFKC", _skeleton(name)).casefold()
    return _seen(_skeleton(folded))


def sameness(name: str) -> str:
    """One string for all names that no two accounts may have beside each other. A name of signs alone, emoji say, is its own look, drawn in
    colour or not."""
    return look(name) or regex.sub(r"[\ufe0e\ufe0f]", "", unicodedata.normalize("NFKC", name)).casefold()


def is_kept(name: str) -> bool:
    """Whether the name claims to speak for teaching staff or for the site."""
    whole = look(name)
    if any(part in whole for part in _kept_parts()):
        return True
    words = regex.split(r"[^\p{L}\p{M}]+", unicodedata.normalize("NFKC", name))
    looks = {look(word) for word in words} | {whole, look(name.strip("0123456789 "))}
    return not looks.isdisjoint(_kept_words())


def _skeleton(text: str) -> str:
    shown = regex.sub(r"\p{DI}", "", unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFD", "".join(_prototype(character) for character in shown))


@lru_cache(maxsize=8192)
def _prototype(character: str) -> str:
    """The prototype of a confusable character, preferring a letter.

    The table goes both ways: a character maps to one prototype, and a prototype to many characters.
    """
    alike = [entry["c"].strip("\u200e") for entry in confusables_data.get(character, ())]
    if len(alike) != 1:
        return character
    if len(confusables_data.get(alike[0], ())) > 1:
        return alike[0]
    return min(character, alike[0], key=lambda text: (not text.isalnum(), text))


def _seen(skeleton: str) -> str:
    letters = "".join(character for character in skeleton if unicodedata.category(character)[0] in "LN")
    return letters.translate(_SAME)


@lru_cache
def _kept_parts() -> frozenset[str]:
    return frozenset(look(part) for part in KEPT_PARTS)


@lru_cache
def _kept_words() -> frozenset[str]:
    return frozenset(look(word) for word in KEPT_WORDS)
