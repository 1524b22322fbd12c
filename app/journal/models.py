from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import now
from app.core.db import Base


class Act(Base):
    """A use of staff rights: who, what, on what. Rows are append-only, except that names are erased."""

    __tablename__ = "acts"

    id: Mapped[int] = mapped_column(primary_key=True)
    happened_at: Mapped[datetime] = mapped_column(default=now, index=True)
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    # The name at that time; it outlives the account.
    actor_name: Mapped[str] = mapped_column(String(40))
    # A verb phrase of app.journal.journal.KINDS.
    kind: Mapped[str] = mapped_column(String(60))
    # A slug of a lesson or course, or a user's name; empty once that account was deleted.
    subject: Mapped[str] = mapped_column(String(200))
    # The user an act concerns, if any: names change, and are reused.
    subject_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    details: Mapped[dict[str, Any]]
