"""Streaks against a plain model, and calendars of people who travel."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.checkins.calendars import Calendar, ZoneChange, zone_names
from app.checkins.streaks import Kind, current, due_freezes, longest, make_up_days, summary, week_of

ONE = timedelta(days=1)
START = date(2024, 1, 1)


def days(text: str, first: date = START) -> dict[date, Kind]:
    """A letter per day: r real, m make-up, f freeze, - nothing."""
    kinds = {"r": Kind.REAL, "m": Kind.MAKE_UP, "f": Kind.FREEZE, "a": Kind.ABSENT}
    return {first + n * ONE: kinds[letter] for n, letter in enumerate(text) if letter in kinds}


def day(number: int) -> date:
    return START + number * ONE


histories = st.text("rrrrrm-", max_size=60).map(days)
# With dates that a calendar lacks; the first day always exists.
travels = st.text("rrrrrrrm-a", max_size=60).map(lambda text: days("r" + text))


# What is shown


def test_the_streak_is_alive_until_midnight_and_not_zero_before() -> None:
    assert summary(days("rrr"), day(2)).current == 3
    assert summary(days("rrr"), day(3)).current == 3
    assert summary(days("rrr"), day(4)).current == 0


def test_the_days_in_all_never_go_back() -> None:
    assert [summary(days("rr---rr"), day(n)).total for n in (6, 7, 30, 400)] == [4, 4, 4, 4]


def test_the_longest_streak_stays_when_the_current_one_ends() -> None:
    found = summary(days("rrrr---rr"), day(9))
    assert (found.total, found.current, found.longest) == (6, 2, 4)


def test_a_leap_day_is_a_day() -> None:
    around = days("rrr", date(2024, 2, 28))
    assert current(around, date(2024, 3, 1)) == 3
    assert current(days("rr", date(2023, 2, 28)), date(2023, 3, 1)) == 2
    assert current({date(2024, 2, 28): Kind.REAL, date(2024, 3, 1): Kind.REAL}, date(2024, 3, 1)) == 1


def test_nobody_who_never_checked_in_has_a_streak() -> None:
    found = summary({}, day(0))
    assert (found.total, found.current, found.longest, found.freezes, found.days_to_freeze) == (0, 0, 0, 0, 7)
    assert not found.is_done_today


# Freezes


def test_seven_real_days_earn_a_freeze_and_two_are_the_most() -> None:
    assert [summary(days("r" * n), day(n - 1)).freezes for n in (6, 7, 13, 14, 21, 70)] == [0, 1, 1, 2, 2, 2]
    assert [summary(days("r" * n), day(n - 1)).days_to_freeze for n in (1, 6, 7)] == [6, 1, 7]


def test_a_made_up_day_earns_no_freeze() -> None:
    assert summary(days("rrrrrmr"), day(6)).freezes == 0


def test_a_freeze_is_used_by_itself_and_holds_the_streak_without_counting() -> None:
    found = summary(days("rrrrrrr"), day(8))
    assert (found.current, found.total, found.freezes) == (7, 7, 0)
    assert summary(days("rrrrrrr-r"), day(8)).current == 8


def test_today_takes_no_freeze() -> None:
    assert due_freezes(days("rrrrrrr"), day(7)) == []
    assert due_freezes(days("rrrrrrr"), day(8)) == [day(7)]


def test_two_freezes_cover_two_days_and_no_third() -> None:
    history = days("r" * 14)
    assert due_freezes(history, day(20)) == [day(14), day(15)]
    assert summary(history, day(16)).current == 14
    assert summary(history, day(17)).current == 0


def test_a_freeze_that_was_earned_later_covers_no_earlier_day() -> None:
    assert due_freezes(days("rr--rrrrr"), day(9)) == []


def test_a_freeze_that_was_never_earned_gives_no_others() -> None:
    assert due_freezes(days("rf----"), day(6)) == []
    assert summary(days("rf" + "r" * 7), day(8)).freezes == 1


@given(histories, st.lists(st.integers(0, 80), max_size=6))
def test_freezes_are_the_same_whenever_they_are_worked_out(
    history: dict[date, Kind], visits: list[int]
) -> None:
    """Written day by day as they fall due, at some visits, or all at the end: the rows are the same."""
    end = day(80)
    at_the_end = set(due_freezes(history, end))
    written: dict[date, Kind] = {}
    for number in range(81):
        today = day(number)
        written |= {d: kind for d, kind in history.items() if d == today}
        if number in visits:
            written |= dict.fromkeys(due_freezes(written, today), Kind.FREEZE)
    written |= dict.fromkeys(due_freezes(written, end), Kind.FREEZE)
    assert {d for d, kind in written.items() if kind is Kind.FREEZE} == at_the_end


# A plain model: a student's life, day by day


class Model:
    """Keeps counters, as nobody should in a database, and updates them at each midnight."""

    def __init__(self) -> None:
        self.total = self.current = self.longest = self.real = self.freezes = 0

    def end_of_day(self, kind: Kind | None) -> None:
        if kind is Kind.ABSENT:
            return
        if kind is not None and kind.counts:
            self.total += 1
            self.current += 1
            self.longest = max(self.longest, self.current)
            if kind is Kind.REAL:
                self.real += 1
                if self.real % 7 == 0 and self.freezes < 2:
                    self.freezes += 1
        elif self.freezes and self.total:
            self.freezes -= 1
        else:
            self.current = 0


@settings(max_examples=300)
@given(travels, st.integers(0, 10), st.integers(0, 60))
def test_everything_shown_agrees_with_a_plain_model(
    history: dict[date, Kind], later: int, stored: int
) -> None:
    """Also if the freezes of the days before `stored` have been written already."""
    today = max(history, default=START) + later * ONE
    model = Model()
    for number in range((today - START).days):
        model.end_of_day(history.get(day(number)))
    if today in history:
        model.end_of_day(history[today])
    known = {d: kind for d, kind in history.items() if d < day(stored)}
    freezes = due_freezes(known, min(today, day(stored)))
    found = summary(history | dict.fromkeys(freezes, Kind.FREEZE), today)
    assert (found.total, found.current, found.longest, found.freezes) == (
        model.total, model.current, model.longest, model.freezes,
    )  # fmt: skip


@given(histories)
def test_a_streak_is_at_most_the_longest_and_that_at_most_all_days(history: dict[date, Kind]) -> None:
    for number in range(62):
        known = {d: kind for d, kind in history.items() if d <= day(number)}
        found = summary(known, day(number))
        assert 0 <= found.current <= found.longest <= found.total
        assert 0 <= found.freezes <= 2 and 1 <= found.days_to_freeze <= 7


@given(histories, st.integers(0, 59))
def test_one_more_day_never_makes_a_streak_shorter(history: dict[date, Kind], number: int) -> None:
    today = max(history, default=START)
    more = history | {day(number): history.get(day(number), Kind.MAKE_UP)}
    assert longest(more) >= longest(history)
    assert current(more, today) >= current(history, today)


# Make-ups


def test_a_missed_day_can_be_made_up_for_three_days() -> None:
    assert make_up_days(days("rr"), day(3), START) == [day(2)]
    assert make_up_days(days("rr"), day(9), START) == [day(8), day(7), day(6)]


def test_no_day_before_the_account_today_or_a_day_that_is_taken_can_be_made_up() -> None:
    assert make_up_days({}, day(1), day(0)) == [day(0)]
    assert make_up_days({}, day(0), day(0)) == []
    assert make_up_days(days("rr-rr"), day(4), START) == [day(2)]


def test_a_day_that_a_freeze_covers_needs_no_make_up() -> None:
    assert make_up_days(days("rrrrrrr"), day(9), START) == [day(8)]


def test_making_a_day_up_joins_the_streak_again() -> None:
    assert summary(days("rr-r"), day(3)).current == 1
    assert summary(days("rrmr"), day(3)).current == 4


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(1, 3)), max_size=40))
def test_no_thirty_days_in_a_row_get_more_than_two_make_ups(tries: list[tuple[int, int]]) -> None:
    history: dict[date, Kind] = {}
    for today, back in sorted(tries):
        if day(today - back) in make_up_days(history, day(today), START):
            history[day(today - back)] = Kind.MAKE_UP
    for number in range(91):
        assert sum(day(number + n) in history for n in range(30)) <= 2


def test_two_days_in_a_row_can_be_made_up_in_either_order() -> None:
    """Thirty days after an earlier one there is room for both."""
    history = days("m")
    assert day(30) in make_up_days(history, day(31), START)
    assert day(29) in make_up_days(history, day(31), START)
    assert day(30) in make_up_days(history | {day(29): Kind.MAKE_UP}, day(31), START)
    assert day(29) in make_up_days(history | {day(30): Kind.MAKE_UP}, day(31), START)


def test_a_make_up_is_allowed_again_after_thirty_days() -> None:
    history = days("mm")
    assert day(29) not in make_up_days(history, day(30), START)
    assert day(30) in make_up_days(history, day(31), START)


# Weeks


def test_a_week_goes_from_monday_to_sunday() -> None:
    assert week_of(date(2026, 3, 1)) == [date(2026, 2, 23) + n * ONE for n in range(7)]


# Calendars


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def dates(calendar: Calendar, first: datetime, hours: int) -> list[date]:
    """The dates that `calendar` shows from `first` on, each once, in order."""
    shown: list[date] = []
    for quarter in range(4 * hours):
        found = calendar.date_at(first + quarter * timedelta(minutes=15))
        if not shown or shown[-1] != found:
            shown.append(found)
    return shown


def hours_of(calendar: Calendar, wanted: date) -> float:
    """The duration of a date."""
    first = datetime.combine(wanted - 3 * ONE, datetime.min.time(), UTC)
    quarters = (first + n * timedelta(minutes=15) for n in range(4 * 24 * 7))
    return sum(calendar.date_at(moment) == wanted for moment in quarters) / 4


def test_a_day_begins_at_midnight_in_shanghai_unless_one_says_otherwise() -> None:
    assert Calendar().date_at(at("2026-03-01T15:59:59.999999")) == date(2026, 3, 1)
    assert Calendar().date_at(at("2026-03-01T16:00")) == date(2026, 3, 2)


@pytest.mark.parametrize(("changed", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25)])
def test_summer_time_makes_a_day_shorter_or_longer_and_no_more(changed: date, hours: int) -> None:
    calendar = Calendar(first_zone="America/New_York")
    assert hours_of(calendar, changed) == hours
    first = datetime.combine(changed - ONE, datetime.min.time(), ZoneInfo("America/New_York"))
    assert dates(calendar, first, 70) == [changed - ONE, changed, changed + ONE]


def test_going_west_makes_the_day_of_the_change_longer() -> None:
    """Changed on 1 March in Shanghai, for New York, which is 13 hours behind."""
    calendar = Calendar([ZoneChange(date(2026, 3, 2), "America/New_York")])
    assert hours_of(calendar, date(2026, 3, 1)) == 37
    assert calendar.date_at(at("2026-03-01T16:00")) == date(2026, 3, 1)
    assert calendar.date_at(at("2026-03-02T04:59")) == date(2026, 3, 1)
    assert calendar.date_at(at("2026-03-02T05:00")) == date(2026, 3, 2)
    assert calendar.absent() == []


def test_going_east_makes_the_day_after_the_change_shorter_and_takes_none_away() -> None:
    """Changed on 1 March in New York, where it ends at 05:00 UTC; Shanghai's 2 March ends at 16:00 UTC."""
    calendar = Calendar([ZoneChange(date(2026, 3, 2), "Asia/Shanghai")], "America/New_York")
    assert calendar.date_at(at("2026-03-01T20:00")) == date(2026, 3, 1)
    assert hours_of(calendar, date(2026, 3, 1)) == 24
    assert hours_of(calendar, date(2026, 3, 2)) == 11
    assert calendar.absent() == []


