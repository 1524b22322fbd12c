"""Reviewing what was answered once. Nothing here commits."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app import signals
from app.accounts.models import User
from app.checkins.records import calendar_of
from app.clock import now
from app.courses.editions import Edition, editions
from app.courses.models import Lesson
from app.courses.service import shuffle_for
from app.db import insert
from app.errors import Conflict, NotFound
from app.i18n import N_
from app.quizzes.grading import score
from app.quizzes.service import keep_attempt, read_answer
from app.reviews import queries
from app.reviews.models import ReviewCard
from app.reviews.schedule import Rating, Review, rating_of, review

CARDS_AT_A_TIME = 10
# An answer sooner after the latest one says nothing about memory: its explanation has just been read.
FORGETTING_TAKES = timedelta(days=1)
# So long after an answer its rating may be mended.
MENDING_TIME = timedelta(hours=1)
RATINGS = {"hard": Rating.Hard, "good": Rating.Good, "easy": Rating.Easy}


def get_card(session: Session, user: User, card_id: UUID) -> tuple[ReviewCard, Lesson]:
    """Raises NotFound for a card that is somebody else's, or whose question is gone."""
    found = queries.card_of(session, user.id, card_id)
    if found is None:
        raise NotFound(N_("This question is no longer asked."))
    return found


def edition_of(session: Session, lesson: Lesson) -> Edition:
    return editions(session, {lesson.published_revision_id: None})[lesson.published_revision_id]


def note_answer(session: Session, user_id: UUID, lesson_id: UUID, key: str, result: float) -> None:
    """A question was answered, in its lesson or in a review: make its card, or renew it where the answer says something."""
    moment, rating = now(), rating_of(result)
    card = queries.card_for(session, user_id, lesson_id, key)
    if card is None:
        first = review({}, rating, moment, calendar_of(session, user_id))
        _make_card(session, user_id, lesson_id, key, rating, first)
    elif is_ripe(card):
        card.memory_before = card.memory
        card.reviewed_at, card.reviews = moment, card.reviews + 1
        _renew(session, card, rating)


def is_ripe(card: ReviewCard) -> bool:
    return now() >= card.due_at or now() - card.reviewed_at >= FORGETTING_TAKES


def answer_card(
    session: Session, user: User, card: ReviewCard, lesson: Lesson, fields: Mapping[str, str]
) -> None:
    """Grade an answer and keep it, as in the lesson itself. Raises Invalid where it cannot be graded."""
    question = edition_of(session, lesson).quiz[card.question_key]
    answer = read_answer(card.question_key, question, shuffle_for(lesson, user), fields)
    was_ripe = is_ripe(card)
    keep_attempt(session, user, lesson.id, card.question_key, answer, score(question, answer))
    if was_ripe:
        signals.review_done.send(session, user_id=user.id, count=1)


def may_mend(card: ReviewCard) -> bool:
    """After a right answer its reader may say whether it was easy or hard."""
    return card.rating != Rating.Again and now() - card.reviewed_at < MENDING_TIME


def mend_rating(session: Session, user: User, card_id: UUID, rating: str) -> ReviewCard:
    """Raises Conflict after a wrong answer, or when it is too late; NotFound for an unknown rating."""
    card, _lesson = get_card(session, user, card_id)
    if rating not in RATINGS:
        raise NotFound
    if not may_mend(card):
        raise Conflict(N_("Only a right answer can be called easy or hard, and only within an hour."))
    _renew(session, card, RATINGS[rating])
    return card


def _renew(session: Session, card: ReviewCard, rating: Rating) -> None:
    renewed = review(card.memory_before, rating, card.reviewed_at, calendar_of(session, card.user_id))
    card.memory, card.due_at, card.rating = renewed.memory, renewed.due_at, int(rating)


def _make_card(
    session: Session, user_id: UUID, lesson_id: UUID, key: str, rating: Rating, first: Review
) -> None:
    """Harmless when the same question is answered twice at the same moment."""
    statement = insert(session, ReviewCard).values(
        user_id=user_id,
        lesson_id=lesson_id,
        question_key=key,
        due_at=first.due_at,
        rating=int(rating),
        memory=first.memory,
        memory_before={},
    )
    session.execute(statement.on_conflict_do_nothing())
