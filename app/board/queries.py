"""Queries for single comments, drafts and people. The lists of a page are in discussion/listing.py."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, exists, func, insert, or_, select, union
from sqlalchemy.orm import Session, joinedload, load_only, make_transient_to_detached

from app.accounts.models import STAFF, User, is_open
from app.board.log import NEW
from app.board.models import Comment, CommentDraft, CommentState, ModerationAct, Rank, Thread
from app.core.clock import now
from app.core.transactions import is_locked
from app.courses.models import Course, Lesson, LessonRevision, open_to_readers

_comments = Comment.__table__
_NEW = insert(_comments)


def lesson_questions(session: Session, limit: int) -> Sequence[Row[dict[str, str], dict[str, str]]]:
    """(title, question) of the first lessons that readers find."""
    statement = (
        select(LessonRevision.title, LessonRevision.question)
        .join(Lesson, Lesson.published_revision_id == LessonRevision.id)
        .join(Lesson.course)
        .where(open_to_readers())
        .order_by(Course.position, Course.slug, Lesson.position)
    )
    return session.execute(statement.limit(limit)).all()


def lock_author(session: Session, user_id: UUID) -> None:
    """Serialises the comments of one author."""
    if not is_locked(session):
        session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))


def add_comment(session: Session, **values: Any) -> Comment:
    """Insert a new comment at once, and return it as if it had been loaded.

    A flush would insert it as well, but first computes the write order, known here: three times the work.
    """
    row = dict.fromkeys(_comments.c.keys()) | {
        "id": uuid4(),
        "rank": Rank.PLAIN,
        "is_featured": False,
        "is_pinned": False,
        "is_answer": False,
        "likes": 0,
        "replies": 0,
        "created_at": now(),
        **values,
    }
    session.connection().execute(_NEW, row)
    comment = Comment(**row)
    make_transient_to_detached(comment)
    session.add(comment)
    return comment


def visible_comment(session: Session, comment_id: UUID) -> Comment | None:
    """Loaded with its thread."""
    return session.scalar(
        select(Comment)
        .where(Comment.id == comment_id, Comment.state == CommentState.VISIBLE)
        .options(joinedload(Comment.thread))
    )


def comment_with_thread(session: Session, comment_id: UUID) -> Comment | None:
    return session.scalar(
        select(Comment)
        .where(Comment.id == comment_id)
        .options(joinedload(Comment.thread), joinedload(Comment.author))
    )


def draft(session: Session, user_id: UUID, place_id: UUID) -> str:
    found = session.get(CommentDraft, (user_id, place_id))
    return found.body if found else ""


def news(session: Session, thread_id: UUID, since: datetime, limit: int = 200) -> Sequence[Comment]:
    """The latest comments of a thread written, or approved by a moderator, after `since`; oldest first, without texts."""
    is_seen = (Comment.thread_id == thread_id, Comment.state == CommentState.VISIBLE)
    written = (
        select(Comment.id)
        .where(*is_seen, Comment.created_at > since)
        .order_by(Comment.created_at.desc())
        .limit(limit)
        .subquery()
    )
    approved = select(ModerationAct.comment_id).where(
        ModerationAct.created_at > since,
        ModerationAct.state_after == CommentState.VISIBLE,
        ModerationAct.state_before != CommentState.VISIBLE,
    )
    found = session.scalars(
        select(Comment)
        .where(*is_seen, Comment.id.in_(union(select(written.c.id), approved)))
        .options(load_only(Comment.id, Comment.parent_id))
        .order_by(Comment.created_at.desc(), Comment.id.desc())
        .limit(limit)
    ).all()
    return found[::-1]


def latest_authors(session: Session, thread_id: UUID, limit: int = 200) -> Sequence[User]:
    """The authors of a thread's latest comments, latest first, each once."""
    latest = (
        select(Comment.author_id, Comment.created_at)
        .where(Comment.thread_id == thread_id, Comment.state == CommentState.VISIBLE)
        .order_by(Comment.created_at.desc())
        .limit(limit)
        .subquery()
    )
    by_author = (
        select(latest.c.author_id, func.max(latest.c.created_at).label("moment"))
        .group_by(latest.c.author_id)
        .subquery()
    )
    return session.scalars(
        select(User)
        .join(by_author, by_author.c.author_id == User.id)
        .where(is_open())
        .options(load_only(User.name, User.role, User.shows_name))
        .order_by(by_author.c.moment.desc())
    ).all()


def named_people(session: Session, start: str, limit: int = 20) -> Sequence[User]:
    """Users whose names are shown and whose names (folded, as in `User.name_key`) begin with `start`."""
    return session.scalars(
        select(User)
        .where(
            User.name_key.startswith(start, autoescape=True),
            or_(User.shows_name, User.role.in_(STAFF)),
            is_open(),
        )
        .options(load_only(User.name, User.role, User.shows_name))
        .order_by(User.name_key)
        .limit(limit)
    ).all()


def comment_count(session: Session, thread_id: UUID) -> int:
    return session.scalar(select(Thread.comment_count).where(Thread.id == thread_id)) or 0


def acts_on(session: Session, ids: Sequence[UUID]) -> Mapping[UUID, Sequence[ModerationAct]]:
    """The acts on each comment, newest first, without decisions that were undone."""
    return by_comment(
        session.scalars(
            select(ModerationAct)
            .where(ModerationAct.comment_id.in_(ids), ModerationAct.undone_at.is_(None))
            .order_by(ModerationAct.created_at.desc())
        )
    )


def users(session: Session, ids: Iterable[UUID | None]) -> dict[UUID | None, User]:
    return {user.id: user for user in session.scalars(select(User).where(User.id.in_(set(ids) - {None})))}


def deleted_of(session: Session, user_id: UUID, since: datetime, limit: int) -> Sequence[Comment]:
    """An author's own comments that were deleted after `since`, newest first, with their authors and threads."""
    return session.scalars(
        select(Comment)
        .where(
            Comment.author_id == user_id,
            Comment.state == CommentState.DELETED,
            Comment.deleted_at > since,
        )
        .options(joinedload(Comment.author), joinedload(Comment.thread))
        .order_by(Comment.deleted_at.desc())
        .limit(limit)
    ).all()


def by_comment(rows: Iterable[Any]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.comment_id].append(row)
    return found


def comment_locked(session: Session, comment_id: UUID) -> Comment | None:
    """With its author and thread. The row stays locked, so that two decisions are serialised."""
    statement = (
        select(Comment)
        .where(Comment.id == comment_id)
        .options(joinedload(Comment.author), joinedload(Comment.thread))
        .with_for_update(of=Comment)
        .execution_options(populate_existing=True)
    )
    return session.scalar(statement)


def last_deletion(session: Session, comment_id: UUID) -> ModerationAct | None:
    statement = select(ModerationAct).where(
        ModerationAct.comment_id == comment_id, ModerationAct.state_after == CommentState.DELETED
    )
    return session.scalar(statement.order_by(ModerationAct.created_at.desc()).limit(1))


def was_seen(session: Session, comment_id: UUID) -> bool:
    """Whether others could ever see the comment: it was posted visible, or made so by an act."""
    of_comment = ModerationAct.comment_id == comment_id
    began_hidden = exists().where(of_comment, ModerationAct.state_before == NEW)
    was_visible = exists().where(
        of_comment,
        or_(
            ModerationAct.state_before == CommentState.VISIBLE,
            ModerationAct.state_after == CommentState.VISIBLE,
        ),
    )
    return bool(session.scalar(select(or_(~began_hidden, was_visible))))
