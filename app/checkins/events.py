from dataclasses import dataclass
from uuid import UUID

from app.checkins.calendars import Calendar
from app.checkins.models import CheckIn


@dataclass(frozen=True)
class ZoneChosen:
    """A user has chosen another time zone."""

    user_id: UUID
    before: Calendar
    after: Calendar


@dataclass(frozen=True)
class Cheered:
    """Somebody else cheers a check-in; with `on` False, no longer does."""

    check_in: CheckIn
    by_id: UUID
    on: bool = True
