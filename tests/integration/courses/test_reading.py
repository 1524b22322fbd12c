import gzip
import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import brotli
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core import db
from app.core.clock import now
from app.courses.models import Course, Lesson, LessonReading, LessonRevision, ReadingPosition
from app.jobs.models import JobState
from app.publishing.loader import load_course
from app.quizzes.models import QuizAttempt
from tests.factories import make_job, make_user
from tests.integration.conftest import enter
from tests.integration.quizzes.quiz_lesson import KEYS, LESSON
from tests.integration.statements import statements

pytestmark = pytest.mark.usefixtures("lessons", "in_english")

NEXT = "/courses/tiny/lessons/01-next"
FRAGMENT = {"X-Fragment": "1"}
PLACE = {"anchor": "two", "fraction": "0.5"}


def lesson_id(session: Session, slug: str = "00-start") -> object:
    return session.scalar(select(Lesson.id).where(Lesson.slug == slug))


def pass_questions(session: Session, user: User, *keys: str) -> None:
    for key in keys:
        session.add(
            QuizAttempt(
                user_id=user.id, lesson_id=lesson_id(session), question_key=key, answer={"text": "1"}, score=1
            )
        )
    session.commit()


def end_of(page: str) -> str:
    return re.search(r'<section class="lesson-end".*?</section>', page, re.DOTALL)[0]


def labs_of(page: str) -> list[tuple[str, str]]:
    """(done, key) of each lab in the list at a lesson's end."""
    return re.findall(r'data-done="(\w+)"><div><a href="#lab-(\w+)"', page)


# What is still missing


def test_a_lesson_says_everything_that_is_missing_at_first(client: TestClient, student: User) -> None:
    end = end_of(client.get(LESSON).text)
    assert "To complete this lesson" in end
    assert "I have read it to the end" in end
    assert re.findall(r'href="#question-(\w+)"', end) == list(KEYS)


def test_a_question_answered_right_is_no_longer_missing(
    client: TestClient, session: Session, student: User
) -> None:
    pass_questions(session, student, "largest", "loss")
    assert re.findall(r'href="#question-(\w+)"', end_of(client.get(LESSON).text)) == ["odd", "third", "steps"]


def test_a_lesson_that_was_read_and_answered_is_complete(
    client: TestClient, session: Session, student: User
) -> None:
    pass_questions(session, student, *KEYS)
    assert "To complete this lesson" in client.get(LESSON).text
    client.post(f"{LESSON}/reading")
    end = end_of(client.get(LESSON).text)
    assert "This lesson is complete." in end
    assert f'class="joy-next" rel="next" href="{NEXT}"' in end


def test_a_goal_reached_leads_to_the_next_lesson_and_the_last_one_to_the_course(
    client: TestClient, session: Session, student: User
) -> None:
    labs = next(found for found in session.scalars(select(LessonRevision.labs)) if "free" in found)
    goal = labs["free"] | {"goal": {"text": {"en": "Reach 9 of 10"}, "conditions": []}}
    first, last = lesson_id(session, "00-start"), lesson_id(session, "01-next")
    job = make_job(
        session,
        student,
        state=JobState.SUCCEEDED,
        started_at=now(),
        finished_at=now(),
        lesson_id=first,
        lab_key="free",
        lab=goal,
        goal_reached_at=now(),
    )
    session.commit()
    assert f'class="joy-next" href="/lessons/{first}/next"' in client.get(f"/jobs/{job.id}").text
    assert client.get(f"/lessons/{first}/next").headers["location"] == NEXT
    assert client.get(f"/lessons/{last}/next").headers["location"] == "/courses/tiny"


def test_a_lab_is_missing_until_its_goal_is_reached(
    client: TestClient, session: Session, student: User
) -> None:
    client.post(f"{NEXT}/reading")
    assert labs_of(client.get(NEXT).text) == [("false", "free"), ("false", "choose")]
    make_job(
        session,
        student,
        state=JobState.SUCCEEDED,
        lesson_id=lesson_id(session, "01-next"),
        lab_key="free",
        goal_reached_at=now(),
    )
    session.commit()
    assert labs_of(client.get(NEXT).text) == [("true", "free"), ("false", "choose")]


