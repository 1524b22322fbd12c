"""Addresses that stand in a text as they are, https://example.org/a, become links."""

import re

from linkify_it import LinkifyIt
from markdown_it import MarkdownIt

_ASCII = re.compile(r"[!-~]*")


class WebAddresses(LinkifyIt):
    """http and https alone; nothing is guessed from a name with dots in it, which is more often a module of Python.

    An address ends where another script begins: Chinese goes on without a space, and its punctuation is no part of a path.
    """

    def __init__(self) -> None:
        self._any = LinkifyIt()
        super().__init__(
            {"http:": {"validate": self._validate}, "ftp:": None, "//": None, "mailto:": None},
            {"fuzzy_link": False, "fuzzy_ip": False, "fuzzy_email": False},
        )

    def pretest(self, text: str) -> bool:
        """Most texts have none."""
        return "://" in text

    def _validate(self, text: str, start: int) -> int:
        """How many characters from `start` on, after the scheme, belong to the address; 0 for none."""
        ascii_part = _ASCII.match(text, start)
        assert ascii_part is not None  # it matches the empty text, too
        return self._any.test_schema_at(text[: ascii_part.end()], "http:", start)


def bare_links_plugin(markdown: MarkdownIt) -> None:
    markdown.linkify = WebAddresses()
    markdown.options["linkify"] = True
    markdown.enable("linkify")
