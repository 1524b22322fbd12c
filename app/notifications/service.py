"""Creating notifications and marking them as read. Nothing here commits, except the unread count."""

from collections.abc import Mapping, Sequence, Set
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, delete, exists, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from structlog import get_logger

from app.accounts.models import User
from app.core.clock import now
from app.core.db import after_commit, changed_rows, insert, session_scope
from app.core.errors import NotFound
from app.core.live.sending import publish
from app.notifications import queries
from app.notifications.channels import way_of
from app.notifications.models import GATHERED, RENEWED, Kind, Notification, NotificationChoice, Way

log = get_logger()

# Mail is delayed this long: a comment edited or deleted meanwhile is mailed as edited, or not at all.
HELD_BACK = timedelta(minutes=10)
# Followers of a discussion notified of one comment.
MOST_TOLD = 200
# In a notification's details: actors who withdrew a like or cheer after the reader was notified.
HEARD_OF = "heard_of"


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
    """Notify a reader once of the subject `key`; never of their own acts, nor of a kind they turned off.

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
    is_news = is_new or (kind in GATHERED and actor_id and _gather(session, user_id, key, actor_id, way))
    if is_news or (kind in RENEWED and _renew(session, values)):
        recount_unread(session, user_id)


def _renew(session: Session, values: Mapping[str, Any]) -> bool:
    """Make it unread again, with current details; returns whether it had been read."""
    mine = (Notification.user_id == values["user_id"], Notification.key == values["key"])
    renewed = {"read_at": None, "created_at": now(), "mail_due_at": values["mail_due_at"]}
    statement = update(Notification).where(*mine, Notification.read_at.is_not(None)).values(**renewed)
    return changed_rows(session, statement.execution_options(synchronize_session=False)) > 0


def notify_all(
    session: Session,
    user_ids: Set[UUID],
    kind: Kind,
    key: str,
    actor_id: UUID | None,
    comment_id: UUID | None = None,
    *,
    details: Mapping[str, Any] | None = None,
    most: int = MOST_TOLD,
) -> None:
    """Notify many readers of one subject and count what each has not read, in a few statements whatever their number."""
    wanted = sorted(user_id for user_id in user_ids if user_id != actor_id)
    if not wanted:
        return
    told: list[dict[str, Any]] = [
        {
            "id": uuid4(),
            "user_id": user_id,
            "kind": kind,
            "key": key,
            "actor_id": actor_id,
            "actors": [],
            "details": dict(details or {}),
            "comment_id": comment_id,
            "created_at": now(),
            "mail_due_at": now() + HELD_BACK if way == Way.MAIL else None,
        }
        for user_id, wish in queries.wishes(session, wanted[:most], kind).items()
        if (way := way_of(kind, wish.way, has_mail=wish.has_mail)) != Way.NONE
    ]
    if told:
        session.execute(insert(session, Notification).values(told).on_conflict_do_nothing())
        _recount_all(session, [row["user_id"] for row in told])


def _gather(session: Session, user_id: UUID, key: str, actor_id: UUID, way: Way) -> bool:
    """Add an actor; returns whether that is news."""
    notification, actor = queries.notification(session, user_id, key), str(actor_id)
    if notification is None or actor in notification.actors:
        return False
    notification.actor_id, notification.actors = actor_id, [*notification.actors, actor]
    if actor in notification.details.get(HEARD_OF, ()):
        return False
    notification.created_at = now()
    if notification.read_at is not None and way == Way.MAIL:
        notification.mail_due_at = now() + HELD_BACK
    notification.read_at = None
    return True


def say_anew(session: Session, kind: Kind, details: Mapping[str, Any]) -> None:
    """Update a kind with the same details for all. Rows are locked in one order, as several callers may do so at once."""
    rows = select(Notification.id).where(Notification.kind == kind).order_by(Notification.id)
    session.execute(rows.with_for_update())
    statement = update(Notification).where(Notification.kind == kind).values(details=dict(details))
    session.execute(statement.execution_options(synchronize_session=False))


def take_back(session: Session, user_id: UUID | None, key: str, actor_id: UUID) -> None:
    """Withdraw somebody's like or cheer from the author's notification."""
    notification, actor = queries.notification(session, user_id, key) if user_id else None, str(actor_id)
    if notification is None or actor not in notification.actors:
        return
    if notification.read_at or notification.mailed_at:
        notification.details = {
            HEARD_OF: list(dict.fromkeys([*notification.details.get(HEARD_OF, ()), actor]))
        }
    _keep_actors(session, notification, queries.living(session, notification.actors) - {actor})
    session.flush()


def forget_actor(session: Session, user_id: UUID) -> None:
    """Remove a user whose account is being deleted from others' notifications of likes and cheers."""
    found, gone = queries.naming(session, user_id), {str(user_id)}
    living = (
        queries.living(session, {actor for notification in found for actor in notification.actors}) - gone
    )
    for notification in found:
        notification.details = {
            HEARD_OF: [actor for actor in notification.details.get(HEARD_OF, ()) if actor not in gone]
        }
        _keep_actors(session, notification, living)
    session.flush()