def test_reading_to_the_end_is_noted_once_however_often_it_is_sent(
    client: TestClient, session: Session, student: User
) -> None:
    for _ in range(3):
        assert client.post(f"{LESSON}/reading").headers["location"] == f"{LESSON}#end"
    assert session.scalar(select(func.count()).select_from(LessonReading)) == 1


def test_a_script_that_marks_a_lesson_as_read_gets_its_end_back(client: TestClient, student: User) -> None:
    sent = client.post(f"{LESSON}/reading", headers=FRAGMENT)
    assert sent.status_code == 200
    assert "<html" not in sent.text
    assert "I have read it to the end" not in end_of(sent.text)


def test_a_visitor_is_told_how_to_keep_a_place_and_asked_nothing(client: TestClient) -> None:
    end = end_of(client.get(LESSON).text)
    assert "Sign in" in end
    assert "I have read it" not in end
    assert client.post(f"{LESSON}/reading").status_code == 401


# "You were here"


def test_a_reader_finds_the_last_place_again_on_another_device(
    client: TestClient, session: Session, student: User
) -> None:
    assert client.post(f"{LESSON}/place", data=PLACE).status_code == 204
    client.cookies.clear()
    enter(client, session, student)  # a second session of the same account
    client.cookies.set("language", "en", domain="127.0.0.1", path="/")
    assert '<a href="#two" data-place-fraction="0.5">You were here: Two' in client.get(LESSON).text


def test_the_latest_place_counts(client: TestClient, session: Session, student: User) -> None:
    client.post(f"{LESSON}/place", data=PLACE)
    client.post(f"{LESSON}/place", data={"anchor": "first-step", "fraction": "0.25"})
    assert session.execute(select(ReadingPosition.anchor, ReadingPosition.fraction)).all() == [
        ("first-step", 0.25)
    ]


def test_a_place_whose_heading_has_gone_is_not_offered(client: TestClient, student: User) -> None:
    client.post(f"{LESSON}/place", data={"anchor": "gone", "fraction": "0.5"})
    assert "You were here" not in client.get(LESSON).text


@pytest.mark.parametrize(
    "place",
    [
        {},
        {"anchor": "two"},
        {"anchor": "two", "fraction": "1.5"},
        {"anchor": "two", "fraction": "nan"},
        {"anchor": "x" * 201, "fraction": "0"},
    ],
)
def test_a_place_that_is_none_is_refused(
    client: TestClient, session: Session, student: User, place: dict[str, str]
) -> None:
    assert client.post(f"{LESSON}/place", data=place).status_code == 422
    assert session.scalar(select(func.count()).select_from(ReadingPosition)) == 0


def test_places_are_for_accounts_and_one_does_not_see_anothers(
    client: TestClient, session: Session, student: User
) -> None:
    client.post(f"{LESSON}/place", data=PLACE)
    enter(client, session, make_user(session))
    assert "You were here" not in client.get(LESSON).text
    client.cookies.clear()
    assert client.post(f"{LESSON}/place", data=PLACE).status_code == 401


# The course page


def continue_address(page: str) -> str:
    return re.search(r'<a class="button button-primary" href="([^"]+)"', page)[1]


def test_one_button_goes_on_where_the_reader_is(client: TestClient, session: Session, student: User) -> None:
    assert continue_address(client.get("/courses/tiny").text) == LESSON
    client.post(f"{NEXT}/place", data={"anchor": "go-on", "fraction": "0.1"})
    assert continue_address(client.get("/courses/tiny").text) == NEXT


def test_after_a_finished_lesson_the_button_leads_to_the_next(
    client: TestClient, session: Session, student: User
) -> None:
    client.post(f"{LESSON}/place", data=PLACE)
    pass_questions(session, student, *KEYS)
    client.post(f"{LESSON}/reading")
    assert continue_address(client.get("/courses/tiny").text) == NEXT


def test_the_course_page_says_what_is_missing_of_a_lesson_one_has_begun(
    client: TestClient, session: Session, student: User
) -> None:
    pass_questions(session, student, "largest")
    page = client.get("/courses/tiny").text
    assert "still missing: the end, 4 questions" in re.sub(r"\s+", " ", page)
    assert page.count("still missing") == 1


