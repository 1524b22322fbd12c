"""A year of days as a drawing: positions in a grid of weeks, and the same as a table by month."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from babel.dates import get_day_names, get_month_names

from app.checkins.streaks import Days, Kind
from app.core.i18n import LANGUAGES, current_language

# Side of a day's square in the drawing's units, and the same with its gap.
SIDE = 11
PITCH = 13
LEFT, TOP = 20, 18
WEEKS_OF_HALF = 26
# A month that begins after this day of the month has no room for its label before the next one's.
LATEST_LABEL = 14


@dataclass(frozen=True)
class Cell:
    """A day in the drawing. `kind` is a Kind, "none" for a day without a row, or "ahead" for a future day."""

    x: int
    y: int
    day: date
    kind: str
    is_today: bool


@dataclass(frozen=True)
class Label:
    x: int
    text: str


@dataclass(frozen=True)
class HalfYear:
    width: int
    cells: Sequence[Cell]
    months: Sequence[Label]


@dataclass(frozen=True)
class Month:
    """A row of the table: the number of days of learning, and the days of each kind as ranges: "1–3, 7"."""

    name: str
    learnt: int
    real: str
    made_up: str
    frozen: str


def half_years(days: Days, year: int, today: date, joined: date) -> list[HalfYear]:
    """From the day its owner `joined`: no day before that counts as missed."""
    halves = ((date(year, 1, 1), date(year, 6, 30)), (date(year, 7, 1), date(year, 12, 31)))
    return [_half_year(days, max(first, joined), last, today) for first, last in halves if joined <= last]


def _half_year(days: Days, first: date, last: date, today: date) -> HalfYear:
    names = month_names("abbreviated")
    cells, months = [], []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        x = LEFT + PITCH * ((number + first.weekday()) // 7)
        kind = "ahead" if day > today else days.get(day, "none")
        cells.append(Cell(x, TOP + PITCH * day.weekday(), day, str(kind), day == today))
        if day.day == 1 or (not number and day.day <= LATEST_LABEL):
            months.append(Label(x, names[day.month]))
    # A short half-year is drawn as large as a full one.
    return HalfYear(max(cells[-1].x, LEFT + PITCH * WEEKS_OF_HALF) + PITCH, cells, months)


def months_of(days: Days, year: int, today: date, joined: date) -> list[Month]:
    """The months of `year` from the one its owner `joined` in up to the current one."""
    names = month_names("wide")
    rows = []
    for month in range(1, 13):
        if date(year, month, 1) > today:
            break
        if (year, month) < (joined.year, joined.month):
            continue
        kinds = {day.day: kind for day, kind in days.items() if (day.year, day.month) == (year, month)}
        of_kind = [
            ranges(sorted(number for number, kind in kinds.items() if kind is wanted))
            for wanted in (Kind.REAL, Kind.MAKE_UP, Kind.FREEZE)
        ]
        rows.append(Month(names[month], sum(kind.counts for kind in kinds.values()), *of_kind))
    return rows


def ranges(numbers: Iterable[int]) -> str:
    """[1, 2, 3, 7] -> "1–3, 7"; the numbers must be sorted."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def month_names(width: Literal["abbreviated", "wide"]) -> dict[int, str]:
    return dict(get_month_names(width, "stand-alone", locale=_locale()))


def day_names(width: Literal["narrow"]) -> dict[int, str]:
    """0 is Monday."""
    return dict(get_day_names(width, "stand-alone", locale=_locale()))


def _locale() -> str:
    return LANGUAGES[current_language.get()]
