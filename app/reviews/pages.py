"""What the pages of a review show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.quizzes.pages import QuestionView


@dataclass(frozen=True)
class Prospect:
    """How a reader may judge an answer, and in how many days the question then comes back."""

    rating: str
    days: int
    is_chosen: bool


@dataclass(frozen=True)
class CardView:
    """A question to review, or just reviewed; `days` until it comes back, and `prospects` where its reader may judge it."""

    id: UUID
    question: QuestionView
    lesson_title: Mapping[str, str]
    lesson_address: str
    days: int | None = None
    prospects: Sequence[Prospect] = ()

    @property
    def action(self) -> str:
        return f"/review/cards/{self.id}/rating"


@dataclass(frozen=True)
class ReviewPage:
    """The next cards of today's `due` ones; `next_due` where there are none now but some later."""

    cards: Sequence[CardView]
    due: int
    next_due: datetime | None = None
