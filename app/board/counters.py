"""The numbers kept beside the comments, and the one way to change a comment's state, which keeps them in step."""

from functools import lru_cache
from uuid import UUID

from sqlalchemy import Integer, Update, Uuid, bindparam, event, select, update
from sqlalchemy.orm import Session, UOWTransaction

from app.board.models import Comment, CommentState, Thread
from app.clock import now
from app.errors import Conflict

# Put together once: that takes longer than to run them.
_threads, _comments = Thread.__table__, Comment.__table__
_raise_version = update(_threads).values(version=_threads.c.version + 1)
_RAISE_VERSION = _raise_version.where(_threads.c.id.in_(bindparam("threads", type_=Uuid(), expanding=True)))
_RAISE_VERSION_OF = _raise_version.where(
    _threads.c.id
    == select(_comments.c.thread_id)
    .where(_comments.c.id == bindparam("comment", type_=Uuid()))
    .scalar_subquery()
)

_COUNT_NEW = _raise_version.where(_threads.c.id == bindparam("thread", type_=Uuid())).values(
    comment_count=_threads.c.comment_count + bindparam("step", type_=Integer())
)


def change_state(session: Session, comment: Comment, state: CommentState) -> None:
    """Move a comment to another state; the thread's and the parent's counts follow.

    Raises Conflict where it is no longer in the state that `comment` was read with. A deleted comment remembers in
    `state_before` what it was. The caller logs the act and tells whom it concerns.
    """
    before = CommentState(comment.state)
    if before == state:
        return
    is_deleted = state == CommentState.DELETED
    values = {
        "state": state,
        "state_before": before if is_deleted else None,
        "deleted_at": now() if is_deleted else None,
    }
    changed = session.execute(
        update(Comment)
        .where(Comment.id == comment.id, Comment.state == before)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if not changed.rowcount:
        raise Conflict
    session.refresh(comment, ["state", "state_before", "deleted_at"])
    touch(session, comment.thread_id)
    count(session, comment, (state == CommentState.VISIBLE) - (before == CommentState.VISIBLE))


def count(session: Session, comment: Comment, step: int) -> None:
    """`step` more (1) or fewer (-1) visible comments, of the kind and in the place of `comment`."""
    if not step:
        return
    if comment.parent_id is not None:
        _add(session, Comment, comment.parent_id, "replies", step)
    _add(session, Thread, comment.thread_id, "comment_count", step)


def count_new(session: Session, comment: Comment) -> None:
    """A comment that was stored without a flush: pages that show its thread no longer hold."""
    step = int(comment.state == CommentState.VISIBLE)
    session.execute(_COUNT_NEW, {"thread": comment.thread_id, "step": step})
    if step and comment.parent_id is not None:
        _add(session, Comment, comment.parent_id, "replies", step)


def count_like(session: Session, comment_id: UUID, step: int) -> None:
    _add(session, Comment, comment_id, "likes", step)
    session.execute(_RAISE_VERSION_OF, {"comment": comment_id})


def touch(session: Session, *thread_ids: UUID) -> None:
    """Say that pages which show these threads no longer hold; changes of Comment objects say so by themselves."""
    if thread_ids:
        session.execute(_RAISE_VERSION, {"threads": thread_ids})


def touch_all(session: Session) -> None:
    """A name that is shown or mentioned anywhere has changed; that is rare, and who it is about may stand in any thread."""
    session.execute(_raise_version)


@event.listens_for(Session, "after_flush")
def _note_changed_comments(session: Session, _context: UOWTransaction) -> None:
    changed = {
        thing.thread_id
        for things in (session.new, session.dirty, session.deleted)
        for thing in things
        if isinstance(thing, Comment)
    }
    if changed:
        session.connection().execute(_RAISE_VERSION, {"threads": list(changed)})


def _add(session: Session, table: type[Comment] | type[Thread], row_id: UUID, column: str, step: int) -> None:
    """In the database, so that two at the same moment both count."""
    session.execute(_addition(table, column), {"row": row_id, "step": step})
    known = session.identity_map.get(session.identity_key(table, row_id))
    if known is not None:
        session.expire(known, [column])


@lru_cache
def _addition(table: type[Comment] | type[Thread], column: str) -> Update:
    number = table.__table__.c[column]
    values = {column: number + bindparam("step", type_=Integer())}
    return (
        update(table.__table__).where(table.__table__.c.id == bindparam("row", type_=Uuid())).values(values)
    )
