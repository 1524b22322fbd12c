"""Places in a page that features above may fill, though the page's own feature does not know them.

A provider gives HTML (or nothing); `app.features` connects it. The page's route asks: `slots.below_lesson(request, session,
lesson, user)`. A provider on a lesson's page may cost one SQL statement: the page has six in all.
"""

from collections.abc import Callable
from typing import Any

from fastapi import Request
from markupsafe import Markup
from sqlalchemy.orm import Session

# (request, session, subject, user or None for a visitor): the floor of HTTP does not know what a user is.
Provider = Callable[[Request, Session, Any, Any], Markup | None]


class Slot:
    """Filled by its providers in the order in which they were added."""

    def __init__(self) -> None:
        self._providers: list[Provider] = []

    def provide(self, provider: Provider) -> Provider:
        """Also a decorator."""
        self._providers.append(provider)
        return provider

    def __call__(self, request: Request, session: Session, subject: Any, user: Any) -> Markup:
        parts = (provider(request, session, subject, user) for provider in self._providers)
        return Markup("").join(part for part in parts if part)


# The subject is a Lesson with its course.
below_lesson = Slot()
# The subject is a Job.
below_job = Slot()
# No subject: what a signed-in reader should see first on the home page and on the progress page.
today = Slot()
# No subject: what has happened to a signed-in reader, on the home page alone.
news = Slot()
