from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.checkins.streaks import Kind
from app.core.clock import now
from app.core.db import Base
from app.core.owned import Owned

MAXIMUM_NOTE = 280
DEFAULT_GOAL = 4
DEFAULT_REMINDER_HOUR = 20


class Source(StrEnum):
    """What a day's check-in came from."""

    LESSON = "lesson"
    QUIZ = "quiz"
    REVIEW = "review"
    JOB = "job"
    BUTTON = "button"


class CheckIn(Base):
    """A day of one user. Streaks, totals and freezes are derived from these rows (see streaks.py), never stored."""

    __tablename__ = "check_ins"
    __table_args__ = (
        # Double clicks, retries and two devices at once make one row.
        UniqueConstraint("user_id", "local_date"),
        CheckConstraint("kind in ('real', 'make-up', 'freeze')", name="known_kind"),
        CheckConstraint("source in ('lesson', 'quiz', 'review', 'job', 'button')", name="known_source"),
        CheckConstraint("(kind = 'freeze') = (source is null)", name="an_act_has_a_source"),
        # A covering index for streaks and calendars: a user's rows are scattered over the table.
        Index("ix_check_ins_calendar", "user_id", "local_date", "kind"),
        # The wall of a day, without freezes.
        Index(
            "ix_check_ins_wall",
            "local_date",
            "created_at",
            "id",
            sqlite_where=text("kind != 'freeze'"),
            postgresql_where=text("kind != 'freeze'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    # The date on the user's calendar, and the zone it was determined in.
    local_date: Mapped[date]
    zone: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(10), default=Kind.REAL)
    source: Mapped[str | None] = mapped_column(String(10))
    # Plain text: what was learnt, in a sentence.
    note: Mapped[str] = mapped_column(String(MAXIMUM_NOTE), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)

    author: Mapped[User] = relationship(lazy="raise")


class UserZone(Base):
    """The first local date on which a user's days are those of a zone; before the first row they are those of DEFAULT_ZONE."""

    __tablename__ = "user_zones"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    from_date: Mapped[date] = mapped_column(primary_key=True)
    zone: Mapped[str] = mapped_column(String(64))


class Cheer(Base):
    """A reader's cheer for another user's check-in. One per reader and check-in."""

    __tablename__ = "cheers"

    check_in_id: Mapped[UUID] = mapped_column(
        ForeignKey("check_ins.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    created_at: Mapped[datetime] = mapped_column(default=now)


class CheckInSettings(Base):
    """A user's choices. Without a row the defaults apply."""

    __tablename__ = "check_in_settings"
    __table_args__ = (
        CheckConstraint("weekly_goal between 1 and 7", name="goal_within_a_week"),
        CheckConstraint("reminder_hour between 0 and 23", name="hour_of_the_day"),
        Index(
            "ix_check_in_settings_class_board",
            "user_id",
            sqlite_where=text("is_on_class_board"),
            postgresql_where=text("is_on_class_board"),
        ),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    weekly_goal: Mapped[int] = mapped_column(default=DEFAULT_GOAL)
    is_on_class_board: Mapped[bool] = mapped_column(default=False)
    # SHA-256 of the calendar feed's token; None: there is no feed. The hour is in the user's zone.
    feed_token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    feed_language: Mapped[str] = mapped_column(String(2), default="zh")
    feed_since: Mapped[date | None]
    reminder_hour: Mapped[int] = mapped_column(default=DEFAULT_REMINDER_HOUR)


OWNED = (
    Owned("check-ins", CheckIn, "user_id"),
    Owned("check-in-settings", CheckInSettings, "user_id"),
    Owned("time-zones", UserZone, "user_id"),
    Owned("cheers", Cheer, "user_id"),
)
