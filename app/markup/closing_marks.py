"""Keeping closing punctuation on the line of the formula before it.

Chromium may break a line after any `<math>`, so that a line would begin with a full stop or a comma. Both are wrapped in
one element that does not break.
"""

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

_CLOSING = re.compile(r"[。，、；：！？…）」』》】”’.,;:!?)\]%]+")
_SPAN = {"class": "keep-together"}


def closing_marks_plugin(markdown: MarkdownIt) -> None:
    markdown.core.ruler.push("closing_marks", _keep_closing_marks)


def _keep_closing_marks(state: StateCore) -> None:
    for token in state.tokens:
        if token.children and any(child.type == "math_inline" for child in token.children):
            token.children = _kept_together(token.children)


def _kept_together(children: Sequence[Token]) -> list[Token]:
    kept: list[Token] = []
    for position, child in enumerate(children):
        following = children[position + 1] if position + 1 < len(children) else None
        is_text = following is not None and following.type == "text"
        marks = _CLOSING.match(following.content) if following and is_text else None
        if child.type != "math_inline" or following is None or marks is None:
            kept.append(child)
            continue
        following.content = following.content[marks.end() :]
        opening = Token("keep_together_open", "span", 1, attrs=dict(_SPAN), map=child.map)
        closing = Token("keep_together_close", "span", -1)
        kept += [opening, child, Token("text", "", 0, content=marks[0], map=child.map), closing]
    return kept
