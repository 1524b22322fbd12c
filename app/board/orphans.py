"""Discussions whose subject, a training or a check-in, was deleted with its owner's account. Others' comments stay readable."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Delete, Update, delete, exists, select, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board.models import Comment, CommentDraft, Thread
from app.board.places import ThreadHost, kind
from app.board.service import open_thread

_AT_ONCE = 500


def orphans_host(thread_id: UUID) -> ThreadHost:
    """The host that takes over the comments of `thread_id`, the thread of a deleted subject."""
    return ThreadHost(f"gone:{thread_id}", f"/discussions/{thread_id}")


@kind("gone")
def _place(session: Session, user: User | None, thread_id: UUID) -> ThreadHost | None:
    place = orphans_host(thread_id)
    is_known = user is not None and session.scalar(select(exists().where(Thread.key == place.key)))
    return place if is_known else None


def leave_behind(session: Session, keys: Sequence[str]) -> None:
    """Call before the subjects of the threads with these keys are deleted; a thread without others' comments is deleted with its
    subject.
    """
    for start in range(0, len(keys), _AT_ONCE):
        threads = session.scalars(select(Thread).where(Thread.key.in_(keys[start : start + _AT_ONCE])))
        for thread in threads.all():
            if session.scalar(
                select(exists().where(Comment.thread_id == thread.id, Comment.author_id.is_not(None)))
            ):
                _move(session, thread, orphans_host(thread.id))
            session.execute(_quietly(delete(Thread).where(Thread.id == thread.id)))


def take_back(session: Session, host: ThreadHost) -> None:
    """The subject is there again: below it stands what was said before, and since then."""
    left = session.scalar(select(Thread).where(Thread.key == orphans_host(host.thread_id).key))
    if left:
        _move(session, left, host)
        session.execute(_quietly(delete(Thread).where(Thread.id == left.id)))


def _move(session: Session, thread: Thread, host: ThreadHost) -> None:
    new_id = open_thread(session, host)
    count = {"comment_count": thread.comment_count}
    for statement in (
        update(Thread).where(Thread.id == new_id).values(count),
        update(Comment).where(Comment.thread_id == thread.id).values(thread_id=new_id),
        update(CommentDraft).where(CommentDraft.place == thread.id).values(place=new_id),
    ):
        session.execute(_quietly(statement))


def _quietly(statement: Update | Delete) -> Update | Delete:
    return statement.execution_options(synchronize_session=False)
