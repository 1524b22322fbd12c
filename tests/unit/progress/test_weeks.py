from datetime import date, timedelta

from app.progress.weeks import WEEKS, Week, by_week

MONDAY = date(2026, 11, 23)


def test_nothing_done_makes_no_weeks() -> None:
    assert by_week([], [], [], MONDAY) == []


def test_sunday_and_monday_are_two_weeks() -> None:
    weeks = by_week([MONDAY - timedelta(days=1), MONDAY], [], [], MONDAY)
    assert weeks == [Week(MONDAY, 1, 0, 0), Week(MONDAY - timedelta(weeks=1), 1, 0, 0)]


def test_each_kind_is_counted_for_itself_and_empty_weeks_between_are_shown() -> None:
    long_ago = MONDAY - timedelta(weeks=2)
    weeks = by_week([MONDAY], [long_ago, long_ago], [MONDAY, MONDAY], MONDAY + timedelta(days=3))
    assert [(week.lessons, week.questions, week.labs) for week in weeks] == [(1, 0, 2), (0, 0, 0), (0, 2, 0)]


def test_the_list_ends_after_some_weeks() -> None:
    assert len(by_week([MONDAY - timedelta(weeks=100)], [], [], MONDAY)) == WEEKS