def _keep_actors(session: Session, notification: Notification, kept: Set[str]) -> None:
    """Without actors there is nothing to say; the row stays, hidden, only to remember who was already announced."""
    notification.actors = [actor for actor in notification.actors if actor in kept]
    if notification.actors:
        notification.actor_id = (
            notification.actor_id if str(notification.actor_id) in kept else UUID(notification.actors[-1])
        )
    elif notification.details.get(HEARD_OF):
        notification.actor_id, notification.read_at, notification.mail_due_at = (
            None,
            notification.read_at or now(),
            None,
        )
    else:
        session.delete(notification)
    recount_unread(session, notification.user_id)


def mark_read(session: Session, user: User, notification_id: UUID | None = None) -> None:
    """One, or all. Raises NotFound for another user's."""
    if notification_id is None:
        return note_read(session, user.id)
    one = Notification.id == notification_id
    if not session.scalar(select(exists().where(one, Notification.user_id == user.id))):
        raise NotFound
    note_read(session, user.id, one)


def visit(session: Session, user: User, place: str) -> None:
    """Opening the page a notification links to marks it as read, however the reader got there."""
    which = queries.leading_to(place)
    if which is not None:
        note_read(session, user.id, which)


def note_read(session: Session, user_id: UUID, *which: ColumnElement[bool]) -> None:
    """What was read on the page is not mailed."""
    read = changed_rows(
        session,
        update(Notification)
        .where(Notification.user_id == user_id, Notification.read_at.is_(None), *which)
        .values(read_at=now(), mail_due_at=None)
        .execution_options(synchronize_session=False),
    )
    if read:
        recount_unread(session, user_id)


def choose(session: Session, user: User, ways: Mapping[Kind, Way], *, has_mail: bool) -> None:
    """Store each kind's channel, if it differs from the current one. Mail already queued for a deselected channel stays."""
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
    """Update the unread count after the commit, and notify the reader's open pages.

    In a transaction of its own: two readers answering each other at the same moment could otherwise deadlock.
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
        except SQLAlchemyError as error:  # what happened is stored; the next recount corrects the count
            log.warning("unread not counted", user=str(user_id), error=str(error))

    after_commit(session, recount)


def forget(session: Session, user_ids: Sequence[UUID], key: str) -> None:
    """The subject is gone: nobody is told of it any more, by mail neither. Idempotent."""
    told = delete(Notification).where(Notification.user_id.in_(user_ids), Notification.key == key)
    gone = session.scalars(
        told.returning(Notification.user_id), execution_options={"synchronize_session": False}
    ).all()
    if gone:
        _recount_all(session, gone)


def _recount_all(session: Session, user_ids: Sequence[UUID]) -> None:
    """As `recount_unread`, for many readers in one transaction."""

    def recount() -> None:
        try:
            with session_scope(name="unread of many") as own:
                _count_all_anew(own, user_ids)
        except SQLAlchemyError as error:
            log.warning("unread not counted", users=len(user_ids), error=str(error))

    after_commit(session, recount)


def _count_all_anew(session: Session, user_ids: Sequence[UUID]) -> None:
    """The rows are locked in one order, as several callers may do so at once."""
    rows = select(User.id, User.unread).where(User.id.in_(user_ids)).order_by(User.id).with_for_update()
    stored = dict(session.execute(rows).all())
    unread = queries.count_unread_of(session, list(stored))
    changed = {user_id: unread.get(user_id, 0) for user_id, count in stored.items()}
    changed = {user_id: count for user_id, count in changed.items() if count != stored[user_id]}
    if not changed:
        return
    of_user = (Notification.user_id == User.id, Notification.read_at.is_(None))
    counted = select(func.count()).select_from(Notification).where(*of_user).correlate(User).scalar_subquery()
    session.execute(
        update(User)
        .where(User.id.in_(list(changed)))
        .values(unread=counted)
        .execution_options(synchronize_session=False)
    )
    for user_id, count in changed.items():
        publish(session, f"user:{user_id}", "unread", {"count": count})


def count_anew(session: Session, user_id: UUID) -> None:
    """Counts after locking the row, so that the last of several recounts sees what all of them stored."""
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