def test_a_lesson_that_was_only_read_is_not_done_while_a_question_is_open(
    client: TestClient, session: Session, student: User
) -> None:
    client.post(f"{LESSON}/reading")
    pass_questions(session, student, *KEYS[:-1])
    assert "0 of 2 lessons done" in client.get("/progress").text
    pass_questions(session, student, KEYS[-1])
    assert "1 of 2 lessons done" in client.get("/progress").text


# Speed


def test_a_signed_in_reader_of_a_lesson_costs_at_most_six_queries(
    client: TestClient, session: Session, student: User
) -> None:
    """The maximum for a lesson: it has labs and questions, the reader has a position, answers and trainings, and nothing is cached."""
    from app.courses import editions

    pass_questions(session, student, *KEYS)
    client.post(f"{LESSON}/place", data=PLACE)
    editions._kept.clear()
    for address in (LESSON, NEXT):
        with statements() as found:
            assert client.get(address).status_code == 200
        assert len(found) <= 6, found


def test_reading_a_lesson_again_does_not_read_its_text_from_the_database_again(
    client: TestClient, student: User
) -> None:
    client.get(LESSON)
    with statements() as found:
        client.get(LESSON)
    assert not [statement for statement in found if "lesson_revisions.rendering" in statement]


def test_reading_writes_nothing(client: TestClient, student: User) -> None:
    with statements() as found:
        client.get(LESSON)
    assert {statement.split()[0].upper() for statement in found} == {"SELECT"}


def test_a_visitor_gets_a_lesson_that_is_kept_ready_without_any_query(client: TestClient) -> None:
    first = client.get(LESSON)
    with statements() as found:
        again = client.get(LESSON)
    assert found == []
    assert again.content == first.content


