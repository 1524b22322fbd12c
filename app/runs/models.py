from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import now
from app.core.db import Base
from app.core.owned import Owned
from app.jobs.models import TRAININGS


class JobLink(Base):
    """A link by which anybody may look at a training. Only the hash of its token is stored."""

    __tablename__ = "job_links"

    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class CurvePoint(Base):
    """A finished training of somebody who lets it count, as a point of its lab's curve: the metric over the setting that matters.

    Stored when the training ends, so that a curve costs no more for more trainings.
    """

    __tablename__ = "curve_points"
    __table_args__ = (
        Index("ix_curve_points_lab", "lesson_id", "lab_key", "setting", "metric", "finished_at", "job_id"),
    )

    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"))
    lab_key: Mapped[str] = mapped_column(String(80))
    setting: Mapped[str] = mapped_column(String(80))
    metric: Mapped[str] = mapped_column(String(80))
    # The setting's value as text: a number, a choice, or true and false.
    value: Mapped[str] = mapped_column(String(80))
    result: Mapped[float]
    finished_at: Mapped[datetime] = mapped_column(default=now)


OWNED = (
    Owned("training-links", JobLink, "job_id", TRAININGS),
    Owned("curve-points", CurvePoint, "user_id"),
)
