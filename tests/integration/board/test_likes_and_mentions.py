"""Likes, featured comments, quotations, mentions."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board import counters, marks, places, service
from app.board.models import Comment, CommentState
from app.core import db
from app.core.errors import Conflict
from tests.factories import make_user
from tests.integration.board.talk import LESSON, say, write
from tests.integration.conftest import enter

pytestmark = pytest.mark.usefixtures("redis")


def test_a_like_counts_once_a_reader_and_can_be_taken_back(
    place: places.ThreadHost, session: Session, hao: User
) -> None:
    comment, reader = say(session, hao, "Something to be liked", place=place), make_user(session)
    for _ in range(2):
        service.like(session, reader, comment.id)
    assert comment.likes == 1
    for _ in range(2):
        service.unlike(session, reader, comment.id)
    assert comment.likes == 0


def test_nobody_likes_a_comment_of_their_own(place: places.ThreadHost, session: Session, hao: User) -> None:
    comment = say(session, hao, "I am really good at this", place=place)
    with pytest.raises(Conflict):
        service.like(session, hao, comment.id)


def test_fifty_likes_at_once_are_fifty(place: places.ThreadHost, session: Session, hao: User) -> None:
    comment = say(session, hao, "Everybody likes this one", place=place)
    readers = [make_user(session).id for _ in range(50)]
    session.commit()

    def like(reader: object) -> None:
        with db.session_scope() as scope:
            service.like(scope, scope.get_one(User, reader), comment.id)

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(like, readers))
    session.refresh(comment)
    assert comment.likes == 50


def test_replies_likes_and_moderators_never_wait_for_each_other_in_a_circle(
    place: places.ThreadHost, session: Session, hao: User
) -> None:
    """PostgreSQL aborts one of two deadlocked transactions with an error."""
    top = say(session, hao, "Everybody talks about this", place=place)
    reply = say(session, hao, "And this is what I mean", place=place, to=top)
    people = [make_user(session).id for _ in range(6)]
    session.commit()

    def act(number: int, scope: Session) -> None:
        user, known = scope.get_one(User, people[number % 6]), scope.get_one(Comment, reply.id)
        if number % 6 < 2:
            say(scope, user, f"I say the number {number}", place=place, to=top)
        elif number % 6 < 4:
            service.like(scope, user, top.id)
            service.unlike(scope, user, top.id)
        elif number % 6 == 4:
            change = CommentState.VISIBLE if known.state == CommentState.PENDING else CommentState.PENDING
            with suppress(Conflict):
                counters.change_state(scope, known, change)
        else:
            marks.feature(scope, user, known, not known.is_featured)
            counters.count(scope, known, 1)

    def acts(first: int) -> None:
        for number in range(first, 150, 6):
            with db.session_scope() as scope:
                act(number, scope)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(acts, range(6)))
    session.refresh(top)
    assert top.likes == 0


def test_only_staff_feature_and_pin(
    client: TestClient, place: places.ThreadHost, session: Session, student: User, hao: User, lin: User
) -> None:
    comment = say(session, hao, "Worth to be read by all", place=place)
    session.commit()
    assert client.post(f"/comments/{comment.id}/featuring", data={"on": "true"}).status_code == 403
    enter(client, session, lin)
    for act in ("featuring", "pinning"):
        assert client.post(f"/comments/{comment.id}/{act}", data={"on": "true"}).status_code == 303
    session.refresh(comment)
    assert (comment.is_featured, comment.is_pinned, comment.rank) == (True, True, "2")


def test_a_quotation_stands_in_the_reply_form(
    client: TestClient, place: places.ThreadHost, session: Session, student: User, hao: User
) -> None:
    comment = say(session, hao, "first line\nsecond line", place=place)
    session.commit()
    assert "&gt; first line\n&gt; second line\n" in client.get(f"/comments/{comment.id}/reply?quote=1").text


# Mentions


def test_a_mention_is_stored_by_id_and_shown_with_todays_public_name(
    client: TestClient, place: places.ThreadHost, session: Session, student: User, hao: User
) -> None:
    write(client, place, f"I agree with @[whatever](user:{hao.id}) here")
    stored = session.scalar(select(Comment))
    assert stored.body == f"I agree with @[](user:{hao.id}) here"
    assert f'href="/people/{hao.id}">@*昊</a>' in client.get(LESSON).text
    hao.shows_name = True
    session.commit()
    assert ">@小昊</a>" in client.get(LESSON).text


def test_a_form_says_whom_a_name_means_beside_the_text(
    client: TestClient, place: places.ThreadHost, session: Session, student: User, hao: User
) -> None:
    typed = {"mentions": f"@[*昊](user:{hao.id})"}
    previewed = write(client, place, "I agree with @*昊 here", act="preview", **typed).text
    assert ">\nI agree with @*昊 here</textarea>" in previewed
    assert f'name="mentions" value="{typed["mentions"]}"' in previewed
    assert f'<a class="mention" href="/people/{hao.id}">@*昊</a>' in previewed
    write(client, place, "I agree with @*昊 here", **typed)
    comment = session.scalar(select(Comment))
    assert comment.body == f"I agree with @[](user:{hao.id}) here"
    edited = client.get(f"/comments/{comment.id}/edit").text
    assert ">\nI agree with @*昊 here</textarea>" in edited and typed["mentions"] in edited


def test_completion_offers_who_wrote_here_by_the_names_that_readers_see(
    client: TestClient, place: places.ThreadHost, session: Session, student: User, hao: User
) -> None:
    say(session, hao, "I wrote here before you", place=place)
    session.commit()

    def offered(typed: str) -> list[str]:
        found = client.get("/board/people", params={"thread": place.key, "q": typed}).json()
        return [person["name"] for person in found]

    assert offered("") == ["*昊"]
    assert offered("昊") == ["*昊"]
    assert offered("小") == [], "the hidden part of a name must not be found by trying"


def test_completion_offers_those_of_the_class_whose_names_are_shown(
    client: TestClient, session: Session, student: User, lin: User
) -> None:
    make_user(session, "Linus")
    session.commit()
    found = client.get("/board/people", params={"thread": "class", "q": "li"}).json()
    assert [person["name"] for person in found] == ["Lin"]
