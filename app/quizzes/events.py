from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class QuestionAnswered:
    """An answer was graded, with a score from 0 to 1, and stored."""

    user_id: UUID
    lesson_id: UUID
    question_key: str
    score: float


@dataclass(frozen=True)
class ReviewDone:
    """`count` cards of today's review were answered. Defined here, as features below the reviews listen to it."""

    user_id: UUID
    count: int
