from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.clock import now
from app.courses.models import Lesson
from app.db import Base


class LessonDraft(Base):
    """What a lesson shall become. A lesson without a draft is edited from its newest revision."""

    __tablename__ = "lesson_drafts"

    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"), primary_key=True)
    # Changes with every save of the texts. Who saves names the version they started from, so that no text is overwritten unseen.
    version: Mapped[str] = mapped_column(String(40))
    # As in a LessonRevision: {"lesson.toml": text, ...} and {"figures/a.png": storage key}
    sources: Mapped[dict[str, Any]]
    pictures: Mapped[dict[str, Any]]
    # The draft that a restored revision replaced: {"sources": ..., "pictures": ...}. It can be brought back.
    earlier: Mapped[dict[str, Any] | None]
    base_revision_id: Mapped[UUID | None] = mapped_column(ForeignKey("lesson_revisions.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    saved_at: Mapped[datetime] = mapped_column(default=now)
    saved_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    # When it is to be published by itself, who said so, and what stood in the way the last time: {"faults": [texts]}.
    publish_at: Mapped[datetime | None] = mapped_column(index=True)
    scheduled_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    schedule_failure: Mapped[dict[str, Any] | None]

    lesson: Mapped[Lesson] = relationship(lazy="raise")
    saved_by: Mapped[User | None] = relationship(lazy="raise", foreign_keys=[saved_by_id])
    scheduled_by: Mapped[User | None] = relationship(lazy="raise", foreign_keys=[scheduled_by_id])
