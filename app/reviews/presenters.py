"""Presenters of the review pages."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.checkins.calendars import Calendar
from app.checkins.records import calendar_of
from app.core.clock import now
from app.courses.editions import Edition, editions
from app.courses.models import Lesson
from app.courses.service import lesson_address, shuffle_for
from app.quizzes.pages import QuestionView, question_place
from app.quizzes.queries import standings
from app.quizzes.service import with_standing
from app.reviews import queries
from app.reviews.models import ReviewCard
from app.reviews.pages import CardView, Prospect, ReviewPage
from app.reviews.schedule import Rating, days_until, review
from app.reviews.service import CARDS_AT_A_TIME, RATINGS, edition_of, is_due, may_mend


def review_page(session: Session, user: User) -> ReviewPage:
    """The cards due longest, without their answers: they are to be recalled."""
    moment = now()
    found = queries.due_cards(session, user.id, moment, CARDS_AT_A_TIME)
    if not found:
        return ReviewPage([], 0, queries.next_due(session, user.id))
    due = len(found) if len(found) < CARDS_AT_A_TIME else queries.count_due(session, user.id, moment)
    read = editions(session, {lesson.shown_id: None for _, lesson in found})
    cards = []
    for number, (card, lesson) in enumerate(found, start=1):
        edition = read[lesson.shown_id]
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
) -> CardView:
    """A card with its latest answer, unless it is due again and the answer is to be recalled.

    For a `refused` answer, with the reason and what was typed.
    """
    edition = edition_of(session, lesson)
    place = _question(card, lesson, edition, user, number)
    if refused:
        sentence, fields = refused
        return _place(card, lesson, edition, place.refused(sentence, fields.get("answer", "")))
    standing = None if is_due(card) else standings(session, user.id, lesson.id).get(card.question_key)
    if standing:
        question = edition.quiz[card.question_key]
        place = with_standing(place, question, shuffle_for(lesson, user), standing)
    shown = _place(card, lesson, edition, place)
    if standing is None or place.outcome is None:
        return shown
    calendar = calendar_of(session, card.user_id)
    return replace(
        shown,
        days=days_until(card.due_at, now(), calendar),
        prospects=_prospects(card, calendar) if may_mend(card, standing.score) else (),
    )


def _question(card: ReviewCard, lesson: Lesson, edition: Edition, user: User, number: int) -> QuestionView:
    key = card.question_key
    action = f"/review/cards/{card.id}/answers?number={number}"
    return question_place(number, key, edition.quiz[key], action, shuffle_for(lesson, user))


def _place(card: ReviewCard, lesson: Lesson, edition: Edition, place: QuestionView) -> CardView:
    """Two lessons may use the same question key, but ids must be unique on a page."""
    address = f"{lesson_address(lesson.course, lesson)}#question-{card.question_key}"
    return CardView(card.id, replace(place, key=card.id.hex), edition.title, address)


def _prospects(card: ReviewCard, calendar: Calendar) -> list[Prospect]:
    def days(rating: Rating) -> int:
        due_at = review(card.memory_before, rating, card.reviewed_at, calendar).due_at
        return days_until(due_at, now(), calendar)

    return [
        Prospect(name, days(rating), card.rating == rating)
        for name, rating in RATINGS.items()
        if rating != Rating.Good or card.rating != Rating.Good
    ]
