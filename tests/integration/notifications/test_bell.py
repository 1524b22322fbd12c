"""The number at the bell under concurrent notifications and reads."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board import service
from app.board.models import Comment
from app.board.places import CLASS
from app.core import db
from app.core.clock import now
from app.core.live.sending import topic_key
from app.core.redis import get_redis
from app.notifications.cleanup import tidy_up
from app.notifications.models import Notification
from tests.integration.conftest import enter
from tests.integration.people import person, say, told, unread
from tests.integration.statements import cost

pytestmark = pytest.mark.usefixtures("redis", "in_english")


def test_the_bell_counts_what_is_unread_without_a_statement_of_its_own(
    client: TestClient, session: Session, hao: User, ming: User
) -> None:
    enter(client, session, hao)
    before = cost(client, "/jobs")
    say(ming, to=say(hao))
    text = client.get("/jobs").text
    assert re.search(r"data-bell-count>1<", text)
    assert 'aria-label="Notifications: 1 unread"' in text
    assert cost(client, "/jobs") == before


def test_pages_that_are_open_hear_of_the_new_count(hao: User, ming: User) -> None:
    say(ming, to=say(hao))
    entries = get_redis().xrange(topic_key(f"user:{hao.id}"))
    assert [(fields[b"type"], fields[b"data"]) for _, fields in entries] == [(b"unread", b'{"count":1}')]


def test_what_is_rolled_back_is_not_told(hao: User, ming: User) -> None:
    above = say(hao)
    with pytest.raises(RuntimeError), db.session_scope() as session:
        service.post(
            session, session.get_one(User, ming.id), CLASS, "lost in time", "k", 60, reply_to_id=above.id
        )
        raise RuntimeError
    assert told(hao) == [] and unread(hao) == 0
    assert get_redis().exists(topic_key(f"user:{hao.id}")) == 0


def test_many_at_once_are_counted_right(hao: User) -> None:
    above = say(hao)
    people = [person(f"reader {number}") for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda someone: say(someone, to=above), people))
    assert unread(hao) == len(told(hao)) == 12


def test_two_who_answer_each_other_at_the_same_moment_do_not_block_one_another(hao: User, ming: User) -> None:
    first, second = say(hao), say(ming)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda turn: say(*turn), [(hao, "", second), (ming, "", first)] * 5))
    assert unread(hao) == unread(ming) == 5


def test_a_comment_withdrawn_with_its_thread_is_counted_no_more_after_tidying(hao: User, ming: User) -> None:
    say(ming, to=say(hao))
    with db.session_scope() as session:
        session.execute(delete(Comment).where(Comment.author_id == ming.id))
    assert unread(hao) == 1
    tidy_up()
    assert unread(hao) == 0


def test_old_notifications_that_were_read_go(hao: User, ming: User) -> None:
    for _ in range(2):
        say(ming, to=say(hao))
    with db.session_scope() as session:
        old = told(hao)[0].id
        session.execute(
            update(Notification).where(Notification.id == old).values(read_at=now() - timedelta(days=91))
        )
    tidy_up()
    assert [notification.id == old for notification in told(hao)] == [False]
