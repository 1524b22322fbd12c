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
    """The kinds of notifications, in the order of the settings page."""

    REPLY = "reply"
    MENTION = "mention"
    ANSWER = "answer"  # a lecturer answers: replaces "reply"
    FOLLOWED = "followed"  # somebody replies in a followed discussion
    FEATURED = "featured"
    LIKE = "like"
    CHEER = "cheer"
    JOB = "job"
    REVIEW = "review"
    MODERATION = "moderation"
    CLASS = "class"  # an invitation to a class, or an announcement in one
    TO_MODERATE = "to-moderate"  # comments wait for a moderator
    PUBLICATION = "publication"  # a scheduled publication failed


# Kinds collected in one row: new names are news, each like is not.
GATHERED = {Kind.LIKE, Kind.CHEER}
# One row as long as there is something to do: each further comment makes it unread again.
RENEWED = {Kind.TO_MODERATE}
# Not relevant to students.
FOR_STAFF = {Kind.TO_MODERATE, Kind.PUBLICATION}


class Way(StrEnum):
    """The channel of a kind of notification; mail includes the page."""

    PAGE = "page"
    MAIL = "mail"
    NONE = "none"


class Notification(Base):
    """A notification for one reader. At most one row per subject: likes of a comment share one."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("user_id", "key"),
        Index("ix_notifications_user_id_created_at_id", "user_id", "created_at", "id"),
        # For the unread count.
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
    # The subject, unique per reader: "talk:<comment>", "like:<comment>", "job:<job>" and so on.
    key: Mapped[str] = mapped_column(String(100))
    # The latest actor. None: nobody in particular, the account was deleted, or all have withdrawn their likes or cheers.
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    # Ids (as text) of all actors of likes and cheers who have not withdrawn them.
    actors: Mapped[list[Any]] = mapped_column(default=list)
    comment_id: Mapped[UUID | None] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), index=True)
    job_id: Mapped[UUID | None] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    check_in_id: Mapped[UUID | None]
    # Further data of the kind: {"act": ..., "reason": ...} of a moderator's decision; {"heard_of": ids} of a like or cheer:
    # actors who withdrew it after the reader was notified, so that repeating it is no news.
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)
    read_at: Mapped[datetime | None] = mapped_column(index=True)
    # When it may be mailed; None if it should not be, or has been.
    mail_due_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]

    actor: Mapped[User | None] = relationship(lazy="raise", foreign_keys=[actor_id])
    comment: Mapped[Comment | None] = relationship(lazy="raise")
    job: Mapped[Job | None] = relationship(lazy="raise")
    # Whether its reader may see the comment's host; see `queries.with_subjects`.
    is_place_open: Mapped[bool] = query_expression()


class NotificationChoice(Base):
    """A reader's channel for a kind, if it differs from the default."""

    __tablename__ = "notification_choices"
    __table_args__ = (CheckConstraint("way in ('page', 'mail', 'none')", name="known_way"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    way: Mapped[str] = mapped_column(String(10))


class MailAddress(Base):
    """A reader's mail address, in use once the link in the first mail was followed."""

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
    # When the confirmation mail is due; None once sent.
    confirmation_due_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    # Since when mail is stopped, until the address is entered again: its reader unsubscribed (by the link in a mail),
    # or the mail server refuses it; then `failures` is not 0.
    stopped_at: Mapped[datetime | None]
    # The latest digest: the next one waits.
    mailed_at: Mapped[datetime | None]
    # Consecutive refusals by the mail server; see delivery.py.
    failures: Mapped[int] = mapped_column(default=0)

    @property
    def is_refused(self) -> bool:
        """Mail is stopped, and not at the reader's request."""
        return self.stopped_at is not None and self.failures > 0


class AboutAccount(StrEnum):
    RESET = "reset"  # a lost password was reported for `name_key`, which may not exist
    CHANGED = "changed"  # the password of `user_id` was changed


# Longest key looked up: a longer one matches nothing.
LONGEST_KEY = 200


class AccountMail(Base):
    """A queued mail about an account; sending it deletes the row. Its link is made on sending: no token is stored before."""

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
