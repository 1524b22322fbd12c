"""A time zone for calendar programs, as rules. Some of them ignore a zone that lists its changes one by one.

The rule in effect from now on is at the end of a zone's file, in POSIX form: `CET-1CEST,M3.5.0,M10.5.0/3`. It is written as
RRULEs that start in the first year since which the zone has followed it.
"""

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any
from zoneinfo import TZPATH

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

from app.checkins.calendars import zone

EARLIEST, PROVEN_YEARS = 1970, 10
_DAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
_NAME, _TIME = r"(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]+>)", r"[+-]?\d{1,3}(?::\d{2}(?::\d{2})?)?"
_RULE = rf"M(\d{{1,2}})\.(\d)\.(\d)(?:/({_TIME}))?"
_POSIX = re.compile(rf"({_NAME})({_TIME})(?:({_NAME})({_TIME})?,{_RULE},{_RULE})?")


@dataclass(frozen=True)
class Change:
    """The yearly change to `offset`: on the `week`-th (5: last) `weekday` (0: Sunday) of `month`, `at` after its local midnight."""

    name: str
    before: timedelta
    offset: timedelta
    month: int
    week: int
    weekday: int
    at: timedelta

    def local_moment(self, year: int) -> datetime:
        """Local time on the clock before the change."""
        if self.week == 5:
            following = date(year + self.month // 12, self.month % 12 + 1, 1)
            day = following - timedelta(days=1)
            day -= timedelta(days=(day.isoweekday() - self.weekday) % 7)
        else:
            first = date(year, self.month, 1)
            day = first + timedelta(days=(self.weekday - first.isoweekday()) % 7 + 7 * (self.week - 1))
        return datetime(day.year, day.month, day.day) + self.at

    def recurrence(self) -> dict[str, object] | None:
        """None if RFC 5545 cannot express it: past the end of a month."""
        days = self.at // timedelta(days=1)
        rule: dict[str, object] = {"freq": "yearly", "bymonth": self.month}
        if not days:
            return rule | {"byday": f"{-1 if self.week == 5 else self.week}{_DAYS[self.weekday]}"}
        first = -7 + days if self.week == 5 else 7 * (self.week - 1) + 1 + days
        among = list(range(first, first + 7))
        shortest = monthrange(2027, self.month)[1]
        if among[-1] > -1 if self.week == 5 else not 1 <= among[0] <= among[-1] <= shortest:
            return None
        return rule | {"bymonthday": among, "byday": _DAYS[(self.weekday + days) % 7]}


@lru_cache(maxsize=256)
def zone_component(name: str) -> Timezone | None:
    """The VTIMEZONE of a zone, by rules; None for a zone without a rule, whose changes have to be listed."""
    match = _POSIX.fullmatch(_footer(name))
    if match is None:
        return None
    standard, dst = match[1].strip("<>"), match[3]
    offset = -_duration(match[2])
    if dst is None:
        return None if _differs(name, offset) else _zone(name, [_steady(standard, offset)])
    summer = -_duration(match[4]) if match[4] else offset + timedelta(hours=1)
    begins, ends = _days(match.group(5, 6, 7)), _days(match.group(9, 10, 11))
    changes = [
        Change(dst.strip("<>"), offset, summer, *begins, _at(match[8])),
        Change(standard, summer, offset, *ends, _at(match[12])),
    ]
    parts = [_yearly(name, change) for change in changes]
    return _zone(name, [part for part in parts if part]) if all(parts) else None


def _days(texts: tuple[str | Any, ...]) -> tuple[int, int, int]:
    month, week, weekday = map(int, texts)
    return month, week, weekday


def _yearly(name: str, change: Change) -> TimezoneDaylight | TimezoneStandard | None:
    """A change, starting in the first year since which the zone has followed it; None if future years do not follow it."""
    this_year = datetime.now(UTC).year
    rule = change.recurrence()
    if rule is None or not all(_keeps(name, change, this_year + years) for years in range(PROVEN_YEARS)):
        return None
    first = this_year
    while first > EARLIEST and _keeps(name, change, first - 1):
        first -= 1
    part: TimezoneDaylight | TimezoneStandard
    part = TimezoneDaylight() if change.offset > change.before else TimezoneStandard()
    part.add("dtstart", change.local_moment(first))
    part.add("rrule", rule)
    return _offsets(part, change.name, change.before, change.offset)


def _keeps(name: str, change: Change, year: int) -> bool:
    """Whether the zone's data for that year agrees with the rule."""
    at = (change.local_moment(year) - change.before).replace(tzinfo=UTC)
    seen = [(at + step).astimezone(zone(name)).utcoffset() for step in (-timedelta(seconds=1), timedelta())]
    return seen == [change.before, change.offset]


def _steady(name: str, offset: timedelta) -> TimezoneDaylight | TimezoneStandard:
    part = TimezoneStandard()
    part.add("dtstart", datetime(EARLIEST, 1, 1))
    return _offsets(part, name, offset, offset)


def _offsets(
    part: TimezoneDaylight | TimezoneStandard, name: str, before: timedelta, offset: timedelta
) -> TimezoneDaylight | TimezoneStandard:
    part.add("tzname", name)
    part.add("tzoffsetfrom", before)
    part.add("tzoffsetto", offset)
    return part


def _zone(name: str, parts: Sequence[TimezoneDaylight | TimezoneStandard]) -> Timezone:
    component = Timezone()
    component.add("tzid", name)
    for part in parts:
        component.add_component(part)
    return component


def _differs(name: str, offset: timedelta) -> bool:
    """Whether a zone without a yearly rule changes its offset in future years: some follow the moon."""
    begin = datetime.now(UTC)
    days = range(0, 366 * PROVEN_YEARS, 7)
    return any((begin + timedelta(days=day)).astimezone(zone(name)).utcoffset() != offset for day in days)


def _at(text: str | None) -> timedelta:
    return _duration(text) if text else timedelta(hours=2)


def _duration(text: str) -> timedelta:
    """`-3:30` -> minus three and a half hours."""
    sign = -1 if text.startswith("-") else 1
    parts = [int(part) for part in text.lstrip("+-").split(":")]
    hours, minutes, seconds = [*parts, 0, 0][:3]
    return sign * timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _footer(name: str) -> str:
    """The last line of the zone's file, from the operating system or the package tzdata."""
    found = next((path for root in TZPATH if (path := Path(root) / name).is_file()), None)
    content = (
        found.read_bytes()
        if found
        else resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()
    )
    return content.rstrip(b"\n").rpartition(b"\n")[2].decode("ascii", "replace")
