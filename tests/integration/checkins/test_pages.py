"""The check-in pages: the calendar, the wall, cheers, the class board, the feed, and the line on other pages."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import icalendar
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.board.models import ModerationAct
from app.board.places import find_place
from app.board.service import post
from app.checkins.calendars import ONE
from app.checkins.events import Cheered
from app.checkins.models import CheckIn, CheckInSettings, Cheer
from app.checkins.streaks import Kind
from app.core import db
from app.core.live.sending import topic_key
from app.core.redis import get_redis
from app.core.signing import hash_token
from app.courses.models import Course
from app.web.fields import FIRST_YEAR
from tests.factories import make_user
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
from tests.integration.conftest import ON_SQLITE, enter
from tests.integration.statements import statements
from tests.listening import listening

FRAGMENT = {"X-Fragment": "1"}


# The calendar page


def test_the_year_stands_in_the_page_as_a_table_too(
    client: TestClient, student: User, session: Session, in_english: None
) -> None:
    student.created_at = NOON - 500 * ONE
    add_days(session, student, date(2026, 2, 3), date(2026, 2, 4), date(2026, 2, 5), date(2026, 2, 27))
    page = client.get("/check-ins").text
    assert table_row(page, "February") == ["4", "3–5, 27", "–", "–"]
    assert page.count('class="day day-real"') >= 4
    assert 'href="/check-ins?year=2025#year-title"' in page
    assert (
        "day-real"
        not in client.get("/check-ins?year=2025")
        .text.split('class="year-key"')[0]
        .split('id="year-title"')[1]
    )


def table_row(page: str, month: str) -> list[str]:
    row = re.search(rf'<th scope="row">{month}</th>(.*?)</tr>', page, re.DOTALL)
    return re.findall(r"<td[^>]*>([^<]*)</td>", row[1])


def test_the_table_says_which_days_were_made_up_and_which_frozen(
    client: TestClient, student: User, session: Session, in_english: None
) -> None:
    student.created_at = NOON - 500 * ONE
    add_days(session, student, *(date(2026, 2, number) for number in (1, 2, 3)))
    add_days(session, student, date(2026, 2, 4), date(2026, 2, 28), kind=Kind.MAKE_UP)
    add_days(session, student, date(2026, 2, 5), kind=Kind.FREEZE)
    assert table_row(client.get("/check-ins").text, "February") == ["5", "1–3", "4, 28", "5"]


def test_a_make_up_is_confirmed_in_words_with_and_without_a_script(
    client: TestClient, student: User, session: Session, in_english: None
) -> None:
    student.created_at = NOON - 100 * ONE
    session.commit()
    values = {"day": str(TODAY - ONE), "note": "读了第三课"}
    said = f"{TODAY - ONE:%-d %b %Y}</time> is made up."
    assert said in client.post("/check-ins/make-ups", data=values, headers=FRAGMENT).text
    address = client.post("/check-ins/make-ups", data=values).headers["location"]
    assert said in client.get(address).text
    assert said not in client.get("/check-ins").text
    assert "is made up" not in client.get(f"/check-ins?made_up={TODAY - 2 * ONE}").text


def test_a_make_up_without_words_says_so_even_where_no_day_is_left_to_make_up(
    client: TestClient, student: User
) -> None:
    values = {"day": str(TODAY - ONE), "note": " "}
    answer = client.post("/check-ins/make-ups", data=values)
    assert answer.status_code == 422
    assert 'id="make-up-note-error"' in answer.text


@pytest.mark.parametrize("year", [2023, 2027, 0, 99999])
def test_a_year_without_the_account_does_not_exist(client: TestClient, student: User, year: int) -> None:
    assert client.get(f"/check-ins?year={year}").status_code == 404


@pytest.mark.parametrize(
    ("joined", "days"), [((2023, 12, 5), 366), ((2024, 1, 5), 362), ((2024, 7, 1), 184), ((2024, 12, 31), 1)]
)
def test_a_year_is_drawn_from_the_day_on_which_its_owner_joined(
    client: TestClient,
    student: User,
    session: Session,
    clock: Clock,
    joined: tuple[int, int, int],
    days: int,
) -> None:
    student.created_at = datetime(*joined, tzinfo=UTC)
    session.commit()
    page = client.get("/check-ins?year=2024").text
    drawing = page[page.index('class="year-halves"') : page.index('class="year-key"')]
    assert drawing.count('class="day ') == days


def test_the_goal_is_the_students_own_and_says_when_it_is_reached(
    client: TestClient, student: User, session: Session, in_english: None
) -> None:
    add_days(session, student, TODAY - ONE, TODAY)
    assert "2 of 4 days" in client.get("/check-ins").text
    assert client.post("/check-ins/settings", data={"weekly_goal": "2"}).status_code == 303
    page = client.get("/check-ins").text
    assert "2 of 2 days: this week" in page
    assert client.post("/check-ins/settings", data={"weekly_goal": "8"}).status_code == 422


def test_a_calendar_costs_as_few_statements_after_years_as_on_the_first_day(
    client: TestClient, student: User, session: Session
) -> None:
    def cost(path: str) -> int:
        with statements() as found:
            assert client.get(path).status_code == 200
        return len(found)

    paths = ["/check-ins", "/check-ins/wall", "/check-ins/class-board", "/check-ins/settings"]
    before = [cost(path) for path in paths]
    student.created_at = NOON - 1000 * ONE
    add_days(session, student, *last_days(900), note="学了")
    for _ in range(40):
        add_days(session, make_user(session), TODAY, note="学了")
    assert [cost(path) for path in paths] == before
    assert max(before) <= 5


def test_a_fragment_brings_the_renewed_days_and_no_page(client: TestClient, student: User) -> None:
    answer = client.post("/check-ins", data={"note": "学了"}, headers=FRAGMENT)
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<div class="record"')
    assert "data-fresh" in answer.text and "<html" not in answer.text


# The wall


def test_the_wall_shows_the_days_words_with_masked_names(
    client: TestClient, student: User, session: Session, ming: User
) -> None:
    add_days(session, ming, TODAY, note="学会了反向传播")
    add_days(session, ming, TODAY - ONE, note="昨天的话")
    page = client.get("/check-ins/wall").text
    assert "学会了反向传播" in page and "昨天的话" not in page
    assert "*明" in page and "小明" not in page
    assert "小明" not in client.get("/check-ins/class-board").text
    ming.shows_name = True
    session.commit()
    assert "小明" in client.get("/check-ins/wall").text
    assert "昨天的话" in client.get(f"/check-ins/wall?day={TODAY - ONE}").text


def test_who_watches_a_wall_hears_of_a_new_check_in_by_its_id_only(
    session: Session, ming: User, redis: None
) -> None:
    add_days(session, ming, *last_days(7, TODAY - 2 * ONE))
    for words in ("学会了反向传播", "也学会了卷积"):
        check_in(ming, note=words)
    told = get_redis().xrange(topic_key(f"wall:{TODAY}"))
    [identity] = every(select(CheckIn.id).where(CheckIn.local_date == TODAY))
    assert [json.loads(fields[b"data"]) for _id, fields in told] == [{"id": str(identity)}]
    assert rows(session, ming)[-2] == (TODAY - ONE, "freeze")
    assert get_redis().xlen(topic_key(f"wall:{TODAY - ONE}")) == 0


def test_a_script_gets_the_entries_of_a_wall_alone(
    client: TestClient, student: User, session: Session, ming: User
) -> None:
    add_days(session, ming, TODAY, note="学会了反向传播")
    answer = client.get("/check-ins/wall", headers=FRAGMENT).text
    assert "学会了反向传播" in answer and "<html" not in answer


def test_freezes_are_not_on_the_wall_and_have_no_page(
    client: TestClient, student: User, session: Session, ming: User
) -> None:
    add_days(session, ming, TODAY, kind=Kind.FREEZE)
    frozen = only(select(CheckIn.id))
    assert "wall-entry" not in client.get("/check-ins/wall").text
    assert client.get(f"/check-ins/{frozen}").status_code == 404
    assert client.post(f"/check-ins/{frozen}/cheers").status_code == 404


def test_the_wall_goes_on_by_key_and_shows_everybody_once(
    client: TestClient, student: User, session: Session
) -> None:
    moment = NOON - timedelta(hours=2)
    for number in range(70):
        # Ten at the same microsecond: the key must tell them apart.
        add_days(
            session, make_user(session), TODAY, note=f"第{number}个人",
            created_at=moment + timedelta(microseconds=number // 10),
        )  # fmt: skip
    seen: list[str] = []
    address: str | None = "/check-ins/wall"
    while address:
        page = client.get(address).text
        seen += re.findall(r"第\d+个人", page)
        more = re.search(r'rel="next" href="(/check-ins/wall\?day=[^"]+before[^"]+)"', page)
        address = more[1].replace("&amp;", "&") if more else None
    assert len(seen) == 70 and len(set(seen)) == 70


@pytest.mark.parametrize(
    "query", ["day=2999-01-01", "before=nonsense", "before=9.9", "day=x", f"before={'9' * 40}.x"]
)
def test_a_wall_that_cannot_be_is_not_found(client: TestClient, student: User, query: str) -> None:
    assert client.get(f"/check-ins/wall?{query}").status_code == 404


def test_the_wall_of_the_first_of_all_days_leads_to_none_before(client: TestClient, student: User) -> None:
    answer = client.get(f"/check-ins/wall?day={FIRST_YEAR}-01-01")
    assert answer.status_code == 200
    assert 'rel="prev"' not in answer.text


def test_pages_of_check_ins_are_for_who_is_signed_in(client: TestClient) -> None:
    for path in ("/check-ins", "/check-ins/wall", "/check-ins/class-board", "/check-ins/settings"):
        assert client.get(path).headers["location"].startswith("/sign-in")
    assert client.post("/check-ins", data={"note": "x"}).status_code == 401


def test_words_cannot_carry_markup(client: TestClient, student: User) -> None:
    client.post("/check-ins", data={"note": '<script>alert(1)</script>"><img src=x onerror=alert(1)>'})
    for path in ("/check-ins", "/check-ins/wall"):
        page = client.get(path).text
        assert "<script>alert" not in page and "<img src=x" not in page
        assert "&lt;script&gt;" in page


def test_ones_own_words_can_be_taken_away_and_nobody_elses(
    client: TestClient, student: User, session: Session, ming: User
) -> None:
    add_days(session, ming, TODAY, note="别人的话")
    add_days(session, student, TODAY, note="自己的话")
    ids = {row.note: row.id for row in every(select(CheckIn))}
    assert client.post(f"/check-ins/{ids['别人的话']}/words/deletion").status_code == 404
    assert client.post(f"/check-ins/{ids['自己的话']}/words/deletion").status_code == 303
    assert sorted(every(select(CheckIn.note))) == ["", "别人的话"]


def test_staff_take_words_away_with_a_reason_that_is_logged(
    client: TestClient, session: Session, ming: User
) -> None:
    add_days(session, ming, TODAY, note="不好的话")
    lecturer = make_user(session, "Li", Role.LECTURER)
    enter(client, session, lecturer)
    address = f"/check-ins/{only(select(CheckIn.id))}"
    assert f'action="{address}/words/deletion"' in client.get(address).text
    assert client.post(f"{address}/words/deletion").status_code == 422
    assert only(select(CheckIn.note)) == "不好的话"
    assert client.post(f"{address}/words/deletion", data={"reason": "伤人"}).status_code == 303
    act = only(select(ModerationAct))
    assert (act.actor_id, act.act, act.reason) == (lecturer.id, "delete", f"{address}: 伤人")
    assert rows(session, ming) == [(TODAY, "real")] and only(select(CheckIn.note)) == ""
    assert "伤人" in client.get("/moderation/log").text


def test_the_class_replies_to_a_check_in(
    client: TestClient, student: User, session: Session, ming: User
) -> None:
    add_days(session, ming, TODAY, note="学会了")
    check_in_id = only(select(CheckIn.id))
    page = client.get(f"/check-ins/{check_in_id}").text
    assert "学会了" in page and 'id="discussion"' in page
    with db.session_scope() as writing:
        place = find_place(writing, student, f"check-in:{check_in_id}")
        post(writing, writing.get_one(User, student.id), place, "你写得很清楚，谢谢你", "key", 60)
    assert "你写得很清楚" in client.get(f"/check-ins/{check_in_id}").text
    page = client.get("/check-ins/wall").text
    assert re.search(rf'href="/check-ins/{check_in_id}">1 ', page)


# Cheers


@pytest.fixture
def others_day(session: Session, ming: User) -> CheckIn:
    add_days(session, ming, TODAY, note="学会了")
    return only(select(CheckIn))


def test_one_cheers_once_and_can_take_it_back(
    client: TestClient, student: User, session: Session, others_day: CheckIn
) -> None:
    address = f"/check-ins/{others_day.id}/cheers"
    with listening(Cheered) as heard:
        answers = [client.post(address).status_code for _ in range(3)]
    assert answers == [303, 303, 303]
    assert [(event.check_in.id, event.by_id) for event in heard] == [(others_day.id, student.id)]
    assert only(select(func.count()).select_from(Cheer)) == 1
    assert 'aria-pressed="true"' in client.get("/check-ins/wall").text
    assert 'aria-pressed="false"' in client.post(f"{address}/withdrawal", headers=FRAGMENT).text
    assert only(select(func.count()).select_from(Cheer)) == 0


def test_a_cheer_without_a_script_leads_back_to_where_it_was_given(
    client: TestClient, student: User, session: Session, others_day: CheckIn
) -> None:
    identity, address = others_day.id, f"/check-ins/{others_day.id}"
    alone = client.get(address).text
    assert f'action="{address}/cheers?alone=true"' in alone
    assert client.post(f"{address}/cheers?alone=true").headers["location"] == address
    place = f"/check-ins/wall?day={TODAY}#check-in-{identity}"
    assert client.post(f"{address}/cheers").headers["location"] == place
    for _ in range(35):
        add_days(session, make_user(session), TODAY, created_at=NOON + timedelta(minutes=1))
    # No longer on the first page.
    place = client.post(f"{address}/cheers").headers["location"]
    assert f'id="check-in-{identity}"' in client.get(place).text
    assert place.replace("&", "&amp;") in client.get(address).text


def test_nobody_cheers_at_their_own_day(client: TestClient, student: User, session: Session) -> None:
    check_in(student)
    own = only(select(CheckIn.id))
    assert client.post(f"/check-ins/{own}/cheers").status_code == 403
    assert only(select(func.count()).select_from(Cheer)) == 0


# The class board


def test_the_class_board_holds_who_chose_it_by_days_in_this_week_only(
    client: TestClient, student: User, session: Session
) -> None:
    monday = date(2026, 3, 9)
    people = {name: make_user(session, name, Role.STUDENT) for name in ("阿一", "阿二", "阿三")}
    for user in people.values():
        user.shows_name = True
    session.add_all(
        CheckInSettings(user_id=people[name].id, is_on_class_board=True) for name in ("阿一", "阿二")
    )
    session.commit()
    add_days(session, people["阿一"], monday, *last_days(100, monday - ONE))
    add_days(session, people["阿二"], monday, monday + ONE)
    add_days(session, people["阿三"], monday, monday + ONE, TODAY)
    page = client.get("/check-ins/class-board").text
    assert page.index("阿二") < page.index("阿一")
    assert "阿三" not in page
    client.post("/check-ins/settings", data={"weekly_goal": "4", "is_on_class_board": "true"})
    check_in(student)
    assert "*g" in client.get("/check-ins/class-board").text
    client.post("/check-ins/settings", data={"weekly_goal": "4"})
    assert "*g" not in client.get("/check-ins/class-board").text


def test_the_class_board_marks_days_that_were_made_up(
    client: TestClient, student: User, session: Session, in_english: None
) -> None:
    session.add(CheckInSettings(user_id=student.id, is_on_class_board=True))
    add_days(session, student, TODAY)
    add_days(session, student, TODAY - ONE, kind=Kind.MAKE_UP)
    page = client.get("/check-ins/class-board").text
    assert [page.count(f"day day-{kind}") for kind in ("real", "make-up", "none")] == [1, 1, 5]
    assert re.search(r'class="made-up">1 made up', page)


def test_nobody_is_ranked_who_did_not_choose_to_stand_on_the_class_board(
    client: TestClient, student: User, session: Session
) -> None:
    """There is no global ranking: no page compares students' numbers of days."""
    other = make_user(session, "阿四")
    other.shows_name = True
    add_days(session, other, *last_days(5))
    for path in ("/check-ins", "/check-ins/class-board", "/progress", "/"):
        assert "阿四" not in client.get(path).text


