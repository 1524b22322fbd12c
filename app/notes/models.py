from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.clock import now
from app.core.db import Base
from app.core.owned import Owned
from app.courses.models import Lesson

MAXIMUM_TEXT = 4000
MAXIMUM_QUOTE = 2000
# Number of characters kept of the text before and after a passage.
CONTEXT = 40


class Note(Base):
    """A note on a lesson, or on a passage of it; without a text it is a highlight.

    The passage is stored like W3C's text-quote selector (exact text, prefix, suffix), with the heading above it,
    so that it is found again after small edits.
    """

    __tablename__ = "notes"
    __table_args__ = (
        CheckConstraint("text != '' or quote != ''", name="says_something"),
        Index("ix_notes_user_id_lesson_id_language", "user_id", "lesson_id", "language"),
        Index("ix_notes_user_id_updated_at", "user_id", "updated_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"), index=True)
    # Of the text it was written on.
    language: Mapped[str] = mapped_column(String(2))
    text: Mapped[str] = mapped_column(String(MAXIMUM_TEXT))
    quote: Mapped[str] = mapped_column(String(MAXIMUM_QUOTE), default="")
    prefix: Mapped[str] = mapped_column(String(CONTEXT), default="")
    suffix: Mapped[str] = mapped_column(String(CONTEXT), default="")
    # The heading above the passage.
    anchor: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    # A deleted note can be restored for a while; then it is gone.
    deleted_at: Mapped[datetime | None] = mapped_column(index=True)

    lesson: Mapped[Lesson] = relationship(lazy="raise")


OWNED = (Owned("notes", Note, "user_id"),)
