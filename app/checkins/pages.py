"""What the pages of check-ins show."""

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
    """The current week; `done` days of learning of the `goal` that the student chose."""

    days: Sequence[WeekDay]
    done: int
    goal: int


@dataclass(frozen=True)
class YearMarks:
    """`earlier` and `later` are the years beside it that have something to show."""

    year: int
    halves: Sequence[HalfYear]
    months: Sequence[Month]
    week_names: Sequence[str]
    learnt: int
    earlier: int | None
    later: int | None


@dataclass(frozen=True)
class CalendarPage:
    """A student's own days. `entry` is today's check-in; `is_fresh` right after it was made: a moment of joy."""

    today: date
    zone: str
    summary: Summary
    entry: CheckIn | None
    week: WeekMarks
    year: YearMarks
    latest: Sequence[CheckIn]
    make_up_days: Sequence[date]
    is_fresh: bool = False
    # The day that has just been made up.
    made_up: date | None = None
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class WallEntry:
    """Somebody's day, for a reader. `name` is what the reader may see of the author's."""

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
    """A place on the class board: days of learning in this week, of seven; `made_up` among them."""

    user_id: UUID
    name: str
    days: int
    made_up: int
    is_own: bool


@dataclass(frozen=True)
class WallPage:
    """`more` is the address of the rest of the day, where there is more."""

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
    """One check-in, and below it what is said about it. `wall` is the address of its place on the wall."""

    entry: WallEntry
    wall: str
    discussion: Markup
    # Staff may take somebody's words away, with a reason.
    can_moderate: bool


@dataclass(frozen=True)
class SettingsPage:
    """`zone` counts today, `next_zone` from tomorrow. `feed_address` is there once, right after it was made."""

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
    # Whether there was ever a check-in.
    is_begun: bool
