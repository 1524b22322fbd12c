import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.clock import now
from app.courses.models import Course, Lesson, LessonReading
from tests.factories import make_job
from tests.integration.conftest import ON_SQLITE, enter

START = "/courses/tiny/lessons/00-start"


def test_the_home_page_says_what_this_is_and_shows_the_course(client: TestClient, course: Course) -> None:
    text = client.get("/").text
    for words in (
        "小课程",
        "只有两讲。",
        "第一篇",
        "开始",
        "继续",
        f'href="{START}"',
        'href="/sign-in?next=/"',
    ):
        assert words in text


def test_without_a_course_the_home_page_says_how_to_get_one(client: TestClient) -> None:
    client.cookies.set("language", "en")
    answer = client.get("/")
    assert answer.status_code == 200
    assert "sophora course load" in answer.text


def test_lessons_are_read_without_an_account(client: TestClient, course: Course) -> None:
    answer = client.get(START)
    assert answer.status_code == 200
    assert "第一步" in answer.text
    assert '<html lang="zh-Hans"' in answer.text


def test_a_lesson_has_its_formula_code_figure_and_term(client: TestClient, course: Course) -> None:
    text = client.get(START).text
    assert re.search(r"<math>.*<mi>w</mi>.*</math>", text, re.S)
    assert re.search(r'<code class="language-python">.*<span', text, re.S)
    assert '<circle cx="5" cy="5" r="4" fill="var(--leaf)"' in text
    assert "图 1　一个圆" in text
    assert 'aria-label="一个圆"' in text
    assert re.search(r'<dfn[^>]*data-term="digit"', text)
    assert "0 到 9 里的一个。" in text


def test_the_language_switch_shows_english_and_is_remembered(client: TestClient, course: Course) -> None:
    answer = client.post("/preferences", data={"language": "en", "next": START})
    assert (answer.status_code, answer.headers["location"]) == (303, START)
    text = client.get(START).text
    assert '<html lang="en"' in text
    assert "The first step" in text
    assert "第一步" not in text
    assert "Skip to the content" in text
    client.post("/preferences", data={"language": "zh", "next": START})
    assert "第一步" in client.get(START).text


def test_the_switch_offers_the_other_language(client: TestClient, course: Course) -> None:
    assert re.search(r'<button name="language" value="en" lang="en">', client.get(START).text)
    client.cookies.set("language", "en")
    assert re.search(r'<button name="language" value="zh" lang="zh-Hans">', client.get(START).text)


@ON_SQLITE
@pytest.mark.parametrize("cookie", ["fr", "", "en;drop", "zh_Hans", "../en"])
def test_an_unknown_language_is_the_default(client: TestClient, cookie: str) -> None:
    answer = client.get("/sign-in", headers={"Cookie": f"language={cookie}"})
    assert '<html lang="zh-Hans"' in answer.text or cookie == "en;drop"


def test_preferences_take_only_what_is_offered(client: TestClient) -> None:
    answer = client.post("/preferences", data={"language": "fr", "theme": "neon", "next": "/"})
    assert "set-cookie" not in answer.headers
    client.post("/preferences", data={"theme": "dark", "next": "/"})
    assert 'data-theme="dark"' in client.get("/sign-in").text


def test_a_theme_cookie_cannot_become_markup(client: TestClient) -> None:
    text = client.get("/sign-in", headers={"Cookie": 'theme=x"><b>'}).text
    assert "<b>" not in text.split("<body", 1)[0]


def test_lessons_lead_to_their_neighbours(client: TestClient, course: Course) -> None:
    first = client.get(START).text
    assert 'rel="next" href="/courses/tiny/lessons/01-next"' in first
    assert 'rel="prev"' not in first
    assert f'rel="prev" href="{START}"' in client.get("/courses/tiny/lessons/01-next").text


def test_a_link_between_lessons_leads_there(client: TestClient, course: Course) -> None:
    assert re.search(r'<a href="/courses/tiny/lessons/01-next"[^>]*>下一讲</a>', client.get(START).text)