def test_the_class_board_goes_on_by_key(client: TestClient, student: User, session: Session) -> None:
    for number in range(60):
        user = make_user(session, f"人{number:02}")
        user.shows_name = True
        session.add(CheckInSettings(user_id=user.id, is_on_class_board=True))
        add_days(session, user, *last_days(1 + number % 3))
    first = client.get("/check-ins/class-board").text
    more = re.search(r'href="(/check-ins/class-board\?after=[^"]+)"', first)
    second = client.get(more[1]).text
    seen = re.findall(r"人\d\d", first), re.findall(r"人\d\d", second)
    assert [len(page) for page in seen] == [50, 10] and len({*seen[0], *seen[1]}) == 60
    for key in ("nonsense", f"{'9' * 21}.{UUID(int=1)}", f"0.{UUID(int=1)}"):
        assert client.get(f"/check-ins/class-board?after={key}").status_code == 404


# The calendar feed


def feed_address(client: TestClient, hour: int = 20) -> str:
    page = client.post("/check-ins/calendar", data={"reminder_hour": str(hour)})
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    return re.search(r'value="http[^"]*(/check-ins/calendar/[^"]+\.ics)"', page.text)[1]


@pytest.fixture
def feed(client: TestClient, student: User) -> str:
    return feed_address(client)


