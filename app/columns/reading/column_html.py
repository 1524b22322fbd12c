"""The text of a column's file, HTML or Markdown, as a lesson's Markdown, with its inline (data: URI) pictures."""

import base64
import binascii
import re
from collections.abc import Callable

from app.columns.reading.html_to_markdown import html_to_markdown
from app.columns.reading.markdown_files import is_markdown, markdown_to_html
from app.core.i18n import N_
from app.core.sentences import Sentence
from app.markup.picture_size import kind_of

_DATA_PICTURE = re.compile(r"data:image/[\w.+-]+(?:;[\w=-]+)*;base64,([A-Za-z0-9+/=\s%]+)", re.I)


def converted(text: str, first_line: int) -> tuple[str, list[tuple[int, str]], dict[str, bytes]]:
    """(Markdown of `text`, remarks by line, inline pictures by name)."""
    noted: list[tuple[int, str]] = []
    pictures: dict[str, bytes] = {}

    def note(line: int, message: str) -> None:
        noted.append((line, message))

    if is_markdown(text):
        note(0, Sentence(N_("this file is Markdown, and was read as such")))
        text = markdown_to_html(text, first_line, note)
    return html_to_markdown(text, first_line, note, _keeper(pictures)), noted, pictures


def _keeper(pictures: dict[str, bytes]) -> Callable[[str], str | None]:
    def keep(address: str) -> str | None:
        """An inline picture (data: URI) becomes a file of the lesson."""
        match = _DATA_PICTURE.fullmatch(address)
        try:
            content = base64.b64decode(match[1], validate=False) if match else b""
        except binascii.Error:
            return None
        kind = kind_of(content) if len(content) <= 2_000_000 else None
        if kind is None:
            return None
        name = f"figures/picture-{len(pictures) + 1}.{'jpg' if kind == 'jpeg' else kind}"
        pictures[name] = content
        return name

    return keep