def test_a_lesson_has_a_lasting_address(client: TestClient, course: Course, session: Session) -> None:
    lesson = session.scalar(select(Lesson).where(Lesson.slug == "00-start"))
    session.rollback()
    answer = client.get(f"/lessons/{lesson.id}")
    assert (answer.status_code, answer.headers["location"]) == (303, START)


def test_reading_is_remembered_once_however_often_it_is_said(
    client: TestClient, course: Course, student: User, session: Session
) -> None:
    for _ in range(2):
        answer = client.post(f"{START}/reading")
        assert answer.status_code == 303
    assert session.scalar(select(func.count(LessonReading.lesson_id))) == 1
    session.rollback()
    assert f'action="{START}/reading"' not in client.get(START).text


def test_a_double_click_on_read_is_no_error(
    client: TestClient, course: Course, student: User, session: Session
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: client.post(f"{START}/reading").status_code, range(8)))
    assert answers == [303] * 8
    assert session.scalar(select(func.count(LessonReading.lesson_id))) == 1


def test_a_visitor_cannot_mark_anything(client: TestClient, course: Course, session: Session) -> None:
    assert client.post(f"{START}/reading").status_code == 401
    assert session.scalar(select(func.count(LessonReading.lesson_id))) == 0


def test_the_progress_page_shows_what_was_read_and_which_lab_was_done(
    client: TestClient, course: Course, student: User, session: Session
) -> None:
    client.cookies.set("language", "en")
    before = client.get("/progress").text
    assert "0 of 2 lessons done" in before
    lesson = session.scalar(select(Lesson).where(Lesson.slug == "00-start"))
    make_job(
        session, student, state="succeeded", lesson_id=lesson.id, lab_key="digits", goal_reached_at=now()
    )
    session.commit()
    client.post(f"{START}/reading")
    after = client.get("/progress").text
    assert "1 of 2 lessons done" in after
    rows = re.findall(r"<tr>(.*?)</tr>", after, re.S)
    row = next(row for row in rows if START in row)
    assert "✓" in row
    assert "1 / 1" in row


def test_a_job_that_missed_the_goal_does_not_count_as_done(
    client: TestClient, course: Course, student: User, session: Session
) -> None:
    lesson = session.scalar(select(Lesson).where(Lesson.slug == "00-start"))
    make_job(session, student, state="succeeded", lesson_id=lesson.id, lab_key="digits")
    session.commit()
    row = next(
        row for row in re.findall(r"<tr>(.*?)</tr>", client.get("/progress").text, re.S) if START in row
    )
    assert "0 / 1" in row


def test_progress_is_ones_own(client: TestClient, course: Course, student: User, session: Session) -> None:
    from tests.factories import make_user

    client.post(f"{START}/reading")
    enter(client, session, make_user(session))
    client.cookies.set("language", "en")
    assert "0 of 2 lessons done" in client.get("/progress").text


def test_the_course_leads_on_to_the_first_lesson_that_is_not_done(
    client: TestClient, course: Course, student: User, session: Session
) -> None:
    lesson = session.scalar(select(Lesson).where(Lesson.slug == "00-start"))
    make_job(
        session, student, state="succeeded", lesson_id=lesson.id, lab_key="digits", goal_reached_at=now()
    )
    session.commit()

    def leads_to() -> str:
        return re.search(r'class="button button-primary" href="([^"]+)"', client.get("/courses/tiny").text)[1]

    assert leads_to() == START
    client.post(f"{START}/reading")
    assert leads_to() == "/courses/tiny/lessons/01-next"


def test_the_answers_of_a_quiz_are_not_in_the_page(client: TestClient, course: Course) -> None:
    text = client.get("/courses/tiny/lessons/01-next").text
    assert "数一数。" not in text


def test_a_picture_is_cached_for_ever_and_can_run_nothing(client: TestClient, course: Course) -> None:
    from app.core.db import session_scope
    from app.courses.models import LessonRevision

    with session_scope(writes=False) as session:
        [key] = [
            key for pictures in session.scalars(select(LessonRevision.pictures)) for key in pictures.values()
        ]
    answer = client.get("/" + key)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
