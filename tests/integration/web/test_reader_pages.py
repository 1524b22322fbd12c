"""A signed-in reader's lesson is sent from the cache, after one query that shows that nothing has changed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import User, UserSession
from app.accounts.service import disable
from app.board import counters, places
from app.board import service as board
from app.board.models import Comment, CommentState
from app.core import db
from app.core.clock import now
from app.courses.models import Lesson
from app.jobs.models import Job, JobState
from app.profiles import service as profiles
from app.publishing.loader import load_course
from app.web.kept_pages import readers as reader_pages
from tests.factories import make_job, make_user
from tests.integration.conftest import enter, wait_until_noted
from tests.integration.quizzes.quiz_lesson import LESSON
from tests.integration.statements import statements

pytestmark = pytest.mark.usefixtures("lessons")

NEXT = "/courses/tiny/lessons/01-next"


@pytest.fixture
def reader(client: TestClient, student: User) -> TestClient:
    """Has requested the lesson often enough for it to be cached; development's freshness of a second does not apply."""
    client.cookies.set("language", "en", domain="127.0.0.1", path="/")
    client.get(LESSON)
    client.get(LESSON)
    return client


@pytest.fixture(autouse=True)
def kept_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(reader_pages.FRESH_SECONDS, "development", 600.0)


def test_the_third_visit_costs_one_statement(reader: TestClient) -> None:
    with statements() as found:
        answer = reader.get(LESSON)
    assert len(found) == 1
    assert "Ming" in answer.text


def test_a_request_with_too_many_headers_gets_no_kept_page(reader: TestClient) -> None:
    """The size limits are enforced further inside than the page cache: it must not bypass them."""
    headers = [("a", "b")] * 120
    assert reader.get(LESSON, headers=headers).status_code == 431
    reader.cookies.clear()
    reader.get(LESSON)
    assert reader.get(LESSON, headers=headers).status_code == 431


