"""Check-ins that come twice, late, or from servers whose clocks differ: no day and no note is lost or duplicated."""

from datetime import UTC, datetime, timedelta

from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.checkins.calendars import ONE
from app.checkins.models import CheckIn
from app.checkins.streaks import Kind
from tests.integration.checkins.days import NOON, TODAY, Clock, add_days, check_in, every, only, rows

MIDNIGHT = datetime(2026, 3, 11, 16, tzinfo=UTC)  # in Shanghai: TODAY ends
SECOND = timedelta(seconds=1)
WORDS = "今天学了卷积"


def send(client: TestClient, words: str) -> None:
    """The form rendered on TODAY."""
    assert client.post("/check-ins", data={"note": words, "day": str(TODAY)}).status_code == 303


def test_the_form_says_for_which_day_it_was_made(client: TestClient, student: User) -> None:
    assert f'name="day" value="{TODAY}"' in client.get("/check-ins").text


def test_a_form_that_is_sent_again_over_midnight_makes_one_day(
    client: TestClient, student: User, session: Session, clock: Clock
) -> None:
    clock(MIDNIGHT - SECOND)
    send(client, WORDS)
    clock(MIDNIGHT + SECOND)
    send(client, WORDS)
    assert rows(session, student) == [(TODAY, "real")]


def test_other_words_after_midnight_make_the_new_day(
    client: TestClient, student: User, session: Session, clock: Clock
) -> None:
    clock(MIDNIGHT - SECOND)
    send(client, WORDS)
    clock(MIDNIGHT + SECOND)
    send(client, "今天学了池化")
    assert rows(session, student) == [(TODAY, "real"), (TODAY + ONE, "real")]


def test_the_same_words_on_the_next_day_make_the_new_day_also_from_a_page_left_open(
    client: TestClient, student: User, session: Session, clock: Clock
) -> None:
    send(client, "打卡")
    clock(NOON + ONE)
    send(client, "打卡")
    assert rows(session, student) == [(TODAY, "real"), (TODAY + ONE, "real")]


def test_a_day_in_the_form_that_is_none_is_passed_over(
    client: TestClient, student: User, session: Session
) -> None:
    assert client.post("/check-ins", data={"note": WORDS, "day": "yesterday"}).status_code == 303
    assert rows(session, student) == [(TODAY, "real")]


def test_a_check_in_takes_the_place_of_a_freeze_that_a_server_with_a_faster_clock_has_stored(
    client: TestClient, student: User, session: Session
) -> None:
    add_days(session, student, TODAY, kind=Kind.FREEZE)
    send(client, WORDS)
    row = only(select(CheckIn))
    assert (row.kind, row.source, row.note, row.created_at) == ("real", "button", WORDS, NOON)
    assert WORDS in client.get("/check-ins/wall").text


def test_an_act_of_learning_leaves_a_made_up_day_and_its_words_alone(session: Session, ming: User) -> None:
    add_days(session, ming, TODAY, kind=Kind.MAKE_UP, note=WORDS)
    check_in(ming)
    row = only(select(CheckIn))
    assert (row.kind, row.note) == ("make-up", WORDS)


def test_a_make_up_that_is_sent_again_with_better_words_keeps_those(
    client: TestClient, student: User, session: Session
) -> None:
    student.created_at = NOON - 100 * ONE
    session.commit()
    for words in ("读了第三课", "读了第三课，懂了批量"):
        values = {"day": str(TODAY - ONE), "note": words}
        assert client.post("/check-ins/make-ups", data=values).status_code == 303
    assert every(select(CheckIn.note)) == ["读了第三课，懂了批量"]
