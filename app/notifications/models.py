from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, query_expression, relationship

from app.accounts.models import User
from app.board.models import Comment
from app.core.clock import now
from app.core.db import Base
from app.core.owned import Owned
from app.jobs.models import Job


class Kind(StrEnum):
    """What a notification says. A kind's place here is its place on the settings page."""

    REPLY = "reply"
    MENTION = "mention"
    ANSWER = "answer"  # a lecturer answers: it takes the place of "reply"
    FOLLOWED = "followed"  # somebody replies in a discussion that one follows
    FEATURED = "featured"
    LIKE = "like"
    CHEER = "cheer"
    JOB = "job"
    REVIEW = "review"
    MODERATION = "moderation"
    TO_MODERATE = "to-moderate"  # comments wait for a moderator
    PUBLICATION = "publication"  # what was scheduled was not published


# Kinds that gather in one row: who likes a comment is news, each like is not.
GATHERED = {Kind.LIKE, Kind.CHEER}
# One row for as long as there is something to do: it becomes unread again with each further comment.
RENEWED = {Kind.TO_MODERATE}
# Of no concern to students.
FOR_STAFF = {Kind.TO_MODERATE, Kind.PUBLICATION}


class Way(StrEnum):
    """Where a kind of notification goes; by mail means on the page too."""

    PAGE = "page"
    MAIL = "mail"
    NONE = "none"


class Notification(Base):
    """Something that one reader should know. At most one row for one thing: likes of a comment gather in the same one."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("user_id", "key"),
        Index("ix_notifications_user_id_created_at_id", "user_id", "created_at", "id"),
        # For the number at the bell.
        Index(
            "ix_notifications_unread",
            "user_id",
            sqlite_where=text("read_at is null"),
            postgresql_where=text("read_at is null"),
        ),
        Index(
            "ix_notifications_to_mail",
            "mail_due_at",
            "user_id",
            sqlite_where=text("mail_due_at is not null"),
            postgresql_where=text("mail_due_at is not null"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    # What it is about, once for each reader: "talk:<comment>", "like:<comment>", "job:<job>" and so on.
    key: Mapped[str] = mapped_column(String(100))
    # Who did it last. None: nobody in particular, or the account was deleted, or all have taken their likes or cheers back.
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    # Ids (as text) of all who did it, for likes and cheers, and have not taken it back.
    actors: Mapped[list[Any]] = mapped_column(default=list)
    comment_id: Mapped[UUID | None] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), index=True)
    job_id: Mapped[UUID | None] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    check_in_id: Mapped[UUID | None]
    # What the kind needs besides: {"act": ..., "reason": ...} of a moderator's decision; {"heard_of": ids} of a like or cheer:
    # who took it back once the reader had heard of it, so that doing it again is no news.
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)
    read_at: Mapped[datetime | None] = mapped_column(index=True)
    # When it may go out by mail; None where it shall not, or has gone.
    mail_due_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]

    actor: Mapped[User | None] = relationship(lazy="raise", foreign_keys=[actor_id])
    comment: Mapped[Comment | None] = relationship(lazy="raise")
    job: Mapped[Job | None] = relationship(lazy="raise")
    # Whether its reader may read where the comment stands; see `queries.with_subjects`.
    is_place_open: Mapped[bool] = query_expression()


class NotificationChoice(Base):
    """Which way a reader wants a kind, where it differs from the default."""

    __tablename__ = "notification_choices"
    __table_args__ = (CheckConstraint("way in ('page', 'mail', 'none')", name="known_way"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    way: Mapped[str] = mapped_column(String(10))


class MailAddress(Base):
    """Where a reader's mail goes, once the link in the first one was followed."""

    __tablename__ = "mail_addresses"
    __table_args__ = (
        Index(
            "ix_mail_addresses_to_confirm",
            "confirmation_due_at",
            sqlite_where=text("confirmation_due_at is not null"),
            postgresql_where=text("confirmation_due_at is not null"),
        ),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    address: Mapped[str] = mapped_column(String(254))
    # The language of the mail.
    language: Mapped[str] = mapped_column(String(2))
    created_at: Mapped[datetime] = mapped_column(default=now)
    # When the mail with the link shall go out; None once it went.
    confirmation_due_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    # Since when no mail goes there, until the address is given again: its reader wants none (the link in a mail was followed),
    # or the mail server takes none for it; then `failures` is not 0.
    stopped_at: Mapped[datetime | None]
    # The latest digest: the next one waits.
    mailed_at: Mapped[datetime | None]
    # How often in a row the mail server refused; see delivery.py.
    failures: Mapped[int] = mapped_column(default=0)

    @property
    def is_refused(self) -> bool:
        """No mail goes there, and not because its reader asked for none."""
        return self.stopped_at is not None and self.failures > 0


class AboutAccount(StrEnum):
    RESET = "reset"  # somebody says that they lost the password of `name_key`, who may not exist
    CHANGED = "changed"  # `user_id` has another password


# Of a key that is asked for: one that is longer is nobody's.
LONGEST_KEY = 200


class AccountMail(Base):
    """A mail about an account that waits to go out; the row goes with it. Its link is made when it goes: no token is stored before."""

    __tablename__ = "account_mails"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    # One of AboutAccount.
    kind: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name_key: Mapped[str] = mapped_column(String(LONGEST_KEY), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    due_at: Mapped[datetime] = mapped_column(default=now, index=True)
    failures: Mapped[int] = mapped_column(default=0)


OWNED = (
    Owned("notifications", Notification, "user_id"),
    Owned("notification-choices", NotificationChoice, "user_id"),
    Owned("mail-address", MailAddress, "user_id"),
)
