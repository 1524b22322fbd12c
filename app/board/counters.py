"""The counts stored beside the comments, and the one function that changes a comment's state and keeps them in step.

Rows are locked in one order: a reply, its parent comment, the thread. Otherwise two transactions could deadlock.
"""

from functools import lru_cache
from uuid import UUID

from sqlalchemy import Integer, Update, Uuid, bindparam, event, select, update
from sqlalchemy.orm import Session, UOWTransaction

from app.board.models import Comment, CommentState, Thread
from app.core.clock import now
from app.core.db import changed_rows
from app.core.errors import Conflict

# Built once: that takes longer than running them.
_threads, _comments = Thread.__table__, Comment.__table__
_raise_version = update(_threads).values(version=_threads.c.version + 1)
_RAISE_VERSION = _raise_version.where(_threads.c.id.in_(bindparam("threads", type_=Uuid(), expanding=True)))
_RAISE_VERSION_OF = _raise_version.where(
    _threads.c.id
    == select(_comments.c.thread_id)
    .where(_comments.c.id == bindparam("comment", type_=Uuid()))
    .scalar_subquery()
)

_COUNT = _raise_version.where(_threads.c.id == bindparam("thread", type_=Uuid())).values(
    comment_count=_threads.c.comment_count + bindparam("step", type_=Integer())
)
_LOCK = (
    select(_comments.c.id)
    .where(_comments.c.id.in_(bindparam("comments", type_=Uuid(), expanding=True)))
    .order_by(_comments.c.id)
    .with_for_update(key_share=True)
)


def change_state(session: Session, comment: Comment, state: CommentState) -> None:
    """Move a comment to another state; the thread's and the parent's counts follow.

    Raises Conflict if the comment is no longer in the state it was read with. A deleted comment keeps its previous state in
    `state_before`. The caller logs the act and notifies those concerned.
    """
    before = CommentState(comment.state)
    if before == state:
        return
    is_deleted = state == CommentState.DELETED
    values = {
        "state": state,
        "rank": comment.rank_in(state),
        "state_before": before if is_deleted else None,
        "deleted_at": now() if is_deleted else None,
    }
    changed = changed_rows(
        session,
        update(Comment)
        .where(Comment.id == comment.id, Comment.state == before)
        .values(**values)
        .execution_options(synchronize_session=False),
    )
    if not changed:
        raise Conflict
    session.refresh(comment, ["state", "rank", "state_before", "deleted_at"])
    count(session, comment, (state == CommentState.VISIBLE) - (before == CommentState.VISIBLE))


def count(session: Session, comment: Comment, step: int) -> None:
    """Add `step` (1 or -1) to the counts of visible comments, by the kind and position of `comment`.

    Cached pages that show its thread become stale, even with a step of 0.
    """
    if step and comment.parent_id is not None:
        _add(session, comment.parent_id, "replies", step)
    # By the session, not its connection: cached pages hear of it (`app.web.kept_pages.visitors`).
    session.execute(_COUNT, {"thread": comment.thread_id, "step": step})
    _forget(session, Thread, comment.thread_id, "comment_count")


def count_like(session: Session, comment_id: UUID, step: int) -> None:
    _add(session, comment_id, "likes", step)
    session.execute(_RAISE_VERSION_OF, {"comment": comment_id})


def touch_all(session: Session) -> None:
    """Invalidate every cached page with comments: a name has changed. That is rare, and it may appear or be mentioned in any
    thread.
    """
    session.execute(_raise_version)


@event.listens_for(Session, "after_flush")
def _note_changed_comments(session: Session, _context: UOWTransaction) -> None:
    """Cached pages that show their threads become stale."""
    changed = [
        thing
        for things in (session.new, session.dirty, session.deleted)
        for thing in things
        if isinstance(thing, Comment)
    ]
    if not changed:
        return
    # A reply changed here may also be counted elsewhere: lock its parent comment before the thread.
    parents = {comment.parent_id for comment in changed} - {None}
    if parents and session.get_bind().dialect.name != "sqlite":
        session.connection().execute(_LOCK, {"comments": list(parents)})
    threads = {comment.thread_id for comment in changed}
    session.connection().execute(_RAISE_VERSION, {"threads": list(threads)})


def _add(session: Session, comment_id: UUID, column: str, step: int) -> None:
    """In the database, so that concurrent updates both count."""
    session.execute(_addition(column), {"comment": comment_id, "step": step})
    _forget(session, Comment, comment_id, column)


def _forget(session: Session, table: type[Comment] | type[Thread], row_id: UUID, column: str) -> None:
    """Expire the column, so that its next use reads it again."""
    known = session.identity_map.get(session.identity_key(table, row_id))
    if known is not None:
        session.expire(known, [column])


@lru_cache
def _addition(column: str) -> Update:
    values = {column: _comments.c[column] + bindparam("step", type_=Integer())}
    return update(_comments).where(_comments.c.id == bindparam("comment", type_=Uuid())).values(values)
