"""The local date of a user who may move between time zones.

A change of zone applies from the next local day. Flying west makes the day of the change longer, flying east makes the day
after it shorter; no date comes twice, and no date that had begun is lost. Only a move by 24 hours or more (Pago Pago to Apia,
across the date line) skips a date that none of the user's clocks showed: `absent` lists it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

DEFAULT_ZONE = "Asia/Shanghai"
ONE = timedelta(days=1)
# Folders of the zone database that name no place, and old names kept for compatibility.
_REGIONS = {
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific",
}  # fmt: skip


@dataclass(frozen=True)
class ZoneChange:
    """From this local date on, the user's days are those of `zone`."""

    from_date: date
    zone: str


@dataclass(frozen=True)
class Calendar:
    """A user's zones: the first one, and the changes since, in ascending order of date."""

    changes: Sequence[ZoneChange] = ()
    first_zone: str = DEFAULT_ZONE

    def date_at(self, moment: datetime) -> date:
        """`moment` must be timezone-aware."""
        day = moment.astimezone(zone(self.first_zone)).date()
        for change in self.changes:
            if day < change.from_date:
                break
            # Moving west: the day of the change lasts until the new zone's midnight.
            day = max(moment.astimezone(zone(change.zone)).date(), change.from_date - ONE)
        return day

    def begin_of(self, day: date) -> datetime:
        """The first moment of a date that exists in this calendar."""
        # At a change of zone: moving west, the new zone's midnight is the later one; moving east, the old zone's.
        zones = {self.zone_on(day - ONE), self.zone_on(day)}
        return max(datetime.combine(day, time(), zone(name)).astimezone(UTC) for name in zones)

    def zone_on(self, day: date) -> str:
        """The zone in effect on the local date `day`."""
        return next(
            (change.zone for change in reversed(self.changes) if change.from_date <= day), self.first_zone
        )

    def zone_after(self, day: date) -> str:
        """The zone in effect from the day after `day`."""
        return self.zone_on(day + ONE)

    def absent(self) -> list[date]:
        """Dates that this calendar skips."""
        found: list[date] = []
        begin = datetime.min.replace(tzinfo=UTC)
        before = self.first_zone
        for change in self.changes:
            midnight = datetime.combine(change.from_date, time(), zone(before))
            begin = max(begin, midnight.astimezone(UTC))
            first = begin.astimezone(zone(change.zone)).date()
            found += [change.from_date + number * ONE for number in range((first - change.from_date).days)]
            before = change.zone
        return found


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache
def zone_names() -> dict[str, list[str]]:
    """The zones to choose from, sorted, by region: {"Asia": ["Asia/Aden", …], …}."""
    names = sorted(name for name in available_timezones() if name.partition("/")[0] in _REGIONS)
    return {region: [n for n in names if n.partition("/")[0] == region] for region in sorted(_REGIONS)} | {
        "UTC": ["UTC"]
    }


def is_zone(name: str) -> bool:
    return any(name in names for names in zone_names().values())