def test_a_date_that_the_date_line_takes_breaks_no_streak() -> None:
    calendar = Calendar([ZoneChange(date(2026, 3, 3), "Pacific/Apia")], "Pacific/Pago_Pago")
    first = datetime(2026, 3, 1, 12, tzinfo=ZoneInfo("Pacific/Pago_Pago"))
    assert dates(calendar, first, 61) == [date(2026, 3, n) for n in (1, 2, 4, 5)]
    assert calendar.absent() == [date(2026, 3, 3)]
    known = days("rr", date(2026, 3, 1)) | dict.fromkeys(calendar.absent(), Kind.ABSENT)
    assert summary(known, date(2026, 3, 4)).current == 2
    assert summary(known | {date(2026, 3, 4): Kind.REAL}, date(2026, 3, 4)).current == 3


zones = st.sampled_from([
    "Asia/Shanghai", "America/New_York", "Pacific/Apia", "Pacific/Pago_Pago", "Pacific/Kiritimati", "Pacific/Honolulu",
    "Asia/Kathmandu", "Europe/London", "America/Havana", "Australia/Lord_Howe",
])  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(zones, st.lists(st.tuples(st.integers(0, 12), zones), max_size=5), st.integers(0, 364))
def test_a_traveller_never_has_a_day_twice_nor_loses_one(
    home: str, journeys: list[tuple[int, str]], start: int
) -> None:
    """However one changes zones: dates only go forward, one by one except for those in `absent`, and stay near the world's."""
    first_day = date(2026, 1, 1) + start * ONE
    changes: dict[date, str] = {}
    begin = datetime.combine(first_day, datetime.min.time(), UTC)
    for when, name in sorted(journeys):
        # As the service does it: a change applies from tomorrow, and the day's last choice wins.
        calendar = Calendar([ZoneChange(*each) for each in sorted(changes.items())], home)
        changes[calendar.date_at(begin + when * ONE) + ONE] = name
    calendar = Calendar([ZoneChange(*each) for each in sorted(changes.items())], home)
    shown = dates(calendar, begin, 24 * 16)
    absent = set(calendar.absent())
    for earlier, later in pairwise(shown):
        between = {earlier + n * ONE for n in range(1, (later - earlier).days)}
        assert later > earlier and between <= absent
    assert not absent & set(shown)
    for quarter in range(0, 24 * 16 * 4, 7):
        moment = begin + quarter * timedelta(minutes=15)
        assert abs((calendar.date_at(moment) - moment.date()).days) <= 1