def test_a_page_that_has_not_changed_is_confirmed_with_304(client: TestClient) -> None:
    first = client.get(LESSON)
    again = client.get(LESSON, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


def test_the_etag_stays_when_the_page_is_rendered_anew(client: TestClient) -> None:
    """Another web process, or this one a second later, renders the same page: a browser need not fetch it again."""
    from app.web.kept_pages import visitors as visitor_pages

    first = client.get(LESSON)
    visitor_pages._changes.count += 1
    assert client.get(LESSON).headers["etag"] == first.headers["etag"]


@pytest.mark.parametrize("cookie", [("language", "zh"), ("theme", "dark")])
def test_language_and_theme_are_other_pages(client: TestClient, cookie: tuple[str, str]) -> None:
    first = client.get(LESSON)
    client.cookies.set(*cookie, domain="127.0.0.1", path="/")
    other = client.get(LESSON, headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200
    assert other.headers["etag"] != first.headers["etag"]
    assert "Cookie" in other.headers["vary"]


def test_what_a_signed_in_reader_sees_is_never_kept_for_visitors(
    client: TestClient, session: Session, student: User
) -> None:
    assert "Ming" in client.get(LESSON).text
    client.cookies.delete("sophora_session")
    assert "Ming" not in client.get(LESSON).text
    enter(client, session, student)
    assert "Ming" in client.get(LESSON).text


def test_a_visitors_answer_is_not_kept_for_other_visitors(client: TestClient) -> None:
    client.get(LESSON)
    client.post(f"{LESSON}/questions/third/attempts", data={"answer": "0.5"})
    assert "NUMBER-WHY" not in client.get(LESSON).text


def change_text(folder: Path) -> None:
    text = folder / "00-start" / "en.md"
    text.write_text(text.read_text(encoding="utf-8") + "\nA sentence that is new.\n", encoding="utf-8")


def test_a_newly_published_text_shows_at_once(client: TestClient, course_folder: Path) -> None:
    first = client.get(LESSON)
    change_text(course_folder)
    with db.session_scope() as session:
        load_course(session, course_folder)
    again = client.get(LESSON, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 200
    assert "A sentence that is new." in again.text


def test_a_change_by_a_plain_update_shows_at_once_too(client: TestClient) -> None:
    assert "Two lessons only" in client.get("/courses/tiny").text
    with db.session_scope() as session:
        session.execute(update(Course).values(summary={"zh": "新", "en": "Another summary"}))
    assert "Another summary" in client.get("/courses/tiny").text


def test_a_rendering_that_is_renewed_in_place_is_read_anew(
    client: TestClient, session: Session, student: User
) -> None:
    client.get(LESSON)
    published = session.scalar(select(Lesson.published_revision_id).where(Lesson.slug == "00-start"))
    revision = session.get(LessonRevision, published)
    segments = [{"html": "<p>Rendered better.</p>"}]
    revision.rendering = {**revision.rendering, "en": {**revision.rendering["en"], "segments": segments}}
    revision.rendered_with = "something newer"
    session.commit()
    assert "Rendered better." in client.get(LESSON).text


ENCODINGS: dict[str, Callable[[bytes], bytes]] = {"br": brotli.decompress, "gzip": gzip.decompress}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_visitors_lesson_comes_compressed(client: TestClient, encoding: str) -> None:
    plain = client.get(LESSON, headers={"Accept-Encoding": "identity"})
    with client.stream("GET", LESSON, headers={"Accept-Encoding": encoding}) as packed:
        raw = b"".join(packed.iter_raw())
    assert packed.headers["content-encoding"] == encoding
    assert int(packed.headers["content-length"]) == len(raw)
    assert ENCODINGS[encoding](raw) == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]
    assert "Accept-Encoding" in packed.headers["vary"]


def test_a_signed_in_readers_lesson_comes_compressed(client: TestClient, student: User) -> None:
    assert client.get(LESSON, headers={"Accept-Encoding": "gzip"}).headers["content-encoding"] == "gzip"


def test_a_kept_page_lets_its_own_scripts_run_and_no_others(client: TestClient) -> None:
    page = client.get(LESSON)
    nonce = re.search(r"'nonce-([^']+)'", page.headers["content-security-policy"])[1]
    scripts = re.findall(r"<script[^>]*>", page.text)
    assert scripts
    assert all(f'nonce="{nonce}"' in script for script in scripts)


def test_another_content_has_another_nonce(client: TestClient, course_folder: Path) -> None:
    """Injected content cannot have known the page's nonce beforehand."""
    first = client.get(LESSON)
    change_text(course_folder)
    with db.session_scope() as session:
        load_course(session, course_folder)
    assert client.get(LESSON).headers["content-security-policy"] != first.headers["content-security-policy"]


def test_a_page_with_a_query_is_not_kept(client: TestClient) -> None:
    assert "etag" not in client.get(f"{LESSON}?x=1").headers


# The progress page


def test_the_progress_page_counts_what_was_done_for_the_first_time(
    client: TestClient, session: Session, student: User
) -> None:
    pass_questions(session, student, "largest", "odd", "odd")
    client.post(f"{LESSON}/reading")
    goal = {
        "state": JobState.SUCCEEDED,
        "lesson_id": lesson_id(session, "01-next"),
        "lab_key": "free",
        "goal_reached_at": now(),
    }
    for _ in range(2):
        make_job(session, student, **goal)
    session.commit()
    weeks = re.search(r'<table class="table weeks">.*?</table>', client.get("/progress").text, re.DOTALL)[0]
    assert re.findall(r'<td class="week-count">(\d+)', weeks) == ["1", "2", "1"]


def test_a_week_begins_where_its_reader_is(
    client: TestClient, session: Session, student: User, in_english: None
) -> None:
    """Sunday 18:00 in UTC is Monday in Shanghai, the default zone."""
    today = now().astimezone(ZoneInfo("Asia/Shanghai")).date()
    monday = today - timedelta(days=today.weekday())
    begun = datetime.combine(monday, time(2), ZoneInfo("Asia/Shanghai")).astimezone(UTC)
    assert begun.weekday() == 6
    reading = LessonReading(user_id=student.id, lesson_id=lesson_id(session, "00-start"), read_at=begun)
    session.add(reading)
    session.commit()
    weeks = re.search(r'<table class="table weeks">.*?</table>', client.get("/progress").text, re.DOTALL)[0]
    assert re.findall(r'<time datetime="([0-9-]+)">', weeks) == [monday.isoformat()]


def test_who_has_done_nothing_sees_no_empty_table_of_weeks(client: TestClient, student: User) -> None:
    assert "Week by week" not in client.get("/progress").text


def test_static_files_keep_the_compression_they_were_built_with(client: TestClient) -> None:
    from app.web.assets import asset

    answer = client.get(asset("app.css"), headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers["content-encoding"] == "br"
