from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from uuid import UUID, uuid4, uuid5

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    false,
    func,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.core.clock import now
from app.core.db import Base
from app.core.owned import Owned

LONGEST_TITLE = 120


class CommentState(StrEnum):
    PENDING = "pending"  # waits for a moderator before anyone but its author sees it
    VISIBLE = "visible"
    WITHHELD = (
        "withheld"  # hidden by a rule or a report, before or after readers saw it, until a moderator decides
    )
    REJECTED = "rejected"
    DELETED = "deleted"


class Rank(StrEnum):
    """Sorts above likes and time: "2" before "1" before "0"."""

    PINNED = "2"
    FEATURED = "1"
    PLAIN = "0"


_THREADS = UUID("6f0f8d0c-3a54-4f0e-9a55-0c3f5a1f7d21")


@lru_cache(maxsize=4096)
def thread_id(key: str) -> UUID:
    """The id of the thread with this key. Derived from the key, so that a page knows it before anyone has written."""
    return uuid5(_THREADS, key)


class Thread(Base):
    """A discussion: below a lesson, below a shared job, or the class's board (neither).

    Its row is created by the first comment; see `service.open_thread`.
    """

    __tablename__ = "threads"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    # "lesson:<id>", "job:<id>" or "class".
    key: Mapped[str] = mapped_column(String(60), unique=True)
    lesson_id: Mapped[UUID | None] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"), unique=True)
    job_id: Mapped[UUID | None] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), unique=True)
    # The page that shows it: "/courses/c/lessons/l", "/jobs/<id>" or "/board".
    address: Mapped[str] = mapped_column(String(300))
    # Denormalised: counting 20,000 comments per view would be slow. Visible ones, replies included.
    comment_count: Mapped[int] = mapped_column(default=0)
    # Incremented by every change of a comment: the validator of cached pages. See counters.py.
    version: Mapped[int] = mapped_column(default=0, server_default="0")


