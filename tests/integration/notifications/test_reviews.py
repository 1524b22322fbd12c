"""The word that something is due for review."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from app import db
from app.accounts.models import User
from app.clock import now
from app.courses.models import Lesson
from app.notifications.models import Kind, Notification
from app.notifications.service import mark_read
from app.notifications.upkeep import AFTER_MIDNIGHT, tell_of_reviews
from app.reviews.models import ReviewCard
from tests.integration.people import kinds

pytestmark = pytest.mark.usefixtures("redis")


def due_card(user: User, lesson: UUID, key: str = "q1", due_at: datetime | None = None) -> None:
    with db.session_scope() as session:
        session.add(
            ReviewCard(
                user_id=user.id,
                lesson_id=lesson,
                question_key=key,
                due_at=due_at or now() - AFTER_MIDNIGHT,
                rating=3,
                memory={},
                memory_before={},
            )
        )


@pytest.fixture
def question(course: object) -> tuple[UUID, str]:
    """A lesson and the key of a question in it."""
    with db.session_scope(writes=False) as session:
        from sqlalchemy.orm import joinedload

        lessons = session.scalars(select(Lesson).options(joinedload(Lesson.published)))
        return next(
            (lesson.id, lesson.published.question_keys[0])
            for lesson in lessons
            if lesson.published.question_keys
        )


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


def test_the_next_day_it_is_told_again_unless_the_last_word_is_unread(
    hao: User, question: tuple[UUID, str]
) -> None:
    due_card(hao, *question)
    tell_of_reviews()
    with db.session_scope() as session:
        yesterday = {"created_at": now() - timedelta(days=1, minutes=1), "key": "review:yesterday"}
        session.execute(update(Notification).values(yesterday))
    assert tell_of_reviews() == 0
    with db.session_scope() as session:
        mark_read(session, session.get_one(User, hao.id))
    assert tell_of_reviews() == 1
    assert kinds(hao) == [Kind.REVIEW] * 2
