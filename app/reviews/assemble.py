"""Putting pages of a review together from what the queries give."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.checkins.records import calendar_of
from app.clock import now
from app.courses.editions import Edition, editions
from app.courses.models import Lesson
from app.courses.service import lesson_address, shuffle_for
from app.quizzes.pages import QuestionPlace, question_place
from app.quizzes.queries import standings
from app.quizzes.service import with_standing
from app.reviews import queries
from app.reviews.models import ReviewCard
from app.reviews.pages import CardPlace, Prospect, ReviewPage
from app.reviews.schedule import Rating, review
from app.reviews.service import CARDS_AT_A_TIME, RATINGS, edition_of, may_mend


def review_page(session: Session, user: User) -> ReviewPage:
    """The cards that wait longest. Their answers are not shown: the point is to remember."""
    moment = now()
    found = queries.due_cards(session, user.id, moment, CARDS_AT_A_TIME)
    if not found:
        return ReviewPage([], 0, queries.next_due(session, user.id))
    due = len(found) if len(found) < CARDS_AT_A_TIME else queries.count_due(session, user.id, moment)
    read = editions(session, {lesson.published_revision_id: None for _, lesson in found})
    cards = []
    for number, (card, lesson) in enumerate(found, start=1):
        edition = read[lesson.published_revision_id]
        cards.append(_place(card, lesson, edition, _question(card, lesson, edition, user, number)))
    return ReviewPage(cards, due)


def card_place(
    session: Session,
    user: User,
    card: ReviewCard,
    lesson: Lesson,
    *,
    number: int = 1,
    refused: tuple[str, Mapping[str, str]] | None = None,
) -> CardPlace:
    """A card with its latest answer; or, where the answer was `refused`, with the sentence why and what was typed."""
    edition = edition_of(session, lesson)
    place = _question(card, lesson, edition, user, number)
    if refused:
        sentence, fields = refused
        return _place(card, lesson, edition, place.refused(sentence, fields.get("answer", "")))
    standing = standings(session, user.id, lesson.id).get(card.question_key)
    if standing:
        question = edition.quiz[card.question_key]
        place = with_standing(place, question, shuffle_for(lesson, user), standing)
    shown = _place(card, lesson, edition, place)
    if place.outcome is None:
        return shown
    return replace(
        shown, days=_days(card.due_at), prospects=_prospects(session, card) if may_mend(card) else ()
    )


def _question(card: ReviewCard, lesson: Lesson, edition: Edition, user: User, number: int) -> QuestionPlace:
    key = card.question_key
    action = f"/review/cards/{card.id}/answers?number={number}"
    return question_place(number, key, edition.quiz[key], action, shuffle_for(lesson, user))


def _place(card: ReviewCard, lesson: Lesson, edition: Edition, place: QuestionPlace) -> CardPlace:
    """Two lessons may call a question the same, but a page has each id once."""
    address = f"{lesson_address(lesson.course, lesson)}#question-{card.question_key}"
    return CardPlace(card.id, replace(place, key=card.id.hex), edition.title, address)


def _prospects(session: Session, card: ReviewCard) -> list[Prospect]:
    calendar = calendar_of(session, card.user_id)

    def days(rating: Rating) -> int:
        return _days(review(card.memory_before, rating, card.reviewed_at, calendar).due_at)

    return [
        Prospect(name, days(rating), card.rating == rating)
        for name, rating in RATINGS.items()
        if rating != Rating.Good or card.rating != Rating.Good
    ]


def _days(due_at: datetime) -> int:
    """Days from now until then, at least one: what is asked again tomorrow comes back in a day."""
    return max(1, math.ceil((due_at - now()).total_seconds() / 86400))
