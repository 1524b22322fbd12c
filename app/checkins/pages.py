"""View models of the check-in pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from markupsafe import Markup

from app.checkins.heatmap import HalfYear, Month
from app.checkins.models import CheckIn, CheckInSettings
from app.checkins.streaks import ONE, Summary
from app.web.fields import FIRST_YEAR


@dataclass(frozen=True)
class WeekDay:
    """`kind` as in heatmap.Cell."""

    day: date
    name: str
    kind: str
    is_today: bool


@dataclass(frozen=True)
class WeekMarks:
    """The current week; `done` days of learning out of the student's `goal`."""

    days: Sequence[WeekDay]
    done: int
    goal: int


@dataclass(frozen=True)
class YearMarks:
    """`earlier` and `later` are the neighbouring years that have something to show."""

    year: int
    halves: Sequence[HalfYear]
    months: Sequence[Month]
    week_names: Sequence[str]
    learnt: int
    earlier: int | None
    later: int | None


@dataclass(frozen=True)
class CalendarPage:
    """A student's own days. `entry` is today's check-in; `is_fresh` right after it was made: the page celebrates it."""

    today: date
    zone: str
    summary: Summary
    entry: CheckIn | None
    week: WeekMarks
    year: YearMarks
    latest: Sequence[CheckIn]
    make_up_days: Sequence[date]
    is_fresh: bool = False
    # The day that has just been made up for.
    made_up: date | None = None
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class WallEntry:
    """A check-in as a reader sees it. `name` is the author's name as the reader may see it."""

    id: UUID
    author_id: UUID
    name: str
    day: date
    kind: str
    source: str
    note: str
    cheers: int
    is_cheered: bool
    is_own: bool
    replies: int = 0


@dataclass(frozen=True)
class Standing:
    """A row of the class board: days of learning this week, out of seven, including `made_up`."""

    user_id: UUID
    name: str
    days: int
    made_up: int
    is_own: bool


@dataclass(frozen=True)
class WallPage:
    """`more` is the address of the rest of the day, if there is more."""

    day: date
    today: date
    entries: Sequence[WallEntry]
    more: str | None
    has_own: bool
    is_from_start: bool

    @property
    def previous(self) -> date | None:
        return self.day - ONE if self.day > date(FIRST_YEAR, 1, 1) else None

    @property
    def next(self) -> date | None:
        return self.day + ONE if self.day < self.today else None


@dataclass(frozen=True)
class ClassBoardPage:
    first: date
    last: date
    standings: Sequence[Standing]
    more: str | None
    is_on_it: bool


@dataclass(frozen=True)
class CheckInPage:
    """One check-in with its replies. `wall` is the address of its place on the wall."""

    entry: WallEntry
    wall: str
    discussion: Markup
    # Staff may remove somebody's note, giving a reason.
    can_moderate: bool


@dataclass(frozen=True)
class SettingsPage:
    """`zone` applies today, `next_zone` from tomorrow. `feed_address` is set only right after it was made."""

    settings: CheckInSettings
    today: date
    zone: str
    next_zone: str
    zones: Mapping[str, Sequence[str]]
    feed_address: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TodaySlot:
    summary: Summary
    # Whether the user has ever checked in.
    is_begun: bool
