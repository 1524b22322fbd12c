"""When a question is asked again: FSRS (Free Spaced Repetition Scheduler), PyPI `fsrs`. Pure and deterministic.

Steps of minutes are left out: they are for cards that one turns over all day. Here the shortest interval is a day.

Whoever reviews does so once a day, at any hour. So a card is among today's from the first moment of the day on, on its reader's
calendar, in which FSRS has it due: what was answered wrong last night is there this morning, and nothing of tomorrow is.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fsrs import Card, Rating, Scheduler, State

from app.checkins.calendars import Calendar

# Nine of ten are still known when they come back; fuzzing is off, so that the same answers give the same days.
_scheduler = Scheduler(desired_retention=0.9, learning_steps=(), relearning_steps=(), enable_fuzzing=False)

__all__ = ["Rating", "Review", "rating_of", "review"]


@dataclass(frozen=True)
class Review:
    """What a review leaves: `memory` for the next one, and from when on the card is to be reviewed."""

    memory: dict[str, Any]
    due_at: datetime


def rating_of(score: float) -> Rating:
    """From the grading: a right answer is Good, anything else Again."""
    return Rating.Good if score == 1 else Rating.Again


def review(memory: dict[str, Any], rating: Rating, moment: datetime, calendar: Calendar) -> Review:
    """The card after an answer, on its reader's `calendar`. `memory` as an earlier Review left it; empty for a question that was never answered."""
    card, _ = _scheduler.review_card(_card(memory, moment), rating, moment)
    kept = {
        "state": int(card.state),
        "stability": card.stability,
        "difficulty": card.difficulty,
        "reviewed_at": moment.isoformat(),
        "due_at": card.due.isoformat(),
    }
    return Review(kept, calendar.begin_of(calendar.date_at(card.due)))


def _card(memory: dict[str, Any], moment: datetime) -> Card:
    if not memory:
        return Card(card_id=0, due=moment)
    return Card(
        card_id=0,
        state=State(memory["state"]),
        stability=memory["stability"],
        difficulty=memory["difficulty"],
        due=datetime.fromisoformat(memory["due_at"]),
        last_review=datetime.fromisoformat(memory["reviewed_at"]),
    )
