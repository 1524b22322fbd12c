"""View models of the review pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.quizzes.pages import QuestionView


@dataclass(frozen=True)
class Prospect:
    """A possible rating of an answer, and the resulting interval in days."""

    rating: str
    days: int
    is_chosen: bool


@dataclass(frozen=True)
class CardView:
    """A question to review, or just reviewed; `days` until it comes back, and `prospects` if its reader may rate it."""

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
    """The next of today's `due` cards; `next_due` if there are none now but some later."""

    cards: Sequence[CardView]
    due: int
    next_due: datetime | None = None
