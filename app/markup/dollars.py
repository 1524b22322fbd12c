"""Telling dollar signs of formulas from prices.

Pandoc's rule: no space after the opening dollar or before the closing one, and no digit after the closing one. In
Chinese no space separates two prices, and people also write `7$`: an amount with words is not a formula either.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

# Never in prose: a text with one of these is LaTeX.
_TEX = re.compile(r"[\\^_={}<>|]")
# The space belongs to the command.
_COMMAND_END = re.compile(r"\\[A-Za-z]+ \Z")
_AMOUNT = re.compile(r"\d[\d.,，]*")
# `5 and 7`, `5/month`, but not `2ex`.
_WORD = re.compile(r"[\s/].*[A-Za-z]{2,}|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]", re.DOTALL)
# A dollar between such a character and a word opens something: $HOME/$USER, $5,$x$.
_SEPARATORS = frozenset(",;:/|(-，；：、（")


def dollars_plugin(markdown: MarkdownIt) -> None:
    """Load after `dollarmath_plugin`, whose inline rule it replaces."""
    markdown.inline.ruler.at("math_inline", _formula)


def _formula(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "$":
        return False
    end = _closing(state.src, state.pos)
    if end < 0 or not _is_formula(state.src, state.pos, end):
        return False
    if not silent:
        token = state.push("math_inline", "math", 0)
        token.content = state.src[state.pos + 1 : end]
        token.markup = "$"
    state.pos = end + 1
    return True


def _closing(text: str, start: int) -> int:
    """The next unescaped dollar; -1 if there is none."""
    position = start + 1
    while position < len(text) and text[position] != "$":
        position += 2 if text[position] == "\\" else 1
    return position if position < len(text) else -1


def _is_formula(text: str, start: int, end: int) -> bool:
    content = text[start + 1 : end]
    before = text[start - 1] if start else ""
    after = text[end + 1 : end + 2]
    is_open = content[-1:].isspace() and not _COMMAND_END.search(content)
    if not content or content[0].isspace() or is_open or after.isdecimal():
        return False
    if content[-1] in _SEPARATORS and ((after.isascii() and after.isalnum()) or after in {"\\", "{", "("}):
        return False
    return bool(_TEX.search(content)) or not _is_money(before, content)


def _is_money(before: str, content: str) -> bool:
    """`5 and 7`, `5，又花了7` between two dollars; `US` before one and an amount after it; an amount before each: 5$和7$."""
    if before.isdecimal():
        return content[-1].isdecimal()
    amount = _AMOUNT.match(content)
    if amount is None:
        return False
    is_currency = before.isascii() and before.isalpha()
    return is_currency or bool(_WORD.search(content, amount.end()))
