"""Lists that are shown page by page, with numbers (`components/pagination.html`)."""

from typing import NamedTuple


class PageOf(NamedTuple):
    """Which page of how many, and how many entries stand before it."""

    number: int
    pages: int
    offset: int


def page_of(number: int, total: int, size: int) -> PageOf:
    """The page that was asked for, or the nearest one that exists; `size` entries stand on one."""
    pages = max(1, -(-total // size))
    number = min(max(1, number), pages)
    return PageOf(number, pages, (number - 1) * size)