def test_the_feed_reminds_daily_at_the_chosen_hour_in_the_users_zone(
    client: TestClient, feed: str, session: Session
) -> None:
    client.cookies.clear()  # calendar programs send none
    answer = client.get(feed)
    assert answer.headers["content-type"].startswith("text/calendar")
    calendar = icalendar.Calendar.from_ical(answer.content)
    [event] = calendar.walk("VEVENT")
    [alarm] = calendar.walk("VALARM")
    assert event.decoded("dtstart") == datetime(2026, 3, 11, 20, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert event["dtstart"].params["TZID"] == "Asia/Shanghai"
    assert event["rrule"]["FREQ"] == ["DAILY"]
    assert alarm.decoded("trigger") == timedelta(0) and alarm["action"] == "DISPLAY"
    assert [zone["TZID"] for zone in calendar.walk("VTIMEZONE")] == ["Asia/Shanghai"]
    assert "Ming" not in answer.text
    assert "\r\n" in answer.text


def test_the_feed_has_its_zone_as_rules_and_leads_to_the_address_that_was_asked(
    client: TestClient, feed: str, student: User, session: Session
) -> None:
    assert client.post("/check-ins/zone", data={"zone": "Europe/Berlin"}).status_code == 303
    answer = client.get(feed, headers={"Host": "class.example:8443", "X-Forwarded-Host": "evil.example"})
    text = answer.text.replace("\r\n ", "")
    assert "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3" in text and "RDATE" not in text
    assert "URL:http://class.example:8443/check-ins" in text and "evil" not in text
    page = client.post(
        "/check-ins/calendar", data={"reminder_hour": "8"}, headers={"Host": "class.example:8443"}
    )
    assert 'value="http://class.example:8443/check-ins/calendar/' in page.text


def test_an_address_that_was_set_is_the_one_of_every_link(
    configure: Callable[..., None], client: TestClient, feed: str
) -> None:
    configure(public_url="http://sophora.example")
    answer = client.get(feed, headers={"Host": "class.example"})
    assert "URL:http://sophora.example/check-ins" in answer.text


def test_only_the_hash_of_the_feeds_token_is_stored(client: TestClient, feed: str, session: Session) -> None:
    token = feed.rpartition("/")[2].removesuffix(".ics")
    stored = session.execute(text("select * from check_in_settings")).all()
    assert hash_token(token) in str(stored) and token not in str(stored)
    assert token not in client.get("/check-ins/settings").text


def test_renewing_the_feed_ends_the_address_before(client: TestClient, feed: str) -> None:
    newer = feed_address(client, 7)
    assert client.get(feed).status_code == 404
    assert client.get(newer).status_code == 200
    assert client.post("/check-ins/calendar/deletion").status_code == 303
    assert client.get(newer).status_code == 404


def test_a_disabled_accounts_feed_ends(client: TestClient, feed: str, session: Session) -> None:
    session.query(User).update({"disabled_at": NOON})
    session.commit()
    assert client.get(feed).status_code == 404


@pytest.mark.parametrize("hour", ["24", "-1", "noon"])
def test_an_hour_that_no_day_has_is_refused(client: TestClient, student: User, hour: str) -> None:
    assert client.post("/check-ins/calendar", data={"reminder_hour": hour}).status_code == 422


# Elsewhere


def test_home_and_progress_say_where_today_stands(client: TestClient, course: Course, student: User) -> None:
    for path in ("/", "/progress"):
        assert 'class="today-line" data-done="false"' in client.get(path).text
    check_in(student)
    for path in ("/", "/progress"):
        assert 'class="today-line" data-done="true"' in client.get(path).text
    client.cookies.clear()
    assert "today-line" not in client.get("/").text


@ON_SQLITE
def test_streaks_and_calendars_read_their_index_only(session: Session, database: str, ming: User) -> None:
    """With a million rows of others a calendar reads as little as with none."""
    plan = session.execute(
        text("explain query plan select local_date, kind, 0 from check_ins where user_id = :user"),
        {"user": ming.id.hex},
    ).all()
    assert "COVERING INDEX ix_check_ins_calendar" in str(plan)
    wall = session.execute(
        text(
            "explain query plan select * from check_ins where local_date = '2026-03-11' and check_ins.kind != 'freeze' "
            "order by created_at desc, id desc limit 31"
        )
    ).all()
    assert "ix_check_ins_wall" in str(wall) and "TEMP B-TREE" not in str(wall)
