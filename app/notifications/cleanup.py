"""What happens by itself: the daily word that there is something to review, old notifications going, counts put right."""

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

# Between two words about reviews to the same reader: a little less than a day, since they must not come later every day.
A_DAY = timedelta(hours=23, minutes=50)
# A card is due from its reader's midnight on; the word of it comes at eight in the morning there.
AFTER_MIDNIGHT = timedelta(hours=8)
READ_ONES_KEPT = timedelta(days=90)
READERS_AT_ONCE = 500


def tell_of_reviews() -> int:
    """Tell whoever has cards to review, at most once a day; how many were told. A word that is still unread makes room."""
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
    """Old notifications that were read go. Where a number at a bell is wrong (its comment's thread was removed, say), it is mended."""
    with session_scope() as session:
        session.execute(delete(Notification).where(Notification.read_at < now() - READ_ONES_KEPT))
        for user_id in miscounted(session):
            count_anew(session, user_id)


def miscounted(session: Session) -> list[UUID]:
    """Whose number of unread notifications is not the true one."""
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
    """Only who can be told: the others, who are never told, would stand in the way each time."""
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
