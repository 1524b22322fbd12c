from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, ForeignKey, String, and_, false, or_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.clock import now
from app.core.database_clock import database_now
from app.core.db import Base
from app.core.owned import Owned
from app.core.permissions import STAFF as STAFF
from app.core.permissions import Permission, may
from app.core.permissions import Role as Role


class User(Base):
    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(String(40))
    # The name folded for comparison, so that "Hao" and "hao" are one account.
    name_key: Mapped[str] = mapped_column(String(80), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20), default=Role.STUDENT)
    created_at: Mapped[datetime] = mapped_column(default=now)
    # When, why and until when the account is suspended (until None: until an admin lifts it). `is_open` says whether it is
    # suspended now.
    disabled_at: Mapped[datetime | None]
    suspension_reason: Mapped[str] = mapped_column(String(500), default="", server_default="")
    suspended_until: Mapped[datetime | None]
    # Whether readers see the name; otherwise they see a masked one (see names.py).
    shows_name: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Whether finished trainings count, without the name, in the curves of their labs.
    shares_results: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Number of unread notifications, stored here because every page shows it.
    unread: Mapped[int] = mapped_column(default=0, server_default="0")
    # What waits for staff (see duties.py), where a request asked who this is.
    waiting = 0

    @property
    def is_staff(self) -> bool:
        return self.role in STAFF

    def may(self, permission: str) -> bool:
        """By the table in permissions.py; templates name a permission by its value."""
        return may(self.role, Permission(permission))

    @property
    def is_suspended(self) -> bool:
        """For display only; access is decided by the database, by its own clock."""
        return self.disabled_at is not None and (self.suspended_until is None or self.suspended_until > now())


def is_open(user: Any = User) -> ColumnElement[bool]:
    """A condition on `user` (the class, an alias, or the table's columns): the account is not, or no longer, suspended."""
    # Never NULL, so that it can be negated.
    has_ended = and_(user.suspended_until.is_not(None), user.suspended_until <= database_now())
    return or_(user.disabled_at.is_(None), has_ended)


class HeldName(Base):
    """A name that nobody else may take, nor any that looks like it: an account's current name, and for a while its previous ones."""

    __tablename__ = "held_names"

    # Hash of the name's skeleton (see lookalikes.py), whose length is unbounded.
    look: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    # None while the account still uses it.
    free_at: Mapped[datetime | None]


class UserSession(Base):
    """A sign-in on one device. Only the hash of the cookie's token is stored."""

    __tablename__ = "user_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_seen_at: Mapped[datetime] = mapped_column(default=now)
    # For the list of one's sign-ins; empty if unknown.
    browser: Mapped[str] = mapped_column(String(20), default="", server_default="")
    system: Mapped[str] = mapped_column(String(20), default="", server_default="")

    user: Mapped[User] = relationship(lazy="raise")


class SetupLink(Base):
    """The one-use link with which the first admin sets a name and a password."""

    __tablename__ = "setup_links"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    used_at: Mapped[datetime | None]


class SentForm(Base):
    """A form submission and what it created; deleted after some minutes."""

    __tablename__ = "sent_forms"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    made: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(default=now)


class VisitorForm(Base):
    """That somebody who is not signed in sent a form; forgotten after some minutes."""

    __tablename__ = "visitor_forms"

    # Keyed with the installation's secret.
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)


class ResetLink(Base):
    """A one-use link for setting a new password. Only the hash of its token is stored."""

    __tablename__ = "reset_links"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    # "mail", "admin" or "command".
    made_by: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(default=now)
    # By the database's clock, which it is compared with.
    expires_at: Mapped[datetime]


OWNED = (
    Owned("account", User, "id"),
    Owned("names", HeldName, "user_id"),
    Owned("sign-ins", UserSession, "user_id"),
)
