"""Emphasis that works in Chinese.

CommonMark decides by the characters around `**` whether it may open or close. In a script without spaces that fails as
soon as the emphasised words end in punctuation: `**“引号”**文字` stays a run of asterisks. Here a Chinese, Japanese or
Korean character beside the mark counts like a space.
"""

import re
from functools import partial
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.rules_inline.state_inline import Delimiter, StateInline

_CJK = (
    (0x2E80, 0x312F),  # radicals, CJK punctuation, kana, bopomofo
    (0x3130, 0x4DBF),  # Hangul letters, enclosed forms, extension A
    (0x4E00, 0x9FFF),
    (0xAC00, 0xD7AF),
    (0xF900, 0xFAFF),
    (0xFE30, 0xFE4F),
    (0xFF00, 0xFFEF),  # full-width forms
    (0x20000, 0x3FFFF),
)


# `__init__` in a sentence: Python's names, and no stress.
_DUNDER = re.compile(r"__[a-z]+(?:_[a-z]+)*__(?![A-Za-z0-9_])")
_BEFORE_OPERATOR = re.compile(r"[A-Za-z0-9)\]]")
_AFTER_OPERATOR = re.compile(r"[A-Za-z0-9(]")


class _Side(NamedTuple):
    is_space: bool
    is_punctuation: bool
    is_cjk: bool


def chinese_emphasis_plugin(markdown: MarkdownIt, *, keeps_code: bool = False) -> None:
    """`keeps_code`: x**2 and __init__ stay what they are, where people write code without marking it."""
    markdown.inline.ruler.at("emphasis", partial(_emphasis, keeps_code=keeps_code))


def _emphasis(state: StateInline, silent: bool, *, keeps_code: bool) -> bool:
    marker = state.src[state.pos]
    if silent or marker not in "*_":
        return False
    if keeps_code and (code := _code(state)):
        state.pending += code
        state.pos += len(code)
        return True
    end = state.pos
    while end < state.posMax and state.src[end] == marker:
        end += 1
    length = end - state.pos
    before = _side(state.src[state.pos - 1] if state.pos else " ")
    after = _side(state.src[end] if end < state.posMax else " ")
    opens, closes = _may_open(before, after), _may_open(after, before)
    if marker == "_":  # snake_case is not emphasis
        opens, closes = (
            opens and (not closes or before.is_punctuation),
            closes and (not opens or after.is_punctuation),
        )
    for _ in range(length):
        token = state.push("text", "", 0)
        token.content = marker
        index = len(state.tokens) - 1
        state.delimiters.append(
            Delimiter(marker=ord(marker), length=length, token=index, end=-1, open=opens, close=closes)
        )
    state.pos = end
    return True


def _code(state: StateInline) -> str:
    """The asterisks of an operator between two ASCII words, or a name like `__init__`; empty where there is neither."""
    text, start = state.src, state.pos
    before = text[start - 1 : start]
    if text[start] == "_":
        name = _DUNDER.match(text, start, state.posMax)
        return name[0] if name and not (before.isascii() and (before.isalnum() or before == "_")) else ""
    end = start
    while end < state.posMax and text[end] == "*":
        end += 1
    is_operator = _BEFORE_OPERATOR.match(before) and _AFTER_OPERATOR.match(text, end, state.posMax)
    return text[start:end] if is_operator else ""


def _may_open(outside: _Side, inside: _Side) -> bool:
    """Whether a mark opens towards `inside`; the mirrored rule closes it."""
    if inside.is_space:
        return False
    if not inside.is_punctuation or inside.is_cjk:
        return True
    return outside.is_space or outside.is_punctuation or outside.is_cjk


def _side(character: str) -> _Side:
    code = ord(character)
    is_punctuation = isMdAsciiPunct(code) or isPunctChar(character)
    return _Side(isWhiteSpace(code), is_punctuation, any(low <= code <= high for low, high in _CJK))
