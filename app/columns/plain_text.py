"""Plain text as Markdown of a comment that shows it exactly as typed."""

import re
from collections.abc import Callable
from html import unescape

from app.board.text.rendering import render_comment
from app.markup.markdown_escapes import escape_line, escape_text, only_text

_BREAK = re.compile(r"<br>\n?|</p>\n<p>")
_TAG = re.compile(r"<[^>]*>")
_ADDRESS = re.compile(
    r"(https?://[^\s<>\x00-\x20\x7f-\U0010ffff]*[^\s<>\x00-\x20\x7f-\U0010ffff.,;:!?'\")\]}*_])"
)


def shown_as_typed(text: str) -> str:
    """Markdown that keeps the lines, leading spaces and symbols of `text`. Runs of empty lines become one."""
    markdown = _written(text, _escaped)
    return markdown if seen_in_comment(markdown) == seen_in_text(text) else _written(text, only_text)


def seen_in_text(text: str) -> list[str]:
    """The lines of a plain text as a reader sees them."""
    lines = (line.expandtabs(4).replace("\u00a0", " ").rstrip() for line in text.split("\n"))
    return [line for line in lines if line]


def seen_in_comment(markdown: str) -> list[str]:
    """The lines that a reader sees of a comment."""
    html = _BREAK.sub("\n", render_comment(markdown).strip())
    lines = unescape(_TAG.sub("", html)).replace("\u00a0", " ").split("\n")
    return [line.rstrip() for line in lines if line.strip()]


def _escaped(line: str) -> str:
    """Addresses stay links. One with symbols that need escaping is written as an explicit link, as the escape would become part of it."""
    return "".join(
        _link(part) if place % 2 else escape_text(part) for place, part in enumerate(_ADDRESS.split(line))
    )


def _link(address: str) -> str:
    words = escape_text(address)
    return address if words == address and "%" not in address else f"[{words}](<{address}>)"


def _written(text: str, escape: Callable[[str], str]) -> str:
    lines = (_line(line.expandtabs(4).rstrip(), escape) for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _line(line: str, escape: Callable[[str], str]) -> str:
    words = line.lstrip()
    indent, written = line[: len(line) - len(words)], escape_line(escape(words))
    written = re.sub(r"(?<= ) ", "&nbsp;", written)
    return "".join(_entity(c) for c in indent) + re.sub(r"[^\S ]", lambda m: _entity(m[0]), written)


def _entity(space: str) -> str:
    return "&nbsp;" if space in " \u00a0" else f"&#{ord(space)};"
