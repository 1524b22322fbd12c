"""Queries for notifications and their readers' choices. Readers see only their own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, not_, or_, select
from sqlalchemy.orm import Session, aliased, defer, joinedload, with_expression

from app.accounts.models import Role, User, is_open
from app.board.models import Comment, Thread
from app.courses.models import Lesson, open_to_readers
from app.jobs.models import Job
from app.notifications.models import GATHERED, Kind, MailAddress, Notification, NotificationChoice

Key = tuple[datetime, UUID]


@dataclass(frozen=True)
class Wish:
    """A reader's choice for one kind, if any, and whether their mail address is in use."""

    way: str | None
    has_mail: bool


def wish(session: Session, user_id: UUID, kind: Kind) -> Wish | None:
    """None for an unknown user or a suspended account."""
    return wishes(session, [user_id], kind).get(user_id)


def wishes(session: Session, user_ids: Sequence[UUID], kind: Kind) -> dict[UUID, Wish]:
    """Without unknown users and suspended accounts."""
    of_kind = and_(NotificationChoice.user_id == User.id, NotificationChoice.kind == kind)
    rows = session.execute(
        select(User.id, NotificationChoice.way, MailAddress.confirmed_at, MailAddress.stopped_at)
        .select_from(User)
        .outerjoin(NotificationChoice, of_kind)
        .outerjoin(MailAddress, MailAddress.user_id == User.id)
        .where(User.id.in_(user_ids), is_open())
    )
    return {row.id: Wish(row.way, row.confirmed_at is not None and row.stopped_at is None) for row in rows}


def choices(session: Session, user_id: UUID) -> dict[str, str]:
    rows = session.execute(
        select(NotificationChoice.kind, NotificationChoice.way).where(NotificationChoice.user_id == user_id)
    )
    return dict(rows.all())


def notifications_of(
    session: Session, user_id: UUID, before: Key | None, limit: int
) -> Sequence[Notification]:
    """Newest first, starting after the key `before`, each with its actor, comment and job. Without empty ones."""
    is_left = or_(Notification.kind.not_in(GATHERED), Notification.actor_id.is_not(None))
    statement = with_subjects(select(Notification)).where(Notification.user_id == user_id, is_left)
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


def newest_answer(session: Session, user_id: UUID) -> Notification | None:
    """The latest comment or answer to this reader, with everything its text needs."""
    kinds = (Kind.REPLY, Kind.ANSWER, Kind.MENTION)
    statement = with_subjects(select(Notification)).where(
        Notification.user_id == user_id, Notification.kind.in_(kinds)
    )
    return session.scalar(statement.order_by(Notification.created_at.desc(), Notification.id.desc()).limit(1))


def with_subjects(statement: Select[Notification]) -> Select[Notification]:
    """With everything the texts need: actor, comment, job, and whether the reader may see the comment's host."""
    return statement.options(
        with_expression(Notification.is_place_open, _is_place_open()),
        joinedload(Notification.actor),
        joinedload(Notification.comment),
        joinedload(Notification.job).options(defer(Job.report)),
    )


def notification(session: Session, user_id: UUID, key: str) -> Notification | None:
    """This reader's earlier notification with this key, locked."""
    statement = select(Notification).where(Notification.user_id == user_id, Notification.key == key)
    return session.scalar(statement.with_for_update().execution_options(populate_existing=True))


def naming(session: Session, user_id: UUID) -> Sequence[Notification]:
    """Others' notifications of this user's likes and cheers, locked. A full scan: accounts are deleted rarely."""
    columns = (Notification.actors, Notification.details)
    named = (cast(column, String).contains(str(user_id)) for column in columns)
    statement = select(Notification).where(
        Notification.kind.in_(GATHERED), or_(Notification.actor_id == user_id, *named)
    )
    return session.scalars(statement.order_by(Notification.id).with_for_update()).all()


def living(session: Session, ids: Iterable[str]) -> set[str]:
    """Those of these ids whose accounts still exist."""
    found = session.scalars(select(User.id).where(User.id.in_([UUID(identity) for identity in ids])))
    return {str(identity) for identity in found}


def count_unread(session: Session, user_id: UUID) -> int:
    statement = select(func.count()).where(Notification.user_id == user_id, Notification.read_at.is_(None))
    return session.scalar(statement) or 0


def count_unread_of(session: Session, user_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Of those who have any."""
    unread = (Notification.user_id.in_(user_ids), Notification.read_at.is_(None))
    statement = select(Notification.user_id, func.count()).where(*unread).group_by(Notification.user_id)
    return dict(session.execute(statement).all())


def count_told(session: Session, comment_id: UUID, kind: Kind) -> int:
    """Number of readers notified of a comment in this way."""
    statement = select(func.count()).where(Notification.comment_id == comment_id, Notification.kind == kind)
    return session.scalar(statement) or 0


def staff_ids(session: Session, *roles: Role) -> Sequence[UUID]:
    """Ids of users with one of these roles who can sign in."""
    return session.scalars(select(User.id).where(User.role.in_(roles), is_open()).order_by(User.id)).all()


def leading_to(place: str) -> ColumnElement[bool] | None:
    """Notifications that link to this page, as `messages.address` has it; None for a page that none links to."""
    if place == "/review":
        return Notification.kind == Kind.REVIEW
    if place == "/moderation":
        return Notification.kind == Kind.TO_MODERATE
    columns = {
        "comments": Notification.comment_id,
        "jobs": Notification.job_id,
        "check-ins": Notification.check_in_id,
    }
    name, _, identity = place.strip("/").partition("/")
    if name == "classes":
        return and_(Notification.kind == Kind.CLASS, Notification.details["class"].as_string() == identity)
    try:
        return columns[name] == UUID(identity)
    except (KeyError, ValueError):
        return None


def _is_place_open() -> ColumnElement[bool]:
    """Excludes what is no longer shared or published; a job's owner and staff can still read there."""
    comment, job, reader = aliased(Comment), aliased(Job), aliased(User)
    is_unshared = and_(job.shared_at.is_(None), job.user_id != reader.id)
    is_unpublished = and_(Lesson.id.is_not(None), not_(open_to_readers()))
    closed = (
        select(comment.id)
        .join(Thread, Thread.id == comment.thread_id)
        .join(reader, reader.id == Notification.user_id)
        .outerjoin(job, job.id == Thread.job_id)
        .outerjoin(Lesson, Lesson.id == Thread.lesson_id)
        .where(comment.id == Notification.comment_id, reader.role == Role.STUDENT)
        .where(or_(is_unshared, is_unpublished))
    )
    return ~closed.correlate(Notification).exists()