@settings(max_examples=150, deadline=None)
@given(zones, st.integers(0, 364), zones, st.integers(-400, 400))
def test_a_date_begins_at_its_first_moment(home: str, when: int, new: str, quarter: int) -> None:
    """On both sides of a change of zone, and of summer time."""
    changed = date(2026, 1, 1) + when * ONE
    calendar = Calendar([ZoneChange(changed, new)], home)
    moment = datetime.combine(changed, datetime.min.time(), UTC) + quarter * timedelta(minutes=15)
    day = calendar.date_at(moment)
    begin = calendar.begin_of(day)
    assert begin <= moment
    assert calendar.date_at(begin) == day > calendar.date_at(begin - timedelta(microseconds=1))


@given(zones, st.integers(0, 20), zones)
def test_a_change_of_zone_rewrites_nothing(home: str, when: int, new: str) -> None:
    """Up to the moment of the change, and to the end of that day, dates are unchanged."""
    moment = at("2026-03-01T09:00") + when * timedelta(hours=5)
    before = Calendar(first_zone=home)
    today = before.date_at(moment)
    after = Calendar([ZoneChange(today + ONE, new)], home)
    for hours in range(-48, 24):
        each = moment + timedelta(hours=hours)
        if before.date_at(each) <= today:
            assert after.date_at(each) == before.date_at(each)
    assert after.zone_on(today) == home and after.zone_after(today) == new


def test_the_zones_on_offer_hold_places_and_no_leftovers() -> None:
    names: Mapping[str, list[str]] = zone_names()
    assert "Asia/Shanghai" in names["Asia"] and "America/New_York" in names["America"]
    assert not any(
        name.startswith(("Etc/", "posix", "SystemV")) for group in names.values() for name in group
    )
