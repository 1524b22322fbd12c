from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import now
from app.core.db import Base
from app.core.owned import Owned


class ReviewCard(Base):
    """A question that a reader has answered, and when it is due again."""

    __tablename__ = "review_cards"
    __table_args__ = (
        UniqueConstraint("user_id", "lesson_id", "question_key"),
        CheckConstraint("rating between 1 and 4", name="known_rating"),
        Index("ix_review_cards_user_id_due_at", "user_id", "due_at"),
        # For the daily reminder: who has anything due.
        Index("ix_review_cards_due_at_user_id", "due_at", "user_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"), index=True)
    question_key: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(default=now)
    # Due from then on.
    due_at: Mapped[datetime]
    reviewed_at: Mapped[datetime] = mapped_column(default=now)
    # The latest rating: 1 again, 2 hard, 3 good, 4 easy.
    rating: Mapped[int]
    reviews: Mapped[int] = mapped_column(default=1)
    # FSRS's memory (see schedule.Memory), and the one before the latest review: the rating may be corrected.
    memory: Mapped[dict[str, Any]]
    memory_before: Mapped[dict[str, Any]]


OWNED = (Owned("review-cards", ReviewCard, "user_id"),)
