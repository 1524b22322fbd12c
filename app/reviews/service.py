"""Reviewing answered questions. Nothing here commits."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.checkins.calendars import Calendar
from app.checkins.records import calendar_of
from app.core import events
from app.core.clock import now
from app.core.db import insert
from app.core.errors import Conflict, NotFound
from app.core.i18n import N_
from app.courses.editions import Edition, editions
from app.courses.models import Lesson
from app.courses.service import shuffle_for
from app.quizzes.events import ReviewDone
from app.quizzes.queries import standings
from app.quizzes.service import Asked, graded, keep_attempt
from app.reviews import queries
from app.reviews.models import ReviewCard
from app.reviews.schedule import Rating, rating_of, review

CARDS_AT_A_TIME = 10
# How long after an answer its rating may be corrected.
MENDING_TIME = timedelta(hours=1)
RATINGS = {"hard": Rating.Hard, "good": Rating.Good, "easy": Rating.Easy}


def get_card(session: Session, user: User, card_id: UUID) -> tuple[ReviewCard, Lesson]:
    """Raises NotFound for another user's card, or one whose question is gone. If this session may write, a concurrent answer waits."""
    found = queries.card_of(session, user.id, card_id)
    if found is None:
        raise NotFound(N_("This question is no longer asked."))
    return found


def edition_of(session: Session, lesson: Lesson) -> Edition:
    return editions(session, {lesson.shown_id: None})[lesson.shown_id]


def make_card(session: Session, user_id: UUID, lesson_id: UUID, key: str, result: float) -> None:
    """Create a card for an answered question. Idempotent, also under concurrent requests.

    An existing card stays as it is: the lesson shows the earlier answer and its explanation, so another answer there says nothing
    about memory.
    """
    if queries.has_card(session, user_id, lesson_id, key):
        return
    moment, rating = now(), rating_of(result)
    first = review({}, rating, moment, calendar_of(session, user_id))
    statement = insert(session, ReviewCard).values(
        user_id=user_id,
        lesson_id=lesson_id,
        question_key=key,
        due_at=first.due_at,
        reviewed_at=moment,
        rating=int(rating),
        memory=first.memory,
        memory_before={},
    )
    session.execute(statement.on_conflict_do_nothing())


def move_cards(session: Session, user_id: UUID, before: Calendar, after: Calendar) -> None:
    """Cards not yet due keep their dates, which now begin at other moments."""
    for card in queries.waiting(session, user_id, now()):
        card.due_at = after.begin_of(before.date_at(card.due_at))


def is_due(card: ReviewCard) -> bool:
    return now() >= card.due_at


def asked(session: Session, user: User, card: ReviewCard, lesson: Lesson) -> Asked:
    question = edition_of(session, lesson).quiz[card.question_key]
    return Asked(card.question_key, question, shuffle_for(lesson, user))


def answer_card(
    session: Session, user: User, card: ReviewCard, lesson: Lesson, answer: Mapping[str, Any]
) -> None:
    """Grade an answer and store it, as in the lesson itself; a due card is rescheduled. Raises Invalid if it cannot be graded."""
    result = graded(asked(session, user, card, lesson), answer)
    if is_due(card):
        card.memory_before = card.memory
        card.reviewed_at, card.reviews = now(), card.reviews + 1
        _renew(session, card, rating_of(result))
        # Before the attempt is stored: the first event determines the source of the day's check-in.
        events.send(session, ReviewDone(user_id=user.id, count=1))
    keep_attempt(session, user, lesson.id, card.question_key, answer, result)


def may_mend(card: ReviewCard, latest_score: float) -> bool:
    """Whether a correct answer may be rated easy or hard: the one that was rated, unless a wrong one followed."""
    is_right = card.rating != Rating.Again and latest_score == 1
    return is_right and now() - card.reviewed_at < MENDING_TIME


def mend_rating(session: Session, user: User, card_id: UUID, rating: str) -> ReviewCard:
    """Raises Conflict after a wrong answer, or when it is too late; NotFound for an unknown rating."""
    card, lesson = get_card(session, user, card_id)
    if rating not in RATINGS:
        raise NotFound
    latest = standings(session, user.id, lesson.id).get(card.question_key)
    if latest is None or not may_mend(card, latest.score):
        raise Conflict(N_("Only a right answer can be rated easy or hard, and only within an hour."))
    _renew(session, card, RATINGS[rating])
    return card


def _renew(session: Session, card: ReviewCard, rating: Rating) -> None:
    renewed = review(card.memory_before, rating, card.reviewed_at, calendar_of(session, card.user_id))
    card.memory, card.due_at, card.rating = renewed.memory, renewed.due_at, int(rating)