class Comment(Base):
    """A comment. Two levels: a reply to a reply has the same parent and names the author it answers."""

    __tablename__ = "comments"
    __table_args__ = (
        CheckConstraint(
            "state in ('pending', 'visible', 'withheld', 'rejected', 'deleted')", name="known_state"
        ),
        CheckConstraint("rank in ('0', '1', '2')", name="known_rank"),
        UniqueConstraint("author_id", "request_key"),
        # Keys for pages of a thread by likes and by time (for replies: below); never offsets.
        Index("ix_comments_by_likes", "thread_id", "parent_id", "rank", "likes", "created_at", "id"),
        Index("ix_comments_by_time", "thread_id", "parent_id", "rank", "created_at", "id"),
        Index("ix_comments_thread_id_created_at", "thread_id", "created_at"),
        Index("ix_comments_author_id_created_at", "author_id", "created_at"),
        Index("ix_comments_created_at", "created_at"),
        Index(
            "ix_comments_to_decide",
            "state",
            "created_at",
            sqlite_where=text("state in ('pending', 'withheld')"),
            postgresql_where=text("state in ('pending', 'withheld')"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    thread_id: Mapped[UUID] = mapped_column(ForeignKey("threads.id", ondelete="CASCADE"))
    # The top-level comment that this one replies to.
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"))
    # The comment it answers, if that is itself a reply: shown as "回复 @name".
    reply_to_id: Mapped[UUID | None] = mapped_column(ForeignKey("comments.id", ondelete="SET NULL"))
    # None: an imported comment, or its author deleted the account.
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    # As an imported column masked it: **青
    imported_name: Mapped[str | None] = mapped_column(String(80))
    # Top-level comments only, if the author gave one.
    title: Mapped[str | None] = mapped_column(String(LONGEST_TITLE))
    # Markdown as written, and its HTML. A view renders nothing.
    body: Mapped[str]
    html: Mapped[str]
    state: Mapped[str] = mapped_column(String(20), default=CommentState.VISIBLE)
    # Its state before deletion, which can be undone for 30 days.
    state_before: Mapped[str | None] = mapped_column(String(20))
    rank: Mapped[str] = mapped_column(String(1), default=Rank.PLAIN)
    # A comment may be both featured and pinned; `rank` is the higher one while readers see the comment (see `rank_in`).
    is_featured: Mapped[bool] = mapped_column(default=False)
    is_pinned: Mapped[bool] = mapped_column(default=False)
    # Written by a lecturer below somebody else's comment: 讲师回复.
    is_answer: Mapped[bool] = mapped_column(default=False)
    # Denormalised counts. Replies: visible ones.
    likes: Mapped[int] = mapped_column(default=0)
    replies: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    # Set by the form: a double click or a retry stores nothing twice.
    request_key: Mapped[str | None] = mapped_column(String(40))

    author: Mapped[User | None] = relationship(lazy="raise")
    thread: Mapped[Thread] = relationship(lazy="raise")

    def rank_in(self, state: str) -> Rank:
        """A stub ranks with ordinary comments; marks are kept for when the comment is visible again."""
        if state != CommentState.VISIBLE:
            return Rank.PLAIN
        return Rank.PINNED if self.is_pinned else Rank.FEATURED if self.is_featured else Rank.PLAIN


# The beginning of a text, indexed: it finds what the author has said before in the same words, however much they have written.
def beginning_of(body: ColumnElement[str]) -> ColumnElement[str]:
    return func.substr(body, literal_column("1"), literal_column("24"))


Index("ix_comments_author_id_beginning", Comment.author_id, beginning_of(Comment.__table__.c.body))

# Lecturers' answers first.
Index("ix_comments_replies", Comment.parent_id, Comment.is_answer.desc(), Comment.created_at, Comment.id)


class CommentEdit(Base):
    """A comment's text before an edit; kept for 24 hours."""

    __tablename__ = "comment_edits"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    comment_id: Mapped[UUID] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), index=True)
    title: Mapped[str | None] = mapped_column(String(LONGEST_TITLE))
    body: Mapped[str]
    # Whether readers could see it when it was replaced; otherwise only staff may look it up.
    was_seen: Mapped[bool] = mapped_column(default=False, server_default=false())
    replaced_at: Mapped[datetime] = mapped_column(default=now, index=True)


class CommentLike(Base):
    __tablename__ = "comment_likes"

    comment_id: Mapped[UUID] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    created_at: Mapped[datetime] = mapped_column(default=now)


class CommentFollow(Base):
    """Users notified of every reply below a top-level comment, or (muted) of none."""

    __tablename__ = "comment_follows"

    comment_id: Mapped[UUID] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    is_muted: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)


class CommentDraft(Base):
    """Text that was typed but not sent. `place` is the thread's id, or that of the comment answered."""

    __tablename__ = "comment_drafts"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str | None] = mapped_column(String(LONGEST_TITLE))
    body: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(default=now)


class CommentReport(Base):
    """A reader's report that a comment should be looked at. One per reader and comment."""

    __tablename__ = "comment_reports"
    __table_args__ = (UniqueConstraint("comment_id", "reporter_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    comment_id: Mapped[UUID] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), index=True)
    reporter_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    reason: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    resolved_at: Mapped[datetime | None] = mapped_column(index=True)


class ModerationAct(Base):
    """A moderation decision: by whom (None: a rule), why, and from which state to which."""

    __tablename__ = "moderation_acts"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    comment_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("comments.id", ondelete="SET NULL"), index=True
    )
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    act: Mapped[str] = mapped_column(String(30))
    reason: Mapped[str] = mapped_column(String(500), default="")
    state_before: Mapped[str] = mapped_column(String(20))
    state_after: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
    undone_at: Mapped[datetime | None]


_COMMENTS = Owned("comments", Comment, "author_id")
OWNED = (
    _COMMENTS,
    Owned("comment-edits", CommentEdit, "comment_id", _COMMENTS),
    Owned("comment-drafts", CommentDraft, "user_id"),
    Owned("comment-likes", CommentLike, "user_id"),
    Owned("comment-follows", CommentFollow, "user_id"),
    Owned("comment-reports", CommentReport, "reporter_id"),
    Owned("comment-decisions", ModerationAct, "comment_id", _COMMENTS),
)
