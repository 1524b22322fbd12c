"""Whole questions: "how do I choose the learning rate", 卷积核是什么. Reduced to their subject, without the question words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.search.tokens import COMMON, MOST_GROUPS, Group, group_of, pieces, stem

_ASKS = frozenset(("what", "whats", "how", "why", "which", "when", "where", "who", "can", "should", "does", "do", "is", "are", "explain"))  # fmt: skip
# In questions only: alone they may be what is searched for.
_ASKING = COMMON | _ASKS | frozenset(
    ("about", "between", "called", "choose", "could", "did", "difference", "different", "explain", "find", "get", "good", "happen", "happens",
     "has", "have", "help", "if", "its", "know", "look", "make", "me", "mean", "meaning", "means", "much", "many", "my", "need", "needed", "one",
     "our", "pick", "please", "s", "set", "so", "than", "that", "their", "them", "then", "there", "these", "they", "thing", "think", "those",
     "understand", "us", "use", "used", "using", "vs", "we", "will", "work", "works", "would", "you", "your", "am", "any", "be", "been", "t")
)  # fmt: skip
_ASKS_IN_CHINESE = re.compile(
    r"什么|怎么|怎样|如何|为什么|为何|哪[里个些种]|多少|是不是|能不能|要不要|请问|区别|[吗呢][？?]?$|是啥|干嘛"
)
# Longest first.
_ASKING_IN_CHINESE = re.compile(
    "|".join(
        ("是什么意思|什么意思|有什么区别|有什么不同|有什么用|是什么|什么是|为什么|什么时候|做什么|干什么|有什么|什么样的|什么|怎么样|怎么办|怎么|怎样|如何|为何|"
         "哪里|哪个|哪些|哪种|多少|是不是|能不能|要不要|请问|的区别|区别|的意思|意思|的作用|是啥|干嘛|可以|应该|需要|选择|理解|解释|定义|设置|"
         "比较|之间|一下|我们|它们|[吗呢啊吧了的是我你它和与跟或选用做会能要]",)
    )
)  # fmt: skip


@dataclass(frozen=True)
class Name:
    """A name found in a question: its number of words, and where they end."""

    start: int
    end: int
    length: int


def asked_groups(query: str) -> list[Group]:
    """The subject of a question; empty if the query is not a question, or has no subject."""
    words = {piece.folded for piece in pieces(query) if not piece.is_cjk}
    if not (words & _ASKS or _ASKS_IN_CHINESE.search(query)):
        return []
    kept = [piece for piece in pieces(_ASKING_IN_CHINESE.sub(" ", query)) if piece.folded not in _ASKING]
    kept = [piece for piece in kept if not piece.is_cjk or len(piece.folded) > 1]
    return list({piece.folded: group_of(piece) for piece in kept}.values())[:MOST_GROUPS]


def name_in(query: str, heading: str) -> Name | None:
    """The longest of a heading's names (`卷积核 · kernel`) that occurs in the query, English in any inflected form."""
    found = [place for name in heading.split(" · ") if (place := _place_of(query, name))]
    return max(found, key=lambda place: place.length, default=None)


def most_meant(places: Iterable[tuple[Name, int]]) -> list[int]:
    """Indexes, by the positions of their names: longest first, but of two adjacent names the second, "convolution *kernel*"."""
    ordered = sorted(places, key=lambda each: (-each[0].length, each[1]))
    heads = [
        number
        for place, number in ordered
        if any(other.end + 1 == place.start for other, _number in ordered)
        and not any(other.start <= place.start and other.length > place.length and other.end >= place.end for other, _n in ordered)
    ]  # fmt: skip
    return list(dict.fromkeys([*heads, *(number for _place, number in ordered)]))


def _place_of(query: str, name: str) -> Name | None:
    wanted = [(piece.is_cjk, piece.folded) for piece in pieces(name)]
    if not wanted or all(word in _ASKING for _is_cjk, word in wanted):
        return None
    there = [(piece.is_cjk, piece.folded) for piece in pieces(query)]
    for start in range(len(there) - len(wanted) + 1):
        pairs = zip(there[start : start + len(wanted)], wanted, strict=True)
        if all(_is_same(query_piece, piece) for query_piece, piece in pairs):
            length = sum(len(word) * (2 if is_cjk else 1) for is_cjk, word in wanted)
            return Name(start, start + len(wanted) - 1, length)
    return None


def _is_same(there: tuple[bool, str], wanted: tuple[bool, str]) -> bool:
    if there[0] != wanted[0]:
        return False
    if wanted[0]:
        return len(wanted[1]) > 1 and wanted[1] in there[1]
    return stem(there[1]) == stem(wanted[1])
