"""Writing a comment: its bounds, its draft, its preview, and the same form sent again."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import db
from app.accounts.models import User
from app.board import places, service
from app.board.bodies import LONGEST
from app.board.models import Comment, CommentDraft, Thread
from tests.integration.comments.talk import LESSON, say, write

pytestmark = pytest.mark.usefixtures("redis")


def test_a_comment_below_a_lesson_is_shown_to_visitors(
    client: TestClient, place: places.Place, student: User
) -> None:
    answer = write(client, place, "Why is the **slope** negative here?")
    client.cookies.clear()
    page = client.get(LESSON).text
    assert answer.status_code == 303
    assert "Why is the <strong>slope</strong> negative here?" in page


def test_a_visitor_sees_a_new_comment_at_once_although_pages_are_kept_ready(
    client: TestClient, place: places.Place, session: Session, hao: User
) -> None:
    client.cookies.set("language", "en", domain="127.0.0.1", path="/")
    assert "Nobody has written" in client.get(LESSON).text
    session.commit()
    with db.session_scope() as scope:
        say(scope, hao, "Here I am, look at me", place=place)
    assert "Here I am, look at me" in client.get(LESSON).text


def test_a_visitor_must_sign_in_to_write(client: TestClient, place: places.Place) -> None:
    assert write(client, place, "I am nobody at all").status_code == 401


@pytest.mark.parametrize("body", ["short", "       x       ", "", "好的"])
def test_a_comment_has_eight_characters_at_least(
    client: TestClient, place: places.Place, student: User, body: str
) -> None:
    answer = write(client, place, body)
    assert answer.status_code == 422


@pytest.mark.parametrize("body", ["打卡", "day 1", "Day 12", "第3天", "第十二天！", "签到"])
def test_check_in_words_pass_although_they_are_short(
    client: TestClient, place: places.Place, student: User, body: str
) -> None:
    assert write(client, place, body).status_code == 303


def test_a_comment_has_4000_characters_at_most_and_comes_back_whole(
    client: TestClient, place: places.Place, student: User
) -> None:
    assert write(client, place, "x" * LONGEST).status_code == 303
    refused = write(client, place, "y" * (LONGEST + 1))
    assert refused.status_code == 422
    assert "y" * (LONGEST + 1) in refused.text


def test_the_same_form_sent_twice_stores_one_comment(
    client: TestClient, place: places.Place, student: User, session: Session
) -> None:
    first = write(client, place, "I press the button twice", request_key="k" * 32)
    second = write(client, place, "I press the button twice", request_key="k" * 32)
    assert first.headers["location"] == second.headers["location"]
    assert session.scalar(select(func.count(Comment.id))) == 1
    assert session.scalar(select(Thread.comment_count)) == 1


def test_the_same_form_with_another_text_is_another_comment(
    client: TestClient, place: places.Place, student: User, session: Session
) -> None:
    for body in ("I wrote this in one tab", "And that in another one") * 2:
        assert write(client, place, body, request_key="k" * 32).status_code == 303
    assert session.scalar(select(func.count(Comment.id))) == 2


def test_the_same_form_sent_ten_times_at_once_stores_one_comment(
    place: places.Place, session: Session, hao: User
) -> None:
    session.commit()

    def send(_number: int) -> object:
        with db.session_scope() as scope:
            user = scope.get_one(User, hao.id)
            return service.post(scope, user, place, "A very nervous finger", "n" * 32, 60).id

    with ThreadPoolExecutor(10) as pool:
        assert len(set(pool.map(send, range(10)))) == 1
    assert session.scalar(select(Thread.comment_count)) == 1


def test_a_preview_stores_nothing_and_keeps_what_was_typed(
    client: TestClient, place: places.Place, student: User, session: Session
) -> None:
    answer = write(client, place, "so $x^2$ is **it**", act="preview", request_key="p" * 32)
    assert answer.status_code == 200
    assert "<strong>it</strong>" in answer.text and "<math>" in answer.text
    assert "so $x^2$ is **it**" in answer.text and "p" * 32 in answer.text
    assert session.scalar(select(func.count(Comment.id))) == 0


def test_a_draft_is_there_again_and_gone_once_it_is_sent(
    client: TestClient, place: places.Place, student: User, session: Session
) -> None:
    draft = {"place": str(place.thread_id), "body": "half a thought of mine"}
    assert client.post("/board/drafts", data=draft).status_code == 204
    assert "half a thought of mine" in client.get(LESSON).text
    write(client, place, "half a thought of mine, and its end")
    assert session.scalar(select(func.count()).select_from(CommentDraft)) == 0


def test_each_place_has_a_draft_of_its_own(
    client: TestClient, place: places.Place, student: User, session: Session, hao: User
) -> None:
    comment = say(session, hao, "Something to be answered", place=place)
    session.commit()
    client.post("/board/drafts", data={"place": str(comment.id), "body": "an answer in the making"})
    assert "an answer in the making" not in client.get(LESSON).text
    assert "an answer in the making" in client.get(f"/comments/{comment.id}/reply").text


def test_an_emptied_draft_is_forgotten(place: places.Place, session: Session, hao: User) -> None:
    service.keep_draft(session, hao, place.thread_id, "soon gone")
    service.keep_draft(session, hao, place.thread_id, "  ")
    assert session.scalar(select(func.count()).select_from(CommentDraft)) == 0
