"""Check-ins: one per day and user, whatever the clock, the zone and the network do."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.checkins import records, service
from app.checkins.calendars import ONE
from app.checkins.models import CheckIn, Source, UserZone
from app.checkins.streaks import Kind
from app.core import db, events
from app.courses.models import Course, Lesson
from app.jobs.events import JobEnded
from app.jobs.models import Job, JobState
from app.quizzes.service import keep_attempt
from app.recipes.recipe import all_recipes
from tests.integration.checkins.days import (
    NOON,
    TODAY,
    Clock,
    add_days,
    check_in,
    every,
    last_days,
    only,
    rows,
)

# Once a day


def test_a_check_in_is_stored_with_its_date_zone_kind_source_and_words(
    client: TestClient, student: User, session: Session
) -> None:
    answer = client.post("/check-ins", data={"note": "  卷积核\n共享权重  "})
    assert (answer.status_code, answer.headers["location"]) == (303, "/check-ins?fresh=1#today")
    row = only(select(CheckIn))
    assert (row.local_date, row.zone, row.kind, row.source, row.note, row.created_at) == (
        TODAY, "Asia/Shanghai", "real", "button", "卷积核 共享权重", NOON,
    )  # fmt: skip
    page = client.get("/check-ins?fresh=1").text
    assert "卷积核 共享权重" in page and "data-fresh" in page


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 3, 10, 15, 59, 59, 999999, UTC), date(2026, 3, 10)),
        (datetime(2026, 3, 10, 16, 0, tzinfo=UTC), date(2026, 3, 11)),
        (datetime(2024, 2, 28, 16, 0, tzinfo=UTC), date(2024, 2, 29)),
        (datetime(2024, 2, 29, 16, 0, tzinfo=UTC), date(2024, 3, 1)),
    ],
)
def test_the_day_changes_at_midnight_in_the_users_zone(
    session: Session, ming: User, clock: Clock, moment: datetime, expected: date
) -> None:
    clock(moment)
    check_in(ming)
    assert rows(session, ming) == [(expected, "real")]


def test_a_double_click_makes_one_row_and_says_the_same_twice(
    client: TestClient, student: User, session: Session
) -> None:
    answers = [client.post("/check-ins", data={"note": "今天学了卷积"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert rows(session, student) == [(TODAY, "real")]


def test_fifty_forms_at_the_same_moment_make_one_row(
    client: TestClient, student: User, session: Session
) -> None:
    with ThreadPoolExecutor(50) as pool:
        answers = pool.map(
            lambda number: client.post("/check-ins", data={"note": f"第 {number} 次"}), range(50)
        )
    assert {answer.status_code for answer in answers} == {303}
    assert rows(session, student) == [(TODAY, "real")]


def test_fifty_requests_at_the_same_moment_make_one_row(session: Session, ming: User) -> None:
    with ThreadPoolExecutor(50) as pool:
        list(pool.map(lambda number: check_in(ming, note=f"第 {number} 次"), range(50)))
    assert rows(session, ming) == [(TODAY, "real")]


def test_fifty_requests_after_missed_days_use_each_freeze_once(session: Session, ming: User) -> None:
    add_days(session, ming, *last_days(14, TODAY - 3 * ONE))
    with ThreadPoolExecutor(50) as pool:
        list(pool.map(lambda _: check_in(ming, Source.QUIZ), range(50)))
    assert rows(session, ming)[-3:] == [
        (TODAY - 2 * ONE, "freeze"), (TODAY - ONE, "freeze"), (TODAY, "real"),
    ]  # fmt: skip


def test_words_after_an_act_of_learning_join_the_same_day(
    client: TestClient, student: User, session: Session
) -> None:
    check_in(student, Source.LESSON)
    client.post("/check-ins", data={"note": "梯度是方向"})
    row = only(select(CheckIn))
    assert (row.source, row.note) == ("lesson", "梯度是方向")
    check_in(student, Source.QUIZ)
    row = only(select(CheckIn))
    assert (row.source, row.note) == ("lesson", "梯度是方向")


@pytest.mark.parametrize("note", ["", "   \n ", "字" * 281])
def test_words_are_one_to_280_characters_and_what_was_typed_stays(
    client: TestClient, student: User, session: Session, note: str
) -> None:
    answer = client.post("/check-ins", data={"note": note})
    assert answer.status_code == 422
    assert 'id="today-note-error"' in answer.text
    assert note.strip() in answer.text
    assert rows(session, student) == []


def test_280_characters_fit(client: TestClient, student: User, session: Session) -> None:
    assert client.post("/check-ins", data={"note": "字" * 280}).status_code == 303
    assert rows(session, student) == [(TODAY, "real")]


def test_the_database_itself_refuses_a_second_row_for_a_day(session: Session, ming: User) -> None:
    add_days(session, ming, TODAY)
    with pytest.raises(Exception, match=r"(?i)unique"):
        add_days(session, ming, TODAY)
    session.rollback()


# Acts of learning (a review: see test_reviews.py)


def test_reading_a_lesson_to_its_end_makes_the_day(
    client: TestClient, course: Course, student: User, session: Session
) -> None:
    assert client.post("/courses/tiny/lessons/00-start/reading").status_code == 303
    assert only(select(CheckIn.source)) == "lesson"


def test_answering_a_question_makes_the_day_also_with_a_wrong_answer(course: Course, ming: User) -> None:
    lesson = only(select(Lesson).where(Lesson.slug == "00-start"))
    with db.session_scope() as writing:
        keep_attempt(writing, ming, lesson.id, "a-question", {"text": "7"}, 0.0)
    assert only(select(CheckIn.source)) == "quiz"


def test_a_training_makes_the_day_when_it_is_sent_and_its_failure_takes_nothing_back(
    client: TestClient, course: Course, student: User, session: Session, redis: None
) -> None:
    fields = {h.name: h.as_text(h.default) for h in all_recipes()["mnist-cnn"].hyperparameters}
    answer = client.post("/courses/tiny/lessons/01-next/labs/free/jobs", data=fields)
    assert answer.headers["location"].startswith("/jobs/")
    assert (rows(session, student), only(select(CheckIn.source))) == ([(TODAY, "real")], "job")
    with db.session_scope() as writing:
        job = writing.scalars(select(Job)).one()
        job.state = JobState.FAILED
        events.send(writing, JobEnded(job=job))
    assert rows(session, student) == [(TODAY, "real")]


def test_a_training_that_was_refused_makes_no_day(
    client: TestClient, course: Course, student: User, session: Session, redis: None
) -> None:
    answer = client.post("/courses/tiny/lessons/01-next/labs/free/jobs", data={"epochs": "-1"})
    assert answer.status_code == 422
    assert rows(session, student) == []


def test_what_is_rolled_back_makes_no_day(session: Session, ming: User) -> None:
    with pytest.raises(RuntimeError), db.session_scope() as writing:
        service.check_in(writing, ming.id, Source.QUIZ)
        raise RuntimeError("the lesson's own work failed")
    assert rows(session, ming) == []


# Zones


def choose_zone(user: User, zone: str) -> None:
    with db.session_scope() as writing:
        service.choose_zone(writing, user, zone)


def test_a_change_of_zone_counts_from_the_next_local_day_and_rewrites_nothing(
    client: TestClient, student: User, session: Session, clock: Clock
) -> None:
    check_in(student)
    assert client.post("/check-ins/zone", data={"zone": "America/New_York"}).status_code == 303
    change = only(select(UserZone))
    assert (change.from_date, change.zone) == (TODAY + ONE, "America/New_York")
    page = client.get("/check-ins/settings").text
    assert "Asia/Shanghai" in page and "America/New_York" in page
    clock(NOON + timedelta(hours=1))
    check_in(student)
    assert rows(session, student) == [(TODAY, "real")]


def test_going_west_gives_no_second_day_and_takes_none(session: Session, ming: User, clock: Clock) -> None:
    check_in(ming)
    choose_zone(ming, "America/New_York")
    # Midnight in Shanghai, 16:00 UTC, starts no day for somebody in New York.
    for hours in (12, 18, 23):
        clock(NOON + timedelta(hours=hours))
        check_in(ming)
    assert rows(session, ming) == [(TODAY, "real")]
    clock(datetime(2026, 3, 12, 4, 0, tzinfo=UTC))  # 00:00 in New York, in summer time
    check_in(ming)
    assert rows(session, ming) == [(TODAY, "real"), (TODAY + ONE, "real")]
    zones = every(select(CheckIn.zone).order_by(CheckIn.local_date))
    assert zones == ["Asia/Shanghai", "America/New_York"]


def test_going_east_steals_no_day_and_gives_none_at_once(session: Session, ming: User, clock: Clock) -> None:
    session.add(UserZone(user_id=ming.id, from_date=date(2025, 1, 1), zone="America/New_York"))
    session.commit()
    # 20:00 on 10 March in New York; in Shanghai it is 11 March already.
    clock(datetime(2026, 3, 11, 0, 0, tzinfo=UTC))
    choose_zone(ming, "Asia/Shanghai")
    check_in(ming)
    clock(datetime(2026, 3, 11, 3, 59, tzinfo=UTC))
    check_in(ming)
    assert rows(session, ming) == [(date(2026, 3, 10), "real")]
    clock(datetime(2026, 3, 11, 4, 0, tzinfo=UTC))  # midnight in New York
    check_in(ming)
    clock(datetime(2026, 3, 11, 16, 0, tzinfo=UTC))  # midnight in Shanghai
    check_in(ming)
    assert [day for day, _ in rows(session, ming)] == [date(2026, 3, n) for n in (10, 11, 12)]


@pytest.mark.parametrize(
    "midnights",
    [
        # 8 March 2026 has 23 hours in New York, 1 November has 25.
        (datetime(2026, 3, 8, 5, tzinfo=UTC), datetime(2026, 3, 9, 4, tzinfo=UTC)),
        (datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2026, 11, 2, 5, tzinfo=UTC)),
    ],
)
def test_summer_time_neither_doubles_a_day_nor_loses_one(
    session: Session, ming: User, clock: Clock, midnights: tuple[datetime, datetime]
) -> None:
    session.add(UserZone(user_id=ming.id, from_date=date(2025, 1, 1), zone="America/New_York"))
    session.commit()
    begin, end = midnights
    day = begin.astimezone(ZoneInfo("America/New_York")).date()
    second = timedelta(seconds=1)
    for moment in (begin - second, begin, begin + timedelta(hours=2), end - second, end):
        clock(moment)
        check_in(ming)
    assert rows(session, ming) == [(day + n * ONE, "real") for n in (-1, 0, 1)]


def test_choosing_the_old_zone_again_on_the_same_day_leaves_everything_as_it_was(
    session: Session, ming: User
) -> None:
    choose_zone(ming, "Europe/Berlin")
    choose_zone(ming, "America/New_York")
    assert every(select(UserZone.zone)) == ["America/New_York"]
    choose_zone(ming, "Asia/Shanghai")
    assert every(select(UserZone.zone)) == []


def test_a_zone_that_does_not_exist_is_refused(client: TestClient, student: User, session: Session) -> None:
    for zone in ("Mars/Olympus", "../../etc/passwd", ""):
        answer = client.post("/check-ins/zone", data={"zone": zone})
        assert answer.status_code == 422
        assert 'id="zone-error"' in answer.text
    assert every(select(UserZone)) == []


# Streaks, freezes, make-ups


def test_the_page_says_days_in_all_first_then_the_streak_then_the_longest(
    client: TestClient, student: User, session: Session, in_english: None
) -> None:
    add_days(session, student, *last_days(3, TODAY - ONE), *last_days(5, TODAY - 10 * ONE))
    page = client.get("/check-ins").text
    page = page[page.index('id="record"') :]
    day, streak, longest = (page.index(words) for words in (">Day 8<", "<b>3</b>", "<b>5</b>"))
    assert day < streak < longest
    assert "alive until midnight" in page


def test_a_page_shows_a_used_freeze_before_it_has_a_row_and_writes_nothing(
    client: TestClient, student: User, session: Session
) -> None:
    add_days(session, student, *last_days(7, TODAY - 2 * ONE))
    page = client.get("/check-ins").text
    assert re.search(r'class="day day-freeze"', page)
    assert "<b>7</b>" in page
    assert len(rows(session, student)) == 7


def test_the_next_check_in_gives_used_freezes_their_rows(session: Session, ming: User) -> None:
    add_days(session, ming, *last_days(7, TODAY - 2 * ONE))
    check_in(ming)
    assert rows(session, ming)[-2:] == [(TODAY - ONE, "freeze"), (TODAY, "real")]
    assert records.record_of(session, ming.id).summary.current == 8


def test_a_day_can_be_made_up_and_is_marked(client: TestClient, student: User, session: Session) -> None:
    student.created_at = NOON - 100 * ONE
    add_days(session, student, TODAY - 2 * ONE, TODAY)
    values = {"day": str(TODAY - ONE), "note": "读了第三课"}
    assert client.post("/check-ins/make-ups", data=values).status_code == 303
    assert client.post("/check-ins/make-ups", data=values).status_code == 303  # a retry is harmless
    assert rows(session, student)[1] == (TODAY - ONE, "make-up")
    page = client.get("/check-ins").text
    assert 'class="made-up"' in page and "day-make-up" in page
    assert 'class="made-up"' in client.get(f"/check-ins/wall?day={TODAY - ONE}").text
    assert records.record_of(session, student.id).summary.current == 3


@pytest.mark.parametrize("days_back", [-1, 0, 4, 30])
def test_only_the_last_three_days_can_be_made_up(
    client: TestClient, student: User, session: Session, days_back: int
) -> None:
    student.created_at = NOON - 100 * ONE
    session.commit()
    answer = client.post("/check-ins/make-ups", data={"day": str(TODAY - days_back * ONE), "note": "补"})
    assert answer.status_code == 422
    assert 'id="make-up-day-error"' in answer.text
    assert rows(session, student) == []


def test_no_day_before_the_account_can_be_made_up(
    client: TestClient, student: User, session: Session
) -> None:
    student.created_at = NOON - ONE
    session.commit()
    answers = [
        client.post("/check-ins/make-ups", data={"day": str(TODAY - n * ONE), "note": "补"}) for n in (1, 2)
    ]
    assert [answer.status_code for answer in answers] == [303, 422]


def test_three_make_ups_at_the_same_moment_find_room_for_two(session: Session, ming: User) -> None:
    def make_up(days_back: int) -> bool:
        try:
            with db.session_scope() as writing:
                service.make_up(writing, writing.get_one(User, ming.id), TODAY - days_back * ONE, "补")
        except service.Invalid:
            return False
        return True

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(make_up, (1, 2, 3))) == [False, True, True]
    assert len(rows(session, ming)) == 2


def test_make_ups_come_back_after_thirty_days(session: Session, ming: User) -> None:
    add_days(session, ming, TODAY - 25 * ONE, TODAY - 24 * ONE, kind=Kind.MAKE_UP)
    record = records.record_of(session, ming.id)
    assert record.make_up_days(TODAY - 100 * ONE) == []
    session.query(CheckIn).delete()
    add_days(session, ming, TODAY - 40 * ONE, TODAY - 39 * ONE, kind=Kind.MAKE_UP)
    assert len(records.record_of(session, ming.id).make_up_days(TODAY - 100 * ONE)) == 3
