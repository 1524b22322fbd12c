from dataclasses import dataclass
from uuid import UUID

from app.checkins.calendars import Calendar
from app.checkins.models import CheckIn


@dataclass(frozen=True)
class ZoneChosen:
    """Somebody's days will be those of another zone."""

    user_id: UUID
    before: Calendar
    after: Calendar


@dataclass(frozen=True)
class Cheered:
    """Somebody else cheers at a check-in; with `on` False, no longer."""

    check_in: CheckIn
    by_id: UUID
    on: bool = True
