"""A user's days as of now. The only place in check-ins that reads the clock."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from sqlalchemy.orm import Session

from app.checkins import queries, streaks
from app.checkins.calendars import Calendar
from app.checkins.streaks import Kind, Summary
from app.core.clock import now


@dataclass(frozen=True)
class Record:
    """`stored` has a kind for each date with a row; `today` is the date on the user's calendar."""

    moment: datetime
    calendar: Calendar
    stored: dict[date, Kind]

    @cached_property
    def today(self) -> date:
        return self.calendar.date_at(self.moment)

    @cached_property
    def due_freezes(self) -> list[date]:
        """Freezes used but without a row so far: pages show them, the next write stores them."""
        return streaks.due_freezes(self._known, self.today)

    @cached_property
    def days(self) -> dict[date, Kind]:
        return {**self._known, **dict.fromkeys(self.due_freezes, Kind.FREEZE)}

    @cached_property
    def summary(self) -> Summary:
        return streaks.summary(self.days, self.today)

    def make_up_days(self, first: date) -> list[date]:
        return streaks.make_up_days(self.days, self.today, first)

    @cached_property
    def _known(self) -> dict[date, Kind]:
        return {**dict.fromkeys(self.calendar.absent(), Kind.ABSENT), **self.stored}


def calendar_of(session: Session, user_id: UUID) -> Calendar:
    return Calendar(queries.zone_changes(session, user_id))


def record_of(session: Session, user_id: UUID) -> Record:
    """One statement, whatever the number of days."""
    days, changes = queries.days_and_zones(session, user_id)
    return Record(now(), Calendar(changes), days)
