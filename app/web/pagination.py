"""Numbered pages of lists (`components/pagination.html`)."""

from typing import NamedTuple


class PageOf(NamedTuple):
    """The page's number, the number of pages, and of the entries before it."""

    number: int
    pages: int
    offset: int


def page_of(number: int, total: int, size: int) -> PageOf:
    """The requested page, or the nearest one that exists; `size` entries per page."""
    pages = max(1, -(-total // size))
    number = min(max(1, number), pages)
    return PageOf(number, pages, (number - 1) * size)
