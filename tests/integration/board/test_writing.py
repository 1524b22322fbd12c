"""Writing a comment: its limits, its preview, and the same form sent again."""

import re
from concurrent.futures import ThreadPoolExecutor
from time import process_time
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board import places, service
from app.board.models import Comment, Thread
from app.board.text.comment_text import LONGEST, checked_body
from app.core import db
from app.core.errors import Invalid
from tests.factories import NO_ID
from tests.integration.board.talk import FRAGMENT, LESSON, say, write
from tests.integration.conftest import ON_SQLITE
from tests.integration.statements import statements

pytestmark = pytest.mark.usefixtures("redis")


def test_a_comment_below_a_lesson_is_shown_to_visitors(
    client: TestClient, place: places.ThreadHost, student: User
) -> None:
    answer = write(client, place, "Why is the **slope** negative here?")
    client.cookies.clear()
    page = client.get(LESSON).text
    assert answer.status_code == 303
    assert "Why is the <strong>slope</strong> negative here?" in page


def test_a_visitor_sees_a_new_comment_at_once_although_pages_are_kept_ready(
    client: TestClient, place: places.ThreadHost, session: Session, hao: User
) -> None:
    client.cookies.set("language", "en", domain="127.0.0.1", path="/")
    assert "Nobody has written" in client.get(LESSON).text
    session.commit()
    with db.session_scope() as scope:
        say(scope, hao, "Here I am, look at me", place=place)
    assert "Here I am, look at me" in client.get(LESSON).text


def test_a_visitor_must_sign_in_to_write(client: TestClient, place: places.ThreadHost) -> None:
    assert write(client, place, "I am nobody at all").status_code == 401


@ON_SQLITE
@pytest.mark.parametrize(
    "body",
    ["short", "       x       ", "", "好的", f"@[x](user:{NO_ID})", "&#8203;&#8203;&#8203;x", "x        y"],
)
def test_a_comment_has_eight_characters_at_least(
    client: TestClient, place: places.ThreadHost, student: User, body: str
) -> None:
    answer = write(client, place, body)
    assert answer.status_code == 422


@ON_SQLITE
@pytest.mark.parametrize(
    "body",
    [
        "\u200b" * 8,
        "&nbsp;&nbsp;",
        "> > > > >",
        "\u2800" * 8,
        "----------",
        "```\n\n\n\n```",
        "[](https://a.org)",
    ],
)
def test_a_comment_in_which_nothing_can_be_seen_is_none(body: str, database: str) -> None:
    with pytest.raises(Invalid):
        checked_body(body)


@ON_SQLITE
@pytest.mark.parametrize(
    "body",
    [
        "打卡",
        "day 1",
        "Day 12",
        "第3天",
        "第十二天！",
        "签到",
        "学习day1",
        "day1学习",
        "Day1完成",
        "已check in",
    ],
)
def test_check_in_words_pass_although_they_are_short(
    client: TestClient, place: places.ThreadHost, student: User, body: str
) -> None:
    assert write(client, place, body).status_code == 303


@ON_SQLITE
@pytest.mark.parametrize("body", ["monday1", "aday 12", "heck in", "dayoned"])
def test_a_part_of_a_word_is_no_check_in(body: str, database: str) -> None:
    with pytest.raises(Invalid):
        checked_body(body)


def test_a_comment_has_4000_characters_at_most_and_comes_back_whole(
    client: TestClient, place: places.ThreadHost, student: User
) -> None:
    assert write(client, place, "x" * LONGEST).status_code == 303
    refused = write(client, place, "y" * (LONGEST + 1))
    assert refused.status_code == 422
    assert "y" * (LONGEST + 1) in refused.text


def test_a_mention_counts_as_its_writer_sees_it(database: str) -> None:
    mentions = "".join(f" @[n](user:{uuid4()})" for _ in range(6))
    assert len(checked_body("x" * 3800 + mentions)) > LONGEST
    with pytest.raises(Invalid):
        checked_body("x" * (LONGEST - 5) + mentions)
    with pytest.raises(Invalid):
        checked_body(f"@[](user:{NO_ID})" * 500)


