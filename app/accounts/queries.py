"""Queries for accounts."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import Select, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.duties import waiting_for
from app.accounts.models import STAFF, HeldName, ResetLink, Role, SetupLink, User, UserSession, is_open
from app.core.database_clock import database_now

_sessions, _users = UserSession.__table__, User.__table__


def user_by_name(session: Session, name_key: str) -> User | None:
    return session.scalar(select(User).where(User.name_key == name_key))


def user_of_session(
    session: Session, token_hash: str, *, created_after: datetime, seen_after: datetime
) -> tuple[User, datetime] | None:
    """The session's user and when it was last used; None if it is too old or idle too long, or the account is disabled."""
    found = users_of_sessions(session, [token_hash], created_after=created_after, seen_after=seen_after)
    return found.get(token_hash)


def users_of_sessions(
    session: Session, token_hashes: Sequence[str], *, created_after: datetime, seen_after: datetime
) -> dict[str, tuple[User, datetime]]:
    """The same for many sessions, by the hashes of their tokens, in one statement."""
    values = {"token_hashes": token_hashes, "created_after": created_after, "seen_after": seen_after}
    found = {}
    for user, token_hash, last_seen_at, waiting in session.execute(_live_sessions(), values):
        user.waiting = waiting
        found[token_hash] = user, last_seen_at
    return found


@lru_cache
def _live_sessions() -> Select[User, str, datetime, int]:
    """Used by every request, so built only once."""
    return (
        select(User, UserSession.token_hash, UserSession.last_seen_at, waiting_for())
        .join(UserSession.user)
        .where(
            _sessions.c.token_hash.in_(bindparam("token_hashes", expanding=True)),
            _sessions.c.created_at > bindparam("created_after"),
            _sessions.c.last_seen_at > bindparam("seen_after"),
            is_open(_users.c),
        )
    )


def live_sessions(
    session: Session, token_hashes: Sequence[str], *, created_after: datetime, seen_after: datetime
) -> Sequence[str]:
    """The sessions among these that are still valid, by the same rules."""
    return session.scalars(
        select(UserSession.token_hash)
        .join(UserSession.user)
        .where(
            UserSession.token_hash.in_(token_hashes),
            UserSession.created_at > created_after,
            UserSession.last_seen_at > seen_after,
            is_open(),
        )
    ).all()


def sign_ins(
    session: Session, user_id: UUID, *, created_after: datetime, seen_after: datetime, limit: int
) -> Sequence[UserSession]:
    """The user's valid sessions, most recently used first."""
    statement = select(UserSession).where(
        UserSession.user_id == user_id,
        UserSession.created_at > created_after,
        UserSession.last_seen_at > seen_after,
    )
    return session.scalars(statement.order_by(UserSession.last_seen_at.desc()).limit(limit)).all()


def is_account_open(session: Session, user_id: UUID) -> bool:
    return session.scalar(select(User.id).where(User.id == user_id, is_open())) is not None


def name_is_held(session: Session, look: str) -> UUID | None:
    """The user who holds a name with this look, now or until recently."""
    held = or_(HeldName.free_at.is_(None), HeldName.free_at > database_now())
    return session.scalar(select(HeldName.user_id).where(HeldName.look == look, held))


def former_names(session: Session, user_id: UUID) -> Sequence[HeldName]:
    """Names still reserved for their former owner, latest first."""
    former = select(HeldName).where(HeldName.user_id == user_id, HeldName.free_at > database_now())
    return session.scalars(former.order_by(HeldName.free_at.desc())).all()


def reset_link_user(session: Session, token_hash: str) -> User | None:
    """The user whose password this link sets; None if it was used, has expired or never existed."""
    statement = select(User).join(ResetLink, ResetLink.user_id == User.id)
    return session.scalar(
        statement.where(ResetLink.token_hash == token_hash, ResetLink.expires_at > database_now())
    )


def count_reset_links(session: Session, user_id: UUID, made_by: str) -> int:
    """Number of reset links that are still valid."""
    statement = select(func.count()).select_from(ResetLink)
    mine = (ResetLink.user_id == user_id, ResetLink.made_by == made_by, ResetLink.expires_at > database_now())
    return session.scalar(statement.where(*mine)) or 0


def admin_names(session: Session, limit: int) -> Sequence[str]:
    """Names of admins who can sign in, for the user to contact."""
    statement = select(User.name).where(User.role == Role.ADMIN, is_open())
    return session.scalars(statement.order_by(User.created_at, User.id).limit(limit)).all()


def staff_names(session: Session) -> Sequence[str]:
    return session.scalars(select(User.name).where(User.role.in_(STAFF))).all()


def locked(session: Session, user_id: UUID) -> bool:
    """Whether the user exists; the row stays locked."""
    statement = select(User.id).where(User.id == user_id).with_for_update(key_share=True)
    return session.scalar(statement) is not None


def has_admin(session: Session) -> bool:
    return bool(session.scalar(select(exists().where(User.role == Role.ADMIN))))


def unused_setup_link(session: Session, token_hash: str, *, created_after: datetime) -> SetupLink | None:
    return session.scalar(
        select(SetupLink).where(
            SetupLink.token_hash == token_hash,
            SetupLink.used_at.is_(None),
            SetupLink.created_at > created_after,
        )
    )
