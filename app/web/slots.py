"""Slots in a page for features above, which the page's own feature does not know.

A provider returns HTML (or nothing) and is connected in its feature's `listeners.py`. The page's route calls
`slots.below_lesson(request, session, lesson, user)`. A provider on a lesson's page may cost one SQL statement: the page has six
in all. On a cached page, a provider also declares what makes it stale.
"""

from collections.abc import Callable
from typing import Any

from fastapi import Request
from markupsafe import Markup
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.web.kept_pages import visitors

# (request, session, subject, user or None for a visitor): the web layer does not know the type of a user.
Provider = Callable[[Request, Session, Any, Any], Markup | None]


class Slot:
    """On an uncached page. Filled by its providers in order of connection."""

    def __init__(self) -> None:
        self._providers: list[Provider] = []

    def provide(self, provider: Provider) -> Provider:
        """Also usable as a decorator."""
        self._providers.append(provider)
        return provider

    def __call__(self, request: Request, session: Session, subject: Any, user: Any) -> Markup:
        parts = (provider(request, session, subject, user) for provider in self._providers)
        return Markup("").join(part for part in parts if part)


class ReadersSlot(Slot):
    """On a page cached for visitors: they see nothing in it."""

    def __call__(self, request: Request, session: Session, subject: Any, user: Any) -> Markup:
        return super().__call__(request, session, subject, user) if user else Markup("")


class KeptSlot:
    """On a page cached for visitors and for readers, see `app.web.kept_pages`."""

    def __init__(self) -> None:
        self._slot = Slot()
        # Scalar subqueries, correlated to the tables of the page's own stamp. Complete before the first request.
        self.stamp: tuple[ColumnElement[Any], ...] = ()

    def provide(
        self, *, shows: tuple[type, ...], stamp: tuple[ColumnElement[Any], ...]
    ) -> Callable[[Provider], Provider]:
        """A decorator. A changed row in the tables `shows` invalidates visitors' pages; one in `stamp`, a reader's."""

        def connect(provider: Provider) -> Provider:
            visitors.also_shown(*shows)
            self.stamp += stamp
            return self._slot.provide(provider)

        return connect

    def __call__(self, request: Request, session: Session, subject: Any, user: Any) -> Markup:
        return self._slot(request, session, subject, user)


# The subject is a Lesson with its course; the stamp's tables are Lesson, Course and User.
below_lesson = KeptSlot()
# The subject is a Job.
below_job = Slot()
# The subject is a Job, beside whose result this is shown to members.
beside_job = ReadersSlot()
# No subject: what a signed-in reader should see first on the home and progress pages.
today = ReadersSlot()
# No subject: recent events for a signed-in reader, on the home page only.
news = ReadersSlot()
