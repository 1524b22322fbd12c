from datetime import UTC, date, datetime, timedelta

from app.progress.weeks import WEEKS, Week, by_week

MONDAY = date(2026, 11, 23)


def at(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def test_nothing_done_makes_no_weeks() -> None:
    assert by_week([], [], [], MONDAY) == []


def test_sunday_night_and_monday_morning_are_two_weeks() -> None:
    weeks = by_week([at(MONDAY - timedelta(days=1), 23), at(MONDAY, 0)], [], [], MONDAY)
    assert weeks == [Week(MONDAY, 1, 0, 0), Week(MONDAY - timedelta(weeks=1), 1, 0, 0)]


def test_each_kind_is_counted_for_itself_and_empty_weeks_between_are_shown() -> None:
    long_ago = MONDAY - timedelta(weeks=2)
    weeks = by_week(
        [at(MONDAY)], [at(long_ago), at(long_ago)], [at(MONDAY), at(MONDAY)], MONDAY + timedelta(days=3)
    )
    assert [(week.lessons, week.questions, week.labs) for week in weeks] == [(1, 0, 2), (0, 0, 0), (0, 2, 0)]


def test_the_list_ends_after_some_weeks() -> None:
    assert len(by_week([at(MONDAY - timedelta(weeks=100))], [], [], MONDAY)) == WEEKS
