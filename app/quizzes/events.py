from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class QuestionAnswered:
    """An answer was graded, with a score from 0 to 1, and kept."""

    user_id: UUID
    lesson_id: UUID
    question_key: str
    score: float


@dataclass(frozen=True)
class ReviewDone:
    """So many cards of today's review were answered. It stands here, since also features below the reviews listen."""

    user_id: UUID
    count: int
