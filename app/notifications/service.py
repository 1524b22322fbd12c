"""Telling a reader something, and noting that it was read. Nothing here commits, but for the count of what is unread."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from structlog import get_logger

from app.accounts.models import User
from app.board.models import CommentLike
from app.checkins.models import Cheer
from app.clock import now
from app.db import after_commit, insert, session_scope
from app.live import publish
from app.notifications import queries
from app.notifications.models import Kind, Notification, NotificationChoice, Way
from app.notifications.ways import way_of

log = get_logger()

# Mail waits so long: what is edited or deleted meanwhile goes out edited, or not at all.
HELD_BACK = timedelta(minutes=10)
# Kinds that gather in one row: who likes a comment is news, each like is not.
GATHERED = {Kind.LIKE, Kind.CHEER}


def notify(
    session: Session,
    user_id: UUID | None,
    kind: Kind,
    key: str,
    *,
    actor_id: UUID | None = None,
    details: Mapping[str, Any] | None = None,
    **subject: UUID | None,
) -> None:
    """Tell a reader once of what `key` names. Nobody is told of what they did themselves, nor of a kind they don't want.

    `subject`: comment_id, job_id or check_in_id.
    """
    if user_id is None or user_id == actor_id:
        return
    wish = queries.wish(session, user_id, kind)
    way = way_of(kind, wish.way, has_mail=wish.has_mail) if wish else Way.NONE
    if way == Way.NONE:
        return
    values = {
        "user_id": user_id,
        "kind": kind,
        "key": key,
        "actor_id": actor_id,
        "actors": [str(actor_id)] if actor_id and kind in GATHERED else [],
        "details": dict(details or {}),
        "mail_due_at": now() + HELD_BACK if way == Way.MAIL else None,
        **subject,
    }
    statement = insert(session, Notification).values(**values).on_conflict_do_nothing()
    is_new = session.scalar(statement.returning(Notification.id)) is not None
    if is_new or (kind in GATHERED and actor_id and _gather(session, user_id, key, actor_id, way)):
        recount_unread(session, user_id)


def _gather(session: Session, user_id: UUID, key: str, actor_id: UUID, way: Way) -> bool:
    """One more who did the same: whether that is news."""
    told = queries.notification(session, user_id, key)
    if told is None or str(actor_id) in told.actors:
        return False
    told.actor_id, told.actors, told.created_at = actor_id, [*told.actors, str(actor_id)], now()
    if told.read_at is not None and way == Way.MAIL:
        told.mail_due_at = now() + HELD_BACK
    told.read_at = None
    return True


def forget_actor(session: Session, user_id: UUID) -> None:
    """Take a user out of what others were told of likes and cheers; where nobody is left, so is what was told."""
    gathered = select(Notification).where(
        Notification.kind.in_(GATHERED),
        or_(
            Notification.comment_id.in_(select(CommentLike.comment_id).where(CommentLike.user_id == user_id)),
            Notification.check_in_id.in_(select(Cheer.check_in_id).where(Cheer.user_id == user_id)),
            Notification.actor_id == user_id,
        ),
    )
    for told in session.scalars(gathered).all():
        told.actors = [actor for actor in told.actors if actor != str(user_id)]
        if not told.actors:
            session.delete(told)
            recount_unread(session, told.user_id)
        elif told.actor_id == user_id:
            told.actor_id = UUID(told.actors[-1])
    session.flush()


def mark_read(session: Session, user: User, notification_id: UUID | None = None) -> None:
    """One, or all. What was read on the page is not mailed."""
    own = [Notification.user_id == user.id, Notification.read_at.is_(None)]
    if notification_id:
        own.append(Notification.id == notification_id)
    read = session.execute(
        update(Notification)
        .where(*own)
        .values(read_at=now(), mail_due_at=None)
        .execution_options(synchronize_session=False)
    )
    if read.rowcount:
        recount_unread(session, user.id)


def choose(session: Session, user: User, ways: Mapping[Kind, Way], *, has_mail: bool) -> None:
    """Keep which way each kind shall go, where it differs from how it goes now. What waits for a mail no longer wanted stays."""
    chosen = queries.choices(session, user.id)
    changed = {
        kind: way for kind, way in ways.items() if way != way_of(kind, chosen.get(kind), has_mail=has_mail)
    }
    for kind, way in changed.items():
        statement = insert(session, NotificationChoice).values(user_id=user.id, kind=kind, way=way)
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["user_id", "kind"], set_={"way": statement.excluded["way"]}
            )
        )
    unmailed = [kind for kind, way in changed.items() if way != Way.MAIL]
    session.execute(
        update(Notification)
        .where(Notification.user_id == user.id, Notification.kind.in_(unmailed))
        .where(Notification.mail_due_at.is_not(None))
        .values(mail_due_at=None)
    )


def recount_unread(session: Session, user_id: UUID) -> None:
    """Bring the bell's number in step, once this is stored, and tell the pages that the reader has open.

    In a transaction of its own: two readers who answer each other at the same moment would otherwise wait for one another.
    """
    waiting: set[UUID] = session.info.setdefault("recount_unread", set())
    if user_id in waiting:
        return
    waiting.add(user_id)

    def recount() -> None:
        waiting.discard(user_id)
        try:
            with session_scope() as own:
                count_anew(own, user_id)
        except SQLAlchemyError as error:  # what happened is stored; the next recount mends the number
            log.warning("unread not counted", user=str(user_id), error=str(error))

    after_commit(session, recount)


def count_anew(session: Session, user_id: UUID) -> None:
    """The count is made after the row is locked, so that the last of several recounts sees what all of them stored."""
    stored = session.scalar(select(User.unread).where(User.id == user_id).with_for_update())
    unread = queries.count_unread(session, user_id)
    if stored is None or stored == unread:
        return
    session.execute(
        update(User)
        .where(User.id == user_id)
        .values(unread=unread)
        .execution_options(synchronize_session=False)
    )
    publish(session, f"user:{user_id}", "unread", {"count": unread})
