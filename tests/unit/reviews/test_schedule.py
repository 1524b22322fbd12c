"""On which day a question comes back: by dates on its reader's calendar, whatever the hour."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.checkins.calendars import ONE, Calendar, ZoneChange
from app.reviews.schedule import Rating, days_until, review

# Shortly before summer time ends in New York (a day of 25 hours), in Havana (where midnight comes twice) and in London.
FIRST_DAY = date(2026, 10, 20)
EVENING = datetime(2026, 3, 1, 12, tzinfo=UTC)


def moment_in(calendar: Calendar, day: date, share: float) -> datetime:
    """A moment of that date: 0 is its first, 0.5 its middle."""
    begin = calendar.begin_of(day)
    return begin + share * (calendar.begin_of(day + ONE) - begin)


def intervals(calendar: Calendar, ratings: Sequence[Rating], shares: Sequence[float]) -> list[int]:
    """In days, for a reader who answers on the due date, at these moments of the day."""
    day, memory, found = FIRST_DAY, {}, []
    for rating, share in zip(ratings, shares, strict=False):
        moment = moment_in(calendar, day, share)
        step = review(memory, rating, moment, calendar)
        due, memory = calendar.date_at(step.due_at), step.memory
        assert step.due_at > moment and due > calendar.date_at(moment) == day
        assert step.due_at == calendar.begin_of(due)
        found.append((due - day).days)
        day = due
    return found


# None so far from another that a date would be skipped.
zones = st.sampled_from([
    "Asia/Shanghai", "America/New_York", "America/Havana", "Europe/London", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC",
])  # fmt: skip
shares = st.sampled_from([0, 1e-9, 0.999999]) | st.floats(0, 0.999999)


@settings(max_examples=150, deadline=None)
@given(
    zones,
    st.lists(st.tuples(st.integers(0, 40), zones), max_size=2, unique_by=lambda change: change[0]),
    st.lists(st.sampled_from(list(Rating)), min_size=1, max_size=8),
    st.lists(shares, min_size=8, max_size=8),
)
def test_the_same_answers_give_the_same_intervals_at_any_hour_and_in_any_zone(
    home: str, journeys: list[tuple[int, str]], ratings: list[Rating], hours: list[float]
) -> None:
    """Also on a day of 23 or 25 hours, and on one made longer by travelling west; and a card never comes back on its own day."""
    changes = [ZoneChange(FIRST_DAY + when * ONE, name) for when, name in sorted(journeys)]
    assert intervals(Calendar(changes, home), ratings, hours) == intervals(Calendar(), ratings, [0.5] * 8)


def test_a_card_leaves_the_daily_queue_though_one_reviews_an_hour_earlier_each_day() -> None:
    ratings = [Rating.Again, *[Rating.Good] * 6]
    found = intervals(Calendar(), ratings, [(20 - hours) / 24 for hours in range(7)])
    assert found == intervals(Calendar(), ratings, [0.5] * 7)
    assert found == sorted(found) and found[0] == 1 < found[2] < found[-1]


def test_a_memory_of_before_is_read_by_its_date() -> None:
    """As stored when FSRS was given the minute: answered at 20:00 in Shanghai, due at 20:00."""
    stored = {
        "state": 2, "stability": 0.212, "difficulty": 6.4133,
        "reviewed_at": "2026-03-01T12:00:00+00:00", "due_at": "2026-03-02T12:00:00+00:00",
    }  # fmt: skip
    earlier, later = (review(stored, Rating.Good, EVENING + share * ONE, Calendar()) for share in (0.7, 1.1))
    assert earlier.due_at == later.due_at
    assert earlier.memory["stability"] == later.memory["stability"] > stored["stability"]


def test_an_answer_in_the_first_hour_of_a_long_day_comes_back_on_the_next() -> None:
    new_york = ZoneInfo("America/New_York")
    moment = datetime(2026, 11, 1, 0, 20, tzinfo=new_york).astimezone(UTC)
    due_at = review({}, Rating.Again, moment, Calendar(first_zone="America/New_York")).due_at
    assert due_at == datetime(2026, 11, 2, tzinfo=new_york)


@pytest.mark.parametrize("hour", [8, 12, 20])
def test_an_answer_on_the_day_of_a_journey_west_comes_back_on_the_next(hour: int) -> None:
    """New York was chosen on 1 March, which then lasts until midnight there."""
    calendar = Calendar([ZoneChange(date(2026, 3, 2), "America/New_York")])
    moment = datetime(2026, 3, 1, hour, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)
    due_at = review({}, Rating.Again, moment, calendar).due_at
    assert due_at == datetime(2026, 3, 2, tzinfo=ZoneInfo("America/New_York"))


def test_a_wrong_answer_comes_back_sooner_than_a_right_one() -> None:
    wrong, right = (review({}, rating, EVENING, Calendar()) for rating in (Rating.Again, Rating.Good))
    assert wrong.due_at < EVENING + ONE < right.due_at


@pytest.mark.parametrize("answered", ["2026-03-01T08:00", "2026-03-01T13:30", "2026-03-01T23:30"])
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin"])
def test_a_card_is_among_todays_from_the_readers_midnight_on(answered: str, zone: str) -> None:
    """Whatever the hour of a wrong answer: it is due tomorrow, from morning to night."""
    moment = datetime.fromisoformat(answered).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    due_at = review({}, Rating.Again, moment, Calendar(first_zone=zone)).due_at
    assert due_at == datetime(2026, 3, 2, tzinfo=ZoneInfo(zone))


def test_intervals_grow_with_every_right_answer_and_shrink_after_a_wrong_one() -> None:
    found = intervals(Calendar(), [*[Rating.Good] * 5, Rating.Again], [0.5] * 6)
    assert found[:5] == sorted(found[:5]) and found[0] < found[4]
    assert found[5] < found[4] / 2


def test_the_same_answers_give_the_same_days() -> None:
    """FSRS can randomise its intervals; here it does not."""
    first = review({}, Rating.Good, EVENING, Calendar())
    again = {review(first.memory, Rating.Good, EVENING + 40 * ONE, Calendar()).due_at for _ in range(20)}
    assert len(again) == 1


@pytest.mark.parametrize(
    ("moment", "days"), [("2026-10-31T00:30", 2), ("2026-10-31T23:30", 2), ("2026-11-01T23:59", 1)]
)
def test_days_until_a_card_are_counted_by_dates(moment: str, days: int) -> None:
    """From the first hour of a Saturday to the midnight before Monday it is 49.5 hours: the Sunday between has 25."""
    new_york = ZoneInfo("America/New_York")
    due_at = datetime(2026, 11, 2, tzinfo=new_york).astimezone(UTC)
    begun = datetime.fromisoformat(moment).replace(tzinfo=new_york).astimezone(UTC)
    assert days_until(due_at, begun, Calendar(first_zone="America/New_York")) == days
