from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import now
from app.core.db import Base
from app.core.owned import Owned


class QuizAttempt(Base):
    """One answer to one question. A reader's best score counts; a score of 1 is a correct answer."""

    __tablename__ = "quiz_attempts"
    __table_args__ = (
        CheckConstraint("score >= 0 and score <= 1", name="score_is_a_share"),
        Index("ix_quiz_attempts_user_id_lesson_id_question_key", "user_id", "lesson_id", "question_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"), index=True)
    question_key: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(default=now)
    # As graded: {"chosen": [numbers of options]}, {"text": as typed} or {"order": [numbers of items]}.
    answer: Mapped[dict[str, Any]]
    # 0 to 1: the fraction of options judged correctly, or of items in the right position.
    score: Mapped[float]


OWNED = (Owned("answers", QuizAttempt, "user_id"),)