def test_the_same_form_sent_twice_stores_one_comment(
    client: TestClient, place: places.ThreadHost, student: User, session: Session
) -> None:
    first = write(client, place, "I press the button twice", request_key="k" * 32)
    second = write(client, place, "I press the button twice", request_key="k" * 32)
    assert first.headers["location"] == second.headers["location"]
    assert session.scalar(select(func.count(Comment.id))) == 1
    assert session.scalar(select(Thread.comment_count)) == 1


def test_the_same_form_with_another_text_is_another_comment(
    client: TestClient, place: places.ThreadHost, student: User, session: Session
) -> None:
    for body in ("I wrote this in one tab", "And that in another one") * 2:
        assert write(client, place, body, request_key="k" * 32).status_code == 303
    assert session.scalar(select(func.count(Comment.id))) == 2


def test_the_same_form_sent_ten_times_at_once_stores_one_comment(
    place: places.ThreadHost, session: Session, hao: User
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
    client: TestClient, place: places.ThreadHost, student: User, session: Session
) -> None:
    answer = write(client, place, "so $x^2$ is **it**", act="preview", request_key="p" * 32)
    assert answer.status_code == 200
    assert "<strong>it</strong>" in answer.text and "<math>" in answer.text
    assert "so $x^2$ is **it**" in answer.text and "p" * 32 in answer.text
    assert session.scalar(select(func.count(Comment.id))) == 0


def test_a_preview_is_no_longer_than_a_comment(
    client: TestClient, place: places.ThreadHost, student: User, session: Session
) -> None:
    too_long = f"```python\n{'x = 1; ' * 2000}\n```"
    answer = write(client, place, too_long, act="preview")
    assert answer.status_code == 422
    assert too_long in answer.text and "comment-preview" not in answer.text


def test_a_thousand_mentions_of_one_name_hold_up_nobody(
    client: TestClient, place: places.ThreadHost, student: User
) -> None:
    body = "".join(f"@[*昊](user:{uuid4()})" for _ in range(1000))
    # Of the processor: a busy machine lets everybody wait.
    start = process_time()
    for act in ("preview", "send"):
        assert write(client, place, body, act=act).status_code == 422
    assert process_time() - start < 1.5


def test_a_preview_does_not_stand_in_line_with_those_who_write(
    client: TestClient, place: places.ThreadHost, student: User, session: Session
) -> None:
    with statements() as found:
        assert write(client, place, "so $x^2$ is **it**", act="preview").status_code == 200
    assert found and all(statement.lstrip().startswith("SELECT") for statement in found), found
    session.execute(update(Thread).values(version=Thread.version))  # now SQLite lets nobody else write
    assert write(client, place, "so $x^2$ is **it**", act="preview").status_code == 200


def test_a_form_that_does_not_say_which_button_was_pressed_is_previewed(
    client: TestClient, place: places.ThreadHost, student: User, session: Session
) -> None:
    form = client.get(LESSON).text.partition('id="form-comment"')[2].partition("</form>")[0]
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))
    answer = client.post(
        f"/threads/{place.key}/comments", data=hidden | {"body": "half a thought"}, headers=FRAGMENT
    )
    assert answer.status_code == 200 and "comment-preview" in answer.text
    assert write(client, place, "half a thought", act="publish").status_code == 422
    assert session.scalar(select(func.count(Comment.id))) == 0


def test_a_character_that_cannot_be_stored_is_left_out(
    client: TestClient, place: places.ThreadHost, student: User, session: Session, hao: User
) -> None:
    assert write(client, place, "long\0 enough", request_key="a\0b").status_code == 303
    assert session.scalar(select(Comment.body)) == "long enough"
    comment = say(session, hao, "Somebody may report this", place=place)
    session.commit()
    report = client.post(f"/comments/{comment.id}/reports", data={"reason": "spam", "note": "a\0b"})
    assert report.status_code == 303
    # No form sends one in an address: it is refused there.
    assert client.get("/board/people", params={"thread": place.key, "q": "\0"}).status_code == 400
