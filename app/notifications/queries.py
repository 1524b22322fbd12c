"""Reading notifications and what their readers chose. A reader sees their own only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, defer, joinedload

from app.accounts.models import User
from app.board.models import Comment
from app.jobs.models import Job
from app.notifications.models import Kind, MailAddress, Notification, NotificationChoice

Key = tuple[datetime, UUID]


@dataclass(frozen=True)
class Wish:
    """What a reader chose for one kind, if anything, and whether their mail address is in use."""

    way: str | None
    has_mail: bool


def wish(session: Session, user_id: UUID, kind: Kind) -> Wish | None:
    """None for nobody, and for a suspended account."""
    of_kind = and_(NotificationChoice.user_id == User.id, NotificationChoice.kind == kind)
    row = session.execute(
        select(NotificationChoice.way, MailAddress.confirmed_at, MailAddress.stopped_at)
        .select_from(User)
        .outerjoin(NotificationChoice, of_kind)
        .outerjoin(MailAddress, MailAddress.user_id == User.id)
        .where(User.id == user_id, User.disabled_at.is_(None))
    ).first()
    return Wish(row.way, row.confirmed_at is not None and row.stopped_at is None) if row else None


def choices(session: Session, user_id: UUID) -> dict[str, str]:
    rows = session.execute(
        select(NotificationChoice.kind, NotificationChoice.way).where(NotificationChoice.user_id == user_id)
    )
    return dict(rows.tuples().all())


def notifications_of(
    session: Session, user_id: UUID, before: Key | None, limit: int
) -> Sequence[Notification]:
    """Newest first, from after the key `before`, each with its actor, comment and job."""
    statement = with_subjects(select(Notification)).where(Notification.user_id == user_id)
    if before:
        created_at, identity = before
        statement = statement.where(
            or_(
                Notification.created_at < created_at,
                and_(Notification.created_at == created_at, Notification.id < identity),
            ),
            Notification.created_at <= created_at,
        )
    return session.scalars(
        statement.order_by(Notification.created_at.desc(), Notification.id.desc()).limit(limit)
    ).all()


def with_subjects(statement: Select[tuple[Notification]]) -> Select[tuple[Notification]]:
    return statement.options(
        joinedload(Notification.actor),
        joinedload(Notification.comment).options(defer(Comment.html)),
        joinedload(Notification.job).options(defer(Job.report)),
    )


def notification(session: Session, user_id: UUID, key: str) -> Notification | None:
    """What a reader was told of this before, locked."""
    statement = select(Notification).where(Notification.user_id == user_id, Notification.key == key)
    return session.scalar(statement.with_for_update().execution_options(populate_existing=True))


def count_unread(session: Session, user_id: UUID) -> int:
    statement = select(func.count()).where(Notification.user_id == user_id, Notification.read_at.is_(None))
    return session.scalar(statement) or 0


def count_told(session: Session, comment_id: UUID, kind: Kind) -> int:
    """How many readers were told of a comment in this way."""
    statement = select(func.count()).where(Notification.comment_id == comment_id, Notification.kind == kind)
    return session.scalar(statement) or 0
