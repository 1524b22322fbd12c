"""The HTML of a column's file as Markdown, with the pictures that were written into it."""

import base64
import binascii
import re
from collections.abc import Callable

from app.columns.html_to_markdown import html_to_markdown
from app.markup.picture_size import kind_of

_DATA_PICTURE = re.compile(r"data:image/[\w.+-]+(?:;[\w=-]+)*;base64,([A-Za-z0-9+/=\s%]+)", re.I)


def converted(html: str, first_line: int) -> tuple[str, list[tuple[int, str]], dict[str, bytes]]:
    """(Markdown of `html`, what was noted by line, the pictures that were written into it by their names)."""
    noted: list[tuple[int, str]] = []
    pictures: dict[str, bytes] = {}
    markdown = html_to_markdown(
        html, first_line, lambda line, message: noted.append((line, message)), _keeper(pictures)
    )
    return markdown, noted, pictures


def _keeper(pictures: dict[str, bytes]) -> Callable[[str], str | None]:
    def keep(address: str) -> str | None:
        """A picture that is written into the page itself becomes a file of the lesson."""
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
