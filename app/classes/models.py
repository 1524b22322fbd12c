from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.core.clock import now
from app.core.db import Base
from app.core.owned import Owned
from app.core.permissions import ClassRole
from app.courses.models import Course

LONGEST_TITLE = 80
LONGEST_ANNOUNCEMENT = 4000


class Class(Base):
    """A group that reads one course. With classes or without, the course is open to everybody."""

    __tablename__ = "classes"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    course_id: Mapped[UUID] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(default=now)
    # Part of the signed link (see keys.py): a new number makes every link of before invalid. None: nobody joins by link.
    link_number: Mapped[int | None]
    links_made: Mapped[int] = mapped_column(default=0, server_default="0")
    # To be written on a board. None: nobody joins by code.
    code: Mapped[str | None] = mapped_column(String(12), unique=True)

    course: Mapped[Course] = relationship(lazy="raise")


class MemberState(StrEnum):
    INVITED = "invited"
    IN = "in"
    LEFT = "left"
    # By staff: no link and no code lets them in again, only an invitation.
    REMOVED = "removed"


class ClassMember(Base):
    """Somebody's place in a class. Only those who are in it are members: nobody becomes one without having agreed."""

    __tablename__ = "class_members"
    __table_args__ = (Index("ix_class_members_user_id", "user_id", "state"),)

    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), default=ClassRole.STUDENT)
    state: Mapped[str] = mapped_column(String(20), default=MemberState.IN)
    changed_at: Mapped[datetime] = mapped_column(default=now)
    # Whether finished trainings count, without the name, in the curves that the classmates see.
    counts_runs: Mapped[bool] = mapped_column(default=True, server_default=true())

    user: Mapped[User] = relationship(lazy="raise")


class PlanStep(Base):
    """From a day on, some lessons in a row; `due_on` informs, and bars nothing."""

    __tablename__ = "class_plan_steps"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id", ondelete="CASCADE"), index=True)
    first_lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"))
    last_lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"))
    starts_on: Mapped[date]
    due_on: Mapped[date | None]


class Announcement(Base):
    __tablename__ = "class_announcements"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    text: Mapped[str] = mapped_column(String(LONGEST_ANNOUNCEMENT))
    posted_at: Mapped[datetime] = mapped_column(default=now)

    author: Mapped[User | None] = relationship(lazy="raise")


OWNED = (
    Owned("classes", ClassMember, "user_id"),
    Owned("class-announcements", Announcement, "author_id"),
)
