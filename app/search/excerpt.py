"""The text around matches, as pieces that a template highlights."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.search.tokens import Group, pieces, stem

# Number of characters in a result; a Chinese one is about as wide as two Latin ones.
LENGTH = {"zh": 110, "en": 220}
BEFORE = {"zh": 24, "en": 50}


@dataclass(frozen=True)
class TextPiece:
    text: str
    is_marked: bool


def marked(text: str, groups: Sequence[Group]) -> list[TextPiece]:
    """The whole text, with every match marked."""
    return _cut(text, _found(text, groups), 0, len(text))


def excerpt(text: str, groups: Sequence[Group], language: str) -> list[TextPiece]:
    """The part of the text with the most distinct matches; its beginning if there is none."""
    spans = _found(text, groups)
    length, before = LENGTH[language], BEFORE[language]
    starts = [max(0, start - before) for start, _end, _group in spans] or [0]
    start = max(starts, key=lambda s: (_variety(spans, s, s + length), -s))
    start = _word_start(text, min(start, max(0, len(text) - length)))
    end = _word_end(text, min(len(text), start + length))
    result = _cut(text, [span for span in spans if span[0] >= start and span[1] <= end], start, end)
    if start:
        result.insert(0, TextPiece("…", False))
    if end < len(text):
        result.append(TextPiece("…", False))
    return result


def count(text: str, groups: Sequence[Group]) -> int:
    """Number of matches in a text."""
    return len(_found(text, groups))


def _found(text: str, groups: Sequence[Group]) -> list[tuple[int, int, int]]:
    """(start, end, which group) of every match, in order, without overlaps."""
    spans: list[tuple[int, int, int]] = []
    for piece in pieces(text):
        for number, group in enumerate(groups):
            if group.is_cjk != piece.is_cjk:
                continue
            if not piece.is_cjk:
                if _is_word(piece.folded, group):
                    spans.append((piece.start, piece.end, number))
            elif len(piece.folded) == piece.end - piece.start:
                spans += _occurrences(piece.folded, group.typed, piece.start, number)
    spans.sort(key=lambda span: (span[0], -span[1]))
    return [
        span
        for i, span in enumerate(spans)
        if not any(other[1] > span[0] for other in spans[max(0, i - 4) : i])
    ]


def _is_word(word: str, group: Group) -> bool:
    return stem(word) == stem(group.typed) or (len(group.typed) > 1 and word.startswith(group.typed))


def _occurrences(run: str, typed: str, offset: int, number: int) -> list[tuple[int, int, int]]:
    found, position = [], run.find(typed)
    while position >= 0:
        found.append((offset + position, offset + position + len(typed), number))
        position = run.find(typed, position + len(typed))
    return found


def _variety(spans: Sequence[tuple[int, int, int]], start: int, end: int) -> tuple[int, int]:
    inside = [number for first, last, number in spans if first >= start and last <= end]
    return len(set(inside)), len(inside)


def _word_start(text: str, start: int) -> int:
    """Not within a Latin word: forward to the next space if one is near."""
    if start == 0 or not (
        text[start - 1].isascii()
        and text[start - 1].isalnum()
        and text[start].isascii()
        and text[start].isalnum()
    ):
        return start
    space = text.find(" ", start, start + 20)
    return space + 1 if space >= 0 else start


def _word_end(text: str, end: int) -> int:
    if end >= len(text) or not (
        text[end - 1].isascii() and text[end - 1].isalnum() and text[end].isascii() and text[end].isalnum()
    ):
        return end
    space = text.rfind(" ", end - 20, end)
    return space if space >= 0 else end


def _cut(text: str, spans: Sequence[tuple[int, int, int]], start: int, end: int) -> list[TextPiece]:
    result, position = [], start
    for first, last, _number in spans:
        if first > position:
            result.append(TextPiece(text[position:first], False))
        result.append(TextPiece(text[first:last], True))
        position = last
    if position < end:
        result.append(TextPiece(text[position:end], False))
    return result
