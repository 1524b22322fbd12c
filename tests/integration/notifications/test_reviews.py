"""Reminders of due reviews."""

from datetime import timedelta
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core import db, events
from app.core.clock import now
from app.notifications import cleanup, delivery
from app.notifications.cleanup import AFTER_MIDNIGHT, tell_of_reviews
from app.notifications.models import Kind, Notification, Way
from app.notifications.service import mark_read
from app.quizzes.events import ReviewDone
from tests.integration.conftest import enter
from tests.integration.notifications.happenings import due_card, due_question
from tests.integration.notifications.postbox import Postbox, after
from tests.integration.people import choose, kinds, unread

pytestmark = pytest.mark.usefixtures("redis")


@pytest.fixture
def question(course: object) -> tuple[UUID, str]:
    """A lesson and the key of a question in it."""
    return due_question()


def a_day_later(number: int = 1) -> None:
    """As if the last reminder had been sent a day (of 24 hours) ago."""
    with db.session_scope() as session:
        earlier = {"created_at": now() - timedelta(days=1), "key": f"review:{number} days ago"}
        today = Notification.key == f"review:{now().date().isoformat()}"
        session.execute(update(Notification).where(today).values(earlier))
    after(24 * 60)


def test_who_has_something_to_review_is_told_at_most_once_a_day(
    hao: User, ming: User, question: tuple[UUID, str]
) -> None:
    due_card(hao, *question)
    due_card(ming, *question, due_at=now() - AFTER_MIDNIGHT + timedelta(hours=1))
    assert tell_of_reviews() == 1
    with db.session_scope() as session:
        mark_read(session, session.get_one(User, hao.id))
    assert tell_of_reviews() == 0
    assert kinds(hao) == [Kind.REVIEW]
    assert kinds(ming) == []


def test_the_next_day_it_is_told_again(hao: User, question: tuple[UUID, str]) -> None:
    due_card(hao, *question)
    tell_of_reviews()
    with db.session_scope() as session:
        mark_read(session, session.get_one(User, hao.id))
    a_day_later()
    assert tell_of_reviews() == 1
    assert kinds(hao) == [Kind.REVIEW] * 2


def test_a_word_that_is_unread_makes_room_for_the_next_days(hao: User, question: tuple[UUID, str]) -> None:
    due_card(hao, *question)
    for number in range(3):
        assert tell_of_reviews() == 1
        a_day_later(number)
    assert kinds(hao) == [Kind.REVIEW]
    assert unread(hao) == 1


def test_who_wants_mail_gets_one_each_day_that_something_is_due(
    postbox: Postbox, reader: User, question: tuple[UUID, str]
) -> None:
    choose(reader, Kind.REVIEW, Way.MAIL)
    due_card(reader, *question)
    for number in range(3):
        tell_of_reviews()
        after(11)
        delivery.deliver_mail()
        assert len(postbox.received) == number + 1
        a_day_later(number)


def test_who_reviews_has_read_the_word_of_it(
    postbox: Postbox, reader: User, question: tuple[UUID, str]
) -> None:
    choose(reader, Kind.REVIEW, Way.MAIL)
    due_card(reader, *question)
    tell_of_reviews()
    with db.session_scope() as session:
        events.send(session, ReviewDone(user_id=reader.id, count=1))
    assert unread(reader) == 0
    after(11)
    assert delivery.deliver_mail() == 0


def test_who_opens_the_review_has_read_the_word_of_it(
    client: TestClient, session: Session, hao: User, question: tuple[UUID, str]
) -> None:
    due_card(hao, *question)
    tell_of_reviews()
    enter(client, session, hao)
    client.get("/review")
    assert unread(hao) == 1, "opening a page changes nothing; its script says that it was opened"
    visit = client.post("/notifications/readings", data={"place": "/review"}, headers={"X-Fragment": "1"})
    assert visit.status_code == 204
    assert unread(hao) == 0


@pytest.mark.parametrize("reason", ["not at all", "suspended"])
def test_those_who_are_never_told_do_not_stand_in_the_way_of_others(
    hao: User, ming: User, question: tuple[UUID, str], monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    monkeypatch.setattr(cleanup, "READERS_AT_ONCE", 1)
    first, second = sorted((hao, ming), key=lambda user: user.id)
    for user in (first, second):
        due_card(user, *question)
    if reason == "suspended":
        with db.session_scope() as session:
            session.get_one(User, first.id).disabled_at = now()
    else:
        choose(first, Kind.REVIEW, Way.NONE)
    assert tell_of_reviews() == 1
    assert kinds(second) == [Kind.REVIEW]
