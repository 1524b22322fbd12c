"""Progress by week. A week begins on Monday, on its reader's own calendar, as for check-ins."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

WEEKS = 12


@dataclass(frozen=True)
class Week:
    """What was done for the first time in the week that begins on `monday`."""

    monday: date
    lessons: int
    questions: int
    labs: int


def by_week(
    lessons: Iterable[date], questions: Iterable[date], labs: Iterable[date], today: date
) -> list[Week]:
    """The last WEEKS weeks up to `today`, newest first, starting with the week of the first entry; empty without any."""
    counts = [Counter(monday_of(day) for day in days) for days in (lessons, questions, labs)]
    if not any(counts):
        return []
    first = min(monday for count in counts for monday in count)
    mondays = [monday_of(today) - timedelta(weeks=back) for back in range(WEEKS)]
    return [Week(monday, *(count[monday] for count in counts)) for monday in mondays if monday >= first]


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())
