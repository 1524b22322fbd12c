from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.clock import now
from app.core.db import Base
from app.core.owned import Owned


class Role(StrEnum):
    STUDENT = "student"
    LECTURER = "lecturer"
    ADMIN = "admin"


class User(Base):
    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(String(40))
    # The name folded for comparison, so that "Hao" and "hao" are one account.
    name_key: Mapped[str] = mapped_column(String(80), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20), default=Role.STUDENT)
    created_at: Mapped[datetime] = mapped_column(default=now)
    disabled_at: Mapped[datetime | None]
    # Whether readers see the name; without it they see a masked one (see names.py).
    shows_name: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Unread notifications; kept here, as every page shows it.
    unread: Mapped[int] = mapped_column(default=0, server_default="0")


class UserSession(Base):
    """A sign-in on one device. Only the hash of the cookie's token is stored."""

    __tablename__ = "user_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_seen_at: Mapped[datetime] = mapped_column(default=now)
    # In plain words, for the list of one's sign-ins; empty where it is not known.
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
    """That a form was sent and what it made; forgotten after some minutes."""

    __tablename__ = "sent_forms"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    made: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(default=now)


OWNED = (Owned("account", User, "id"), Owned("sign-ins", UserSession, "user_id"))
