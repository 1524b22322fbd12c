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
        "withheld"  # was seen, or would have been: a rule or a report took it away until a moderator decides
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
    """The id of the thread with this key. Made from the key, so that a page knows it before anyone has written."""
    return uuid5(_THREADS, key)


class Thread(Base):
    """A place where people talk: below a lesson, below a shared job, or the class's board (neither).

    Its row is made by the first comment; see `service.open_thread`.
    """

    __tablename__ = "threads"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    # "lesson:<id>", "job:<id>" or "class".
    key: Mapped[str] = mapped_column(String(60), unique=True)
    lesson_id: Mapped[UUID | None] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"), unique=True)
    job_id: Mapped[UUID | None] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), unique=True)
    # The page that shows it: "/courses/c/lessons/l", "/jobs/<id>" or "/board".
    address: Mapped[str] = mapped_column(String(300))
    # Kept beside the comments: counting 20,000 at each view would be slow. Visible ones, replies included.
    comment_count: Mapped[int] = mapped_column(default=0)
    # Raised by every change of a comment: kept pages show whether they still hold by it. See counters.py.
    version: Mapped[int] = mapped_column(default=0, server_default="0")


class Comment(Base):
    """What somebody wrote. Two levels: a reply to a reply hangs on the same comment and names whom it answers."""

    __tablename__ = "comments"
    __table_args__ = (
        CheckConstraint(
            "state in ('pending', 'visible', 'withheld', 'rejected', 'deleted')", name="known_state"
        ),
        CheckConstraint("rank in ('0', '1', '2')", name="known_rank"),
        UniqueConstraint("author_id", "request_key"),
        # Pages of a thread by likes and by time (those of replies: below); keys, never offsets.
        Index("ix_comments_by_likes", "thread_id", "parent_id", "rank", "likes", "created_at", "id"),
        Index("ix_comments_by_time", "thread_id", "parent_id", "rank", "created_at", "id"),
        Index("ix_comments_thread_id_created_at", "thread_id", "created_at"),
        Index("ix_comments_author_id_created_at", "author_id", "created_at"),
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
    # The comment of the first level that this hangs on.
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"))
    # Whom it answers, where that is itself a reply: shown as "回复 @name".
    reply_to_id: Mapped[UUID | None] = mapped_column(ForeignKey("comments.id", ondelete="SET NULL"))
    # None: an imported comment, or its author deleted the account.
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    # As an imported column masked it: **青
    imported_name: Mapped[str | None] = mapped_column(String(80))
    # Of the first level, where its author gave one.
    title: Mapped[str | None] = mapped_column(String(LONGEST_TITLE))
    # Markdown as it was written, and what it rendered to. A view renders nothing.
    body: Mapped[str]
    html: Mapped[str]
    state: Mapped[str] = mapped_column(String(20), default=CommentState.VISIBLE)
    # What it was before it was deleted; deletion can be undone for 30 days.
    state_before: Mapped[str | None] = mapped_column(String(20))
    rank: Mapped[str] = mapped_column(String(1), default=Rank.PLAIN)
    # Featured and pinned may both hold; `rank` is the higher one while readers see the comment (see `rank_in`).
    is_featured: Mapped[bool] = mapped_column(default=False)
    is_pinned: Mapped[bool] = mapped_column(default=False)
    # Written by a lecturer below somebody else's comment: 讲师回复.
    is_answer: Mapped[bool] = mapped_column(default=False)
    # Kept beside the rows they count. Replies: visible ones.
    likes: Mapped[int] = mapped_column(default=0)
    replies: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    # Made by the form: a double click or a retry stores nothing twice.
    request_key: Mapped[str | None] = mapped_column(String(40))

    author: Mapped[User | None] = relationship(lazy="raise")
    thread: Mapped[Thread] = relationship(lazy="raise")

    def rank_in(self, state: str) -> Rank:
        """A stub stands among the others; what was marked stays marked, for when the comment is seen again."""
        if state != CommentState.VISIBLE:
            return Rank.PLAIN
        return Rank.PINNED if self.is_pinned else Rank.FEATURED if self.is_featured else Rank.PLAIN


# How a text begins: what its author has said before in the same words is found by it, however much that author has written.
def beginning_of(body: ColumnElement[str]) -> ColumnElement[str]:
    return func.substr(body, literal_column("1"), literal_column("24"))


Index("ix_comments_author_id_beginning", Comment.author_id, beginning_of(Comment.__table__.c.body))

# The lecturer's answers first.
Index("ix_comments_replies", Comment.parent_id, Comment.is_answer.desc(), Comment.created_at, Comment.id)


class CommentEdit(Base):
    """What a comment said before an edit; kept 24 hours."""

    __tablename__ = "comment_edits"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    comment_id: Mapped[UUID] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), index=True)
    title: Mapped[str | None] = mapped_column(String(LONGEST_TITLE))
    body: Mapped[str]
    # Whether readers could see it when it was replaced; else only staff may look it up.
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
    """Who hears of every reply below a comment of the first level, or (muted) of none."""

    __tablename__ = "comment_follows"

    comment_id: Mapped[UUID] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    is_muted: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)


class CommentDraft(Base):
    """What somebody typed and has not sent. `place` is the thread's id, or that of the comment answered."""

    __tablename__ = "comment_drafts"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str | None] = mapped_column(String(LONGEST_TITLE))
    body: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(default=now)


class CommentReport(Base):
    """A reader says that a comment should be looked at. Once a reader and comment."""

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
    """A decision about a comment: by whom (None: a rule), why, and from which state to which."""

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
