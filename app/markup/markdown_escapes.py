"""Escaping text so that Markdown takes it literally."""

import re

_SPECIAL = re.compile(
    r"[\\`*<>\[\]$|{}]|~(?=~)|(?<=~)~|_(?![^\W_])|(?<![^\W_])_|!(?=\[|$)|&(?=#?\w+;)|(?<=\^)\[|\A\^|\^(?=\[|\Z)"
)
_LINE_START = re.compile(r"(#{1,6}(?=\s|$)|[-+](?=\s|$)|=+\s*$|-+\s*$|:::|~~~|:-)")
_NUMBERED = re.compile(r"(\d{1,9})([.)])(?=\s|$)")


def escape_text(text: str) -> str:
    return _SPECIAL.sub(lambda match: "\\" + match[0], text)


def escape_line(line: str) -> str:
    """Escape a line that would begin a heading, a list or another block."""
    line = _LINE_START.sub(lambda match: "\\" + match[0], line, count=1) if _LINE_START.match(line) else line
    return _NUMBERED.sub(r"\1\\\2", line, count=1) if _NUMBERED.match(line) else line


def only_text(text: str) -> str:
    """Escape text completely: no character of it is a mark."""
    return "".join(c if c.isalnum() or c == " " or ord(c) > 127 else f"&#{ord(c)};" for c in text)
