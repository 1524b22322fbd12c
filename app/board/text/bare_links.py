"""Bare addresses in a text, such as https://example.org/a, become links."""

import re

from linkify_it import LinkifyIt
from markdown_it import MarkdownIt

_ASCII = re.compile(r"[!-~]*")


class WebAddresses(LinkifyIt):
    """http and https only; a name with dots in it is never linked, as it is more often a Python module.

    An address ends where another script begins: Chinese continues without a space, and its punctuation is not part of a path.
    """

    def __init__(self) -> None:
        self._any = LinkifyIt()
        super().__init__(
            {"http:": {"validate": self._validate}, "ftp:": None, "//": None, "mailto:": None},
            {"fuzzy_link": False, "fuzzy_ip": False, "fuzzy_email": False},
        )

    def pretest(self, text: str) -> bool:
        """Most texts have none, and are skipped cheaply."""
        return "://" in text

    def _validate(self, text: str, start: int) -> int:
        """Number of characters from `start` on, after the scheme, that belong to the address; 0 for none."""
        ascii_part = _ASCII.match(text, start)
        assert ascii_part is not None  # it matches the empty text, too
        return self._any.test_schema_at(text[: ascii_part.end()], "http:", start)


def bare_links_plugin(markdown: MarkdownIt) -> None:
    markdown.linkify = WebAddresses()
    markdown.options["linkify"] = True
    markdown.enable("linkify")