def test_a_page_that_has_not_changed_is_confirmed_with_304(reader: TestClient) -> None:
    first = reader.get(LESSON)
    again = reader.get(LESSON, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "private" in first.headers["cache-control"]


def test_the_kept_page_has_a_nonce_that_its_policy_names(reader: TestClient) -> None:
    answer = reader.get(LESSON)
    nonce = answer.headers["content-security-policy"].partition("'nonce-")[2].partition("'")[0]
    assert f'nonce="{nonce}"' in answer.text


def read(client: TestClient, session: Session, student: User) -> None:
    client.post(f"{LESSON}/reading")


def leave_a_place(client: TestClient, session: Session, student: User) -> None:
    client.post(f"{LESSON}/place", data={"anchor": "two", "fraction": "0.5"})


def answer_a_question(client: TestClient, session: Session, student: User) -> None:
    client.post(f"{LESSON}/questions/third/attempts", data={"answer": "0.5"})


def take_another_name(client: TestClient, session: Session, student: User) -> None:
    session.execute(update(User).values(name="Liang"))
    session.commit()


def become_a_lecturer(client: TestClient, session: Session, student: User) -> None:
    session.execute(update(User).values(role="lecturer"))
    session.commit()


CHANGES = [
    read,
    leave_a_place,
    answer_a_question,
    take_another_name,
    become_a_lecturer,
]


@pytest.mark.parametrize("change", CHANGES)
def test_what_the_reader_does_shows_at_once(
    reader: TestClient,
    session: Session,
    student: User,
    change: Callable[[TestClient, Session, User], None],
) -> None:
    before = reader.get(LESSON)
    change(reader, session, student)
    after = reader.get(LESSON)
    assert after.headers.get("etag") != before.headers["etag"]
    assert after.text.partition("</head>")[2] != before.text.partition("</head>")[2]


def test_a_training_shows_at_once_and_so_does_its_end(
    reader: TestClient, session: Session, student: User
) -> None:
    for _ in range(3):
        assert "lab-outcome" not in reader.get(NEXT).text
    lesson = session.scalars(select(Lesson).where(Lesson.slug == "01-next")).one()
    make_job(session, student, lesson_id=lesson.id, lab_key="free", lab={"key": "free"})
    session.commit()
    for _ in range(2):
        assert "state-queued" in reader.get(NEXT).text
    session.execute(update(Job).values(state=JobState.SUCCEEDED, finished_at=now()))
    session.commit()
    assert "state-succeeded" in reader.get(NEXT).text


def test_a_newly_published_text_shows_at_once(reader: TestClient, course_folder: Path) -> None:
    text = course_folder / "00-start" / "en.md"
    text.write_text(text.read_text(encoding="utf-8") + "\nA sentence that is new.\n", encoding="utf-8")
    with db.session_scope() as session:
        load_course(session, course_folder)
    assert "A sentence that is new." in reader.get(LESSON).text


def test_the_title_of_the_next_lesson_shows_at_once(reader: TestClient, course_folder: Path) -> None:
    description = course_folder / "01-next" / "lesson.toml"
    old = description.read_text(encoding="utf-8")
    assert 'en = "Next"' in old or "title" in old
    lines = [
        'title = { zh = "新的", en = "Quite new" }' if line.startswith("title") else line
        for line in old.splitlines()
    ]
    description.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with db.session_scope() as session:
        load_course(session, course_folder)
    assert "Quite new" in reader.get(LESSON).text


def test_another_reader_gets_a_page_of_their_own(reader: TestClient, session: Session) -> None:
    reader.cookies.delete("sophora_session")
    assert "Ming" not in reader.get(LESSON).text
    other = make_user(session, "Fang")
    session.commit()
    enter(reader, session, other)
    for _ in range(3):
        text = reader.get(LESSON).text
        assert "Fang" in text
        assert "Ming" not in text


def test_language_and_theme_are_other_pages(reader: TestClient) -> None:
    english = reader.get(LESSON)
    reader.cookies.set("language", "zh", domain="127.0.0.1", path="/")
    assert 'lang="zh-Hans"' in reader.get(LESSON).text
    reader.cookies.set("language", "en", domain="127.0.0.1", path="/")
    reader.cookies.set("theme", "dark", domain="127.0.0.1", path="/")
    dark = reader.get(LESSON)
    assert 'data-theme="dark"' in dark.text
    assert reader.get(LESSON, headers={"If-None-Match": english.headers["etag"]}).status_code == 200


def test_a_session_that_has_ended_sees_nothing_kept(reader: TestClient, session: Session) -> None:
    session.query(UserSession).delete()
    session.commit()
    assert "Ming" not in reader.get(LESSON).text


def test_a_closed_account_sees_nothing_kept(reader: TestClient, session: Session, student: User) -> None:
    disable(session, session.get_one(User, student.id))
    session.commit()
    assert "Ming" not in reader.get(LESSON).text


def test_the_use_of_a_session_is_still_noted(
    reader: TestClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader of cached pages only would otherwise be signed out as idle."""
    from app.accounts import service

    long_ago = now() - service.TOUCH_EVERY * 2
    session.execute(update(UserSession).values(last_seen_at=long_ago))
    session.commit()
    reader.get(LESSON)
    wait_until_noted()
    session.expire_all()
    assert session.scalars(select(UserSession)).one().last_seen_at > long_ago


def test_a_page_with_a_fault_in_its_form_is_not_kept(reader: TestClient) -> None:
    before = reader.get(LESSON)
    reader.post(f"{LESSON}/questions/third/attempts", data={"answer": "no number"})
    assert reader.get(LESSON).text == before.text


@pytest.fixture
def talk(session: Session) -> Callable[[str], Comment]:
    """Another student comments below the lesson."""
    other = make_user(session, "小昊")
    session.commit()

    def say(body: str) -> Comment:
        lesson = session.scalars(select(Lesson).where(Lesson.slug == "00-start")).one()
        place = places.find_place(session, None, f"lesson:{lesson.id}")
        comment = board.post(session, other, place, body, "key " + body[:20], 60)
        session.commit()
        return comment

    return say


def test_a_new_comment_shows_at_once(reader: TestClient, talk: Callable[[str], Comment]) -> None:
    assert "A first thought" not in reader.get(LESSON).text
    talk("A first thought about this lesson")
    assert "A first thought" in reader.get(LESSON).text


def test_an_edited_comment_shows_at_once(
    reader: TestClient, session: Session, talk: Callable[[str], Comment]
) -> None:
    comment = talk("A first thought about this lesson")
    reader.get(LESSON)
    comment.html = "<p>A better thought</p>"
    session.commit()
    assert "A better thought" in reader.get(LESSON).text


def test_a_withheld_comment_is_gone_at_once(
    reader: TestClient, session: Session, talk: Callable[[str], Comment]
) -> None:
    comment = talk("A first thought about this lesson")
    assert "A first thought" in reader.get(LESSON).text
    counters.change_state(session, comment, CommentState.WITHHELD)
    session.commit()
    assert "A first thought" not in reader.get(LESSON).text


def test_a_like_shows_at_once(reader: TestClient, session: Session, talk: Callable[[str], Comment]) -> None:
    comment = talk("A first thought about this lesson")
    before = reader.get(LESSON).headers["etag"]
    reader.post(f"/comments/{comment.id}/likes", data={"on": "yes"})
    assert reader.get(LESSON).headers.get("etag") != before


def test_a_name_that_is_masked_again_is_masked_in_kept_pages(
    reader: TestClient, session: Session, talk: Callable[[str], Comment]
) -> None:
    comment = talk("A first thought about this lesson")
    author = session.get_one(User, comment.author_id)
    profiles.show_name(session, author, shown=True)
    session.commit()
    assert "小昊" in reader.get(LESSON).text
    assert "小昊" in reader.get(LESSON).text
    profiles.show_name(session, author, shown=False)
    session.commit()
    assert "小昊" not in reader.get(LESSON).text


def test_the_count_of_unread_notifications_shows_at_once(
    reader: TestClient, session: Session, student: User
) -> None:
    before = reader.get(LESSON).headers["etag"]
    session.execute(update(User).where(User.id == student.id).values(unread=3))
    session.commit()
    assert reader.get(LESSON).headers.get("etag") != before


def test_a_draft_that_was_kept_shows_at_once(reader: TestClient, session: Session, student: User) -> None:
    lesson = session.scalars(select(Lesson).where(Lesson.slug == "00-start")).one()
    place = places.find_place(session, None, f"lesson:{lesson.id}")
    board.keep_draft(session, student, place.thread_id, "Half a sentence that I")
    session.commit()
    assert "Half a sentence that I" in reader.get(LESSON).text
