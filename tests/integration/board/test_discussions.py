"""The structure of discussions: two levels, order, pages by key, permalinks."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board import marks, places, service
from app.board.discussion.cursors import Order
from app.board.own import editing
from app.core.errors import Invalid
from tests.factories import make_user
from tests.integration.board.talk import FRAGMENT, LESSON, bodies, many, say, shown
from tests.integration.statements import cost

pytestmark = pytest.mark.usefixtures("redis")


def test_a_reply_to_a_reply_hangs_on_the_same_comment_and_names_whom_it_answers(
    place: places.ThreadHost, session: Session, hao: User
) -> None:
    top = say(session, hao, "The first of us all", place=place)
    reply = say(session, make_user(session, "Ming"), "I answer the first", place=place, to=top)
    deeper = say(session, hao, "And I answer the answer", place=place, to=reply)
    assert (reply.parent_id, reply.reply_to_id) == (top.id, None)
    assert (deeper.parent_id, deeper.reply_to_id) == (top.id, reply.id)
    [entry] = shown(session, place).entries
    assert [e.answers for e in entry.replies] == [None, "*g"]


@pytest.mark.parametrize(("language", "words"), [("zh", "回复 @*g"), ("en", "to @*g")])
def test_a_page_says_whom_a_reply_to_a_reply_answers(
    client: TestClient, place: places.ThreadHost, session: Session, hao: User, language: str, words: str
) -> None:
    top = say(session, hao, "The first of us all", place=place)
    reply = say(session, make_user(session, "Ming"), "I answer the first", place=place, to=top)
    say(session, hao, "And I answer the answer", place=place, to=reply)
    session.commit()
    client.cookies.set("language", language, domain="127.0.0.1", path="/")
    assert re.findall(r'"comment-answers">([^<]*)<', client.get(LESSON).text) == [words]


@pytest.mark.parametrize(("language", "word"), [("zh", "已编辑"), ("en", "edited")])
def test_a_page_says_that_a_comment_was_edited(
    client: TestClient, place: places.ThreadHost, session: Session, hao: User, language: str, word: str
) -> None:
    comment = say(session, hao, "What I said at first", place=place)
    say(session, make_user(session), "Never changed by anybody", place=place)
    comment.created_at -= timedelta(hours=1)
    editing.edit(session, hao, comment.id, "What I say today")
    session.commit()
    client.cookies.set("language", language, domain="127.0.0.1", path="/")
    links = re.findall(r'href="/comments/([^"]+)/history">([^<]*)<', client.get(LESSON).text)
    assert links == [(str(comment.id), word)]


def test_a_comment_cannot_answer_one_of_another_place(
    place: places.ThreadHost, session: Session, hao: User
) -> None:
    elsewhere = say(session, hao, "On the board of the class", place=places.CLASS)
    with pytest.raises(Invalid):
        say(session, hao, "An answer that went astray", place=place, to=elsewhere)


def test_the_lecturers_reply_comes_first_and_carries_its_badge(
    client: TestClient, place: places.ThreadHost, session: Session, hao: User, lin: User
) -> None:
    top = say(session, hao, "What is a gradient, please?", place=place)
    say(session, make_user(session), "I do not know either", place=place, to=top)
    answer = say(session, lin, "It points uphill, as steeply as can be", place=place, to=top)
    session.commit()
    assert answer.is_answer
    [entry] = shown(session, place).entries
    assert entry.replies[0].id == answer.id
    assert "讲师回复" in client.get(LESSON).text or "Lecturer’s reply" in client.get(LESSON).text


def test_a_lecturer_who_answers_nobody_gives_no_answer(
    place: places.ThreadHost, session: Session, lin: User
) -> None:
    top = say(session, lin, "A word from me to all of you", place=place)
    again = say(session, lin, "And another one on top of it", place=place, to=top)
    assert not top.is_answer and not again.is_answer


# The order, and pages by key


def test_pinned_come_first_then_featured_then_the_most_liked(
    place: places.ThreadHost, session: Session, hao: User, lin: User
) -> None:
    _plain, liked, featured, pinned = many(session, place, hao, 4)
    service.like(session, make_user(session), liked.id)
    marks.feature(session, lin, featured)
    marks.pin(session, lin, pinned)
    assert bodies(shown(session, place)) == ["comment 3", "comment 2", "comment 1", "comment 0"]
    marks.pin(session, lin, pinned, False)
    assert pinned.rank == "0"
    assert bodies(shown(session, place)) == ["comment 2", "comment 1", "comment 3", "comment 0"]


def test_the_newest_first_where_the_reader_asks_for_it(
    place: places.ThreadHost, session: Session, hao: User
) -> None:
    old, _new = many(session, place, hao, 2)
    service.like(session, make_user(session), old.id)
    assert bodies(shown(session, place)) == ["comment 0", "comment 1"]
    assert bodies(shown(session, place, order=Order.NEWEST)) == ["comment 1", "comment 0"]


@pytest.mark.parametrize("order", list(Order))
def test_pages_by_key_show_each_comment_once(
    place: places.ThreadHost, session: Session, hao: User, lin: User, order: Order
) -> None:
    comments = many(session, place, hao, 45)
    for number, comment in enumerate(comments):
        comment.likes = number % 4
    marks.feature(session, lin, comments[7])
    session.commit()
    found, after, pages = [], "", 0
    while after is not None:
        page = shown(session, place, order=order, after=after)
        found += bodies(page)
        after, pages = page.next, pages + 1
    assert pages == 3
    assert sorted(found) == sorted(f"comment {number}" for number in range(45))
    assert found[0] == "comment 7"


def test_a_comment_that_comes_meanwhile_moves_no_page(
    place: places.ThreadHost, session: Session, hao: User
) -> None:
    many(session, place, hao, 30)
    first = shown(session, place, order=Order.NEWEST)
    say(session, make_user(session), "I came in between them", place=place)
    second = shown(session, place, order=Order.NEWEST, after=first.next)
    assert bodies(first) + bodies(second) == [f"comment {number}" for number in reversed(range(30))]


def test_the_link_to_more_comments_works_without_javascript(
    client: TestClient, place: places.ThreadHost, session: Session, hao: User
) -> None:
    many(session, place, hao, 25)
    page = client.get(LESSON).text
    link = re.search(r'href="([^"]+after=[^"]+)"', page)[1].replace("&amp;", "&")
    more = client.get(link.partition("#")[0]).text
    assert ">comment 24<" in page and ">comment 4<" not in page
    assert ">comment 4<" in more and ">comment 24<" not in more


def test_the_first_three_replies_are_in_the_page_and_the_rest_by_key(
    client: TestClient, place: places.ThreadHost, session: Session, hao: User
) -> None:
    [top] = many(session, place, hao, 1)
    replies = many(session, place, hao, 30, parent_id=top.id)
    top.replies = 30
    session.commit()
    [entry] = shown(session, place).entries
    assert [reply.id for reply in entry.replies] == [reply.id for reply in replies[:3]]
    found, after = [], entry.next_reply
    while after:
        part = client.get(f"/comments/{top.id}/replies?after={after}", headers=FRAGMENT).text
        found += re.findall(r'data-comment="([^"]+)"', part)
        link = re.search(r"after=([^\"]+)\"", part)
        after = link[1] if link else ""
    assert found == [str(reply.id) for reply in replies[3:]]


def test_a_cursor_that_nobody_gave_is_no_page(client: TestClient, place: places.ThreadHost) -> None:
    for after in ("nonsense", "1.2.3", "9.9.9.9.9", f"0.{10**40}.0.{10**40}.{uuid4().hex}"):
        assert client.get(f"{LESSON}?after={after}").status_code == 404
    for rank, status in (("3", 404), ("\0", 400), ("00", 404), ("", 404)):
        asked = {"after": f"{rank}.1.0.1.{uuid4().hex}"}
        assert client.get(LESSON, params=asked).status_code == status


# Links to a comment


def test_the_link_to_a_comment_leads_to_the_first_page_where_it_stands_there(
    client: TestClient, place: places.ThreadHost, session: Session, hao: User
) -> None:
    comments = many(session, place, hao, 30)
    newest = client.get(f"/comments/{comments[29].id}")
    assert newest.headers["location"] == f"{LESSON}#comment-{comments[29].id}"


def test_the_link_to_a_deep_comment_opens_the_discussion_there(
    client: TestClient, place: places.ThreadHost, session: Session, hao: User
) -> None:
    deep = many(session, place, hao, 60)[5]
    address = client.get(f"/comments/{deep.id}").headers["location"]
    assert address == f"{LESSON}?comment={deep.id}#comment-{deep.id}"
    page = client.get(address.partition("#")[0]).text
    first = re.search(r'data-comment="([^"]+)"', page)[1]
    assert first == str(deep.id)
    assert f'comment-linked" id="comment-{deep.id}"' in page


def test_the_link_to_a_deep_reply_shows_it_inside_its_comment(
    client: TestClient, place: places.ThreadHost, session: Session, hao: User
) -> None:
    top = many(session, place, hao, 40)[3]
    reply = many(session, place, hao, 30, parent_id=top.id)[20]
    top.replies = 30
    session.commit()
    page = client.get(client.get(f"/comments/{reply.id}").headers["location"].partition("#")[0]).text
    assert re.findall(r'data-comment="([^"]+)"', page)[:2] == [str(top.id), str(reply.id)]


# Cost


def test_a_lesson_costs_no_more_for_many_comments(
    client: TestClient, place: places.ThreadHost, session: Session, student: User, hao: User
) -> None:
    client.get(LESSON)
    before = cost(client, LESSON)
    tops = many(session, place, hao, 60)
    for top in tops[-20:]:
        many(session, place, hao, 5, parent_id=top.id)
        top.replies = 5
    session.commit()
    assert cost(client, LESSON) == before <= 6
