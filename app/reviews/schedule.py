"""When a question comes back: FSRS (Free Spaced Repetition Scheduler), PyPI `fsrs`. Pure and deterministic.

Learning steps of minutes are disabled: they are for cards turned over all day. Here the shortest interval is a day.

Readers review once a day, at any hour. So days are dates on the reader's calendar: a card is due from the first
moment of the date FSRS schedules, and an hour earlier or later changes no interval. What was answered wrong last
night is due this morning, and nothing of tomorrow is.

A change of time zone moves cards not yet due to the midnights of the new calendar; their dates stay.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from fsrs import Card, Rating, Scheduler, State

from app.checkins.calendars import ONE, Calendar

# Nine of ten are still known when they come back; fuzzing is off, so that the same answers give the same days.
_scheduler = Scheduler(desired_retention=0.9, learning_steps=(), relearning_steps=(), enable_fuzzing=False)

__all__ = ["Rating", "Review", "days_until", "rating_of", "review"]


@dataclass(frozen=True)
class Review:
    """The result of a review: `memory` for the next one, and when the card is due."""

    memory: dict[str, Any]
    due_at: datetime


def rating_of(score: float) -> Rating:
    """From the grade: a correct answer is Good, anything else Again."""
    return Rating.Good if score == 1 else Rating.Again


def review(memory: dict[str, Any], rating: Rating, moment: datetime, calendar: Calendar) -> Review:
    """The card after an answer, on its reader's `calendar`.

    `memory` as an earlier Review left it; empty for a question never answered.
    """
    today = calendar.date_at(moment)
    card, _ = _scheduler.review_card(_card(memory, calendar), rating, _noon(today))
    due_at = calendar.begin_of(max(card.due.date(), today + ONE))
    kept = {
        "state": int(card.state),
        "stability": card.stability,
        "difficulty": card.difficulty,
        "reviewed_at": moment.isoformat(),
        "due_at": due_at.isoformat(),
    }
    return Review(kept, due_at)


def days_until(due_at: datetime, moment: datetime, calendar: Calendar) -> int:
    """Days on the reader's calendar until a card comes back, at least one, whatever the hours of both."""
    return max(1, (calendar.date_at(due_at) - calendar.date_at(moment)).days)


def _card(memory: dict[str, Any], calendar: Calendar) -> Card:
    if not memory:
        return Card(card_id=0)
    return Card(
        card_id=0,
        state=State(memory["state"]),
        stability=memory["stability"],
        difficulty=memory["difficulty"],
        due=datetime.fromisoformat(memory["due_at"]),
        last_review=_noon(calendar.date_at(datetime.fromisoformat(memory["reviewed_at"]))),
    )


def _noon(day: date) -> datetime:
    """For FSRS, which counts whole spans of 24 hours between answers: between noons the difference is exactly that of the dates."""
    return datetime.combine(day, time(12), UTC)
