"""Periodic work: the daily reminder of due reviews, deleting old notifications, correcting counts."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from app.accounts.models import User, is_open
from app.core.clock import now
from app.core.db import session_scope
from app.notifications.models import Kind, Notification, NotificationChoice, Way
from app.notifications.service import count_anew, notify
from app.reviews.queries import readers_with_due_cards

# Between two reminders to the same reader: a little less than a day, so that they do not drift later.
A_DAY = timedelta(hours=23, minutes=50)
# A card is due from its reader's midnight on; the reminder is sent at eight in the morning there.
AFTER_MIDNIGHT = timedelta(hours=8)
READ_ONES_KEPT = timedelta(days=90)
READERS_AT_ONCE = 500


def tell_of_reviews() -> int:
    """Remind readers with due cards, at most once a day; returns how many. Replaces an unread reminder."""
    key = f"review:{now().date().isoformat()}"
    with session_scope() as session:
        readers = _to_tell(session)
        session.execute(
            delete(Notification).where(
                Notification.user_id.in_(readers),
                Notification.kind == Kind.REVIEW,
                Notification.read_at.is_(None),
                Notification.key != key,
            )
        )
        for user_id in readers:
            notify(session, user_id, Kind.REVIEW, key)
    return len(readers)


def tidy_up() -> None:
    """Delete old read notifications. Correct wrong unread counts (after a thread was removed, for example)."""
    with session_scope() as session:
        session.execute(delete(Notification).where(Notification.read_at < now() - READ_ONES_KEPT))
        for user_id in miscounted(session):
            count_anew(session, user_id)


def miscounted(session: Session) -> list[UUID]:
    """Users whose stored unread count is wrong."""
    unread = (
        select(Notification.user_id, func.count().label("number"))
        .where(Notification.read_at.is_(None))
        .group_by(Notification.user_id)
        .subquery()
    )
    statement = (
        select(User.id)
        .outerjoin(unread, unread.c.user_id == User.id)
        .where(User.unread != func.coalesce(unread.c.number, 0))
        .order_by(User.id)
    )
    return list(session.scalars(statement))


def _to_tell(session: Session) -> list[UUID]:
    """Only users who can be notified: the others would otherwise fill the batch each time."""
    due = readers_with_due_cards(now() - AFTER_MIDNIGHT).subquery()
    was_told = exists().where(
        Notification.user_id == due.c.user_id,
        Notification.kind == Kind.REVIEW,
        Notification.created_at > now() - A_DAY,
    )
    wants_none = exists().where(
        NotificationChoice.user_id == due.c.user_id,
        NotificationChoice.kind == Kind.REVIEW,
        NotificationChoice.way == Way.NONE,
    )
    statement = (
        select(due.c.user_id).join(User, User.id == due.c.user_id).where(is_open(), ~was_told, ~wants_none)
    )
    return list(session.scalars(statement.order_by(due.c.user_id).limit(READERS_AT_ONCE)))
