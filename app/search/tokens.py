"""From text to index tokens, and from a query to what is searched for.

Both databases get the same finished tokens, made of ASCII letters and digits only, so that neither's own tokenizer has
anything left to decide. Chinese (and kana, Hangul) becomes bigrams in order, so that a typed run of characters is
a phrase of bigrams; the last character of a run is also a token, so that one character finds every run it is in.
English is indexed as typed and as its Snowball stem.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
_PIECE = re.compile(rf"[{_CJK}]+|(?:(?![{_CJK}])[^\W_])+")
_PLAIN = re.compile(r"[a-z][a-z0-9]*")
_IS_CJK = re.compile(rf"[{_CJK}]")
# Longer than any word worth finding; an index entry has a limit in PostgreSQL.
LONGEST_WORD = 40
MOST_GROUPS = 12
# Removed from a query unless it has nothing else.
COMMON = frozenset(
    ("a", "an", "and", "are", "as", "at", "be", "by", "do", "does", "for", "from", "how", "i", "in", "is", "it", "of", "on", "or",
     "the", "this", "to", "was", "what", "when", "why", "with")
)  # fmt: skip


@dataclass(frozen=True)
class Piece:
    """A word, or a run of Chinese characters, with its position in a text."""

    start: int
    end: int
    folded: str
    is_cjk: bool


@dataclass(frozen=True)
class Phrase:
    """Consecutive index tokens. With `is_beginning` the last one is a prefix."""

    words: tuple[str, ...]
    is_beginning: bool = False

    def stands_in(self, indexed: str) -> bool:
        """Whether it occurs in the `index_words` of a text."""
        return f" {' '.join(self.words)}{'' if self.is_beginning else ' '}" in f" {indexed} "


@dataclass(frozen=True)
class Group:
    """One typed word or run: any of its phrases matches. `typed` is what an excerpt marks."""

    typed: str
    is_cjk: bool
    phrases: tuple[Phrase, ...]

    def stands_in(self, indexed: str) -> bool:
        return any(phrase.stands_in(indexed) for phrase in self.phrases)


def pieces(text: str) -> Iterator[Piece]:
    for match in _PIECE.finditer(text):
        is_cjk = bool(_IS_CJK.match(match[0]))
        yield Piece(match.start(), match.end(), _folded(match[0]), is_cjk)


def index_words(text: str) -> str:
    """The tokens of a text, in order, separated by spaces."""
    words: list[str] = []
    for piece in pieces(text):
        words += _run_words(piece.folded) if piece.is_cjk else _word_forms(piece.folded)
    return " ".join(words)


def query_groups(query: str) -> list[Group]:
    """The groups of a query, all of which must match. Common English words count only on their own."""
    found = list(pieces(query))
    meaningful = [piece for piece in found if piece.folded not in COMMON] or found
    groups = {piece.folded: group_of(piece) for piece in meaningful}
    return list(groups.values())[:MOST_GROUPS]


def loosened(groups: list[Group]) -> list[Group]:
    """The query for a second try: each pair of adjacent Chinese characters separately."""
    result: dict[str, Group] = {}
    for group in groups:
        pairs = [group.typed[i : i + 2] for i in range(len(group.typed) - 1)] if group.is_cjk else []
        for pair in pairs:
            result[pair] = Group(pair, True, (Phrase((_encoded(pair),)),))
        if not pairs:
            result[group.typed] = group
    return list(result.values())[: 2 * MOST_GROUPS]


def stem(word: str) -> str:
    """The Snowball stem of a folded English word; any other word unchanged."""
    return _stem(word) if word.isascii() and word.isalpha() else word


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    return snowballstemmer.stemmer("english").stemWord(word)


def group_of(piece: Piece) -> Group:
    text = piece.folded[:LONGEST_WORD]
    if piece.is_cjk:
        phrase = (
            Phrase(tuple(_run_words(text)[:-1]))
            if len(text) > 1
            else Phrase((_encoded(text),), is_beginning=True)
        )
        return Group(text, True, (phrase,))
    exact = Phrase((_encoded(stem(text)),))
    # A prefix of one letter would match far too much.
    return Group(
        text, False, (exact, Phrase((_encoded(text),), is_beginning=True)) if len(text) > 1 else (exact,)
    )


def _folded(text: str) -> str:
    """Normalise case, width and accents: Ｃｏｎｖ -> conv, naïve -> naive, 𝑤 -> w."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    if folded.isascii():
        return folded
    return (
        "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
        if not _IS_CJK.match(folded)
        else folded
    )


def _run_words(run: str) -> list[str]:
    """卷积核 -> 卷积, 积核, 核"""
    return [_encoded(run[i : i + 2]) for i in range(len(run))]


def _word_forms(word: str) -> list[str]:
    forms = dict.fromkeys((word[:LONGEST_WORD], stem(word[:LONGEST_WORD])))
    return [_encoded(form) for form in forms]


def _encoded(word: str) -> str:
    """ASCII letters and digits, starting with a letter. The encoding preserves prefixes."""
    return word if _PLAIN.fullmatch(word) else "x" + "".join(f"{ord(character):05x}" for character in word)
