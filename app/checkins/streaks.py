"""What follows from the days on which somebody checked in. Dates only: no clock, no zone, no database.

`days` maps each date that has a row to the row's kind. Of all this only freeze days are stored, and they come out the
same whenever they are computed: a day that ends without a row uses up a freeze if one is held at that time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

ONE = timedelta(days=1)
MOST_FREEZES = 2
REAL_DAYS_PER_FREEZE = 7
MAKE_UPS = 2
MAKE_UP_WINDOW = timedelta(days=30)
MAKE_UP_REACH = timedelta(days=3)


class Kind(StrEnum):
    REAL = "real"
    MAKE_UP = "make-up"  # recorded afterwards
    FREEZE = "freeze"  # no activity, but the streak continues
    # Never stored: a date that a traveller's calendar skips (see calendars.py). It cannot break a streak.
    ABSENT = "absent"

    @property
    def counts(self) -> bool:
        """Whether it is a day of learning."""
        return self in {Kind.REAL, Kind.MAKE_UP}


Days = Mapping[date, Kind]


@dataclass(frozen=True)
class Summary:
    """What a student sees of all this, most lasting first."""

    total: int
    current: int
    longest: int
    freezes: int
    # Real days until the next freeze is earned.
    days_to_freeze: int
    is_done_today: bool


def summary(days: Days, today: date) -> Summary:
    freezes, due = _walk(days, today)
    days = {**days, **dict.fromkeys(due, Kind.FREEZE)}
    real_days = sum(kind is Kind.REAL for kind in days.values())
    return Summary(
        total=sum(kind.counts for kind in days.values()),
        current=current(days, today),
        longest=longest(days),
        freezes=freezes,
        days_to_freeze=REAL_DAYS_PER_FREEZE - real_days % REAL_DAYS_PER_FREEZE,
        is_done_today=today in days,
    )


def current(days: Days, today: date) -> int:
    """Length in days of learning of the unbroken run up to today, or up to yesterday if today has none so far.

    Freeze days continue the run but are not counted.
    """
    day = today if today in days else today - ONE
    count = 0
    while day in days:
        count += days[day].counts
        day -= ONE
    return count


def longest(days: Days) -> int:
    best = count = 0
    previous = None
    for day in sorted(days):
        if previous != day - ONE:
            count = 0
        count += days[day].counts
        best = max(best, count)
        previous = day
    return best


def due_freezes(days: Days, today: date) -> list[date]:
    """The missed days before `today` that are covered by a freeze held at the time, and that have no row yet."""
    return _walk(days, today)[1]


def make_up_days(days: Days, today: date, first: date) -> list[date]:
    """The days that may be made up for now, latest first: at most MAKE_UP_REACH ago, not before `first` (the account's first day),
    and such that no 30 consecutive days get more than MAKE_UPS.
    """
    made_up = [day for day, kind in days.items() if kind is Kind.MAKE_UP]
    due = set(due_freezes(days, today))
    return [
        day
        for day in _back_from(today - ONE, max(first, today - MAKE_UP_REACH))
        if day not in days and day not in due and _keeps_the_limit([*made_up, day])
    ]


def _keeps_the_limit(made_up: list[date]) -> bool:
    """Whether no MAKE_UP_WINDOW has more than MAKE_UPS of these days."""
    made_up.sort()
    return all(
        later - earlier >= MAKE_UP_WINDOW for earlier, later in zip(made_up, made_up[MAKE_UPS:], strict=False)
    )


def week_of(day: date) -> list[date]:
    """Monday to Sunday."""
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=number) for number in range(7)]


def _walk(days: Days, today: date) -> tuple[int, list[date]]:
    """Day by day from the first row on: how many freezes are held now, and which missed days used one.

    Every seventh real day earns a freeze, unless two are held already.
    """
    held = real_days = 0
    due: list[date] = []
    if not days:
        return held, due
    for day in _forward(min(days), today):
        kind = days.get(day)
        if kind is Kind.REAL:
            real_days += 1
            if real_days % REAL_DAYS_PER_FREEZE == 0:
                held = min(MOST_FREEZES, held + 1)
        elif kind is Kind.FREEZE:
            held = max(0, held - 1)
        elif kind is None and held and day < today:
            held -= 1
            due.append(day)
    return held, due


def _forward(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _back_from(last: date, first: date) -> Iterator[date]:
    return (last - timedelta(days=number) for number in range((last - first).days + 1))
