"""The syntax of a mention, and its Markdown parser rule. Without the database: sandboxed processes import it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

UUID_PATTERN = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
MENTION = re.compile(rf"@\[([^\[\]\n]{{0,80}})\]\(user:({UUID_PATTERN})\)", re.I)


def mention_plugin(markdown: MarkdownIt) -> None:
    markdown.inline.ruler.before("link", "mention", _rule)
    markdown.add_render_rule("mention", _render)


def _rule(state: StateInline, silent: bool) -> bool:
    match = MENTION.match(state.src, state.pos, state.posMax) if state.src[state.pos] == "@" else None
    if match is None:
        return False
    if not silent:
        token = state.push("mention", "a", 0)
        token.meta = {"user": str(UUID(match[2]))}
    state.pos = match.end()
    return True


def _render(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: object, _env: object
) -> str:
    return f'<a class="mention" href="/people/{tokens[index].meta["user"]}">@</a>'
