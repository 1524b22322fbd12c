"""Editing data kept beside the draft itself, which is app.courses.models.LessonDraft."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.core.clock import now
from app.core.db import Base


class PublicationOrder(Base):
    """Who scheduled a draft for its `publish_at`, or, once that has failed, why nothing was published."""

    __tablename__ = "publication_orders"

    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"), primary_key=True)
    ordered_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    ordered_at: Mapped[datetime] = mapped_column(default=now)
    # ["zh.md:3: …", ...]; empty until publication has failed.
    faults: Mapped[list[Any]] = mapped_column(default=list)

    ordered_by: Mapped[User | None] = relationship(lazy="raise")


class ReplacedDraft(Base):
    """The draft before a revision took its place, or something was taken out of it. It can be brought back."""

    __tablename__ = "replaced_drafts"

    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"), primary_key=True)
    replaced_at: Mapped[datetime] = mapped_column(default=now)
    sources: Mapped[dict[str, Any]]
    pictures: Mapped[dict[str, Any]]


class DeletedLesson(Base):
    """A lesson that was deleted: for a while it can be brought back. If it was never published, only its text is left of it, else all."""

    __tablename__ = "deleted_lessons"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    course_id: Mapped[UUID] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), index=True)
    module_id: Mapped[UUID | None] = mapped_column(ForeignKey("modules.id", ondelete="SET NULL"))
    slug: Mapped[str] = mapped_column(String(80))
    title: Mapped[dict[str, Any]]
    sources: Mapped[dict[str, Any]]
    pictures: Mapped[dict[str, Any]]
    deleted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    deleted_at: Mapped[datetime] = mapped_column(default=now, index=True)
