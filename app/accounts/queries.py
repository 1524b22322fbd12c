"""Reading accounts."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import Role, SetupLink, User, UserSession


def user_by_name(session: Session, name_key: str) -> User | None:
    return session.scalar(select(User).where(User.name_key == name_key))


def live_session(
    session: Session, token_hash: str, *, created_after: datetime, seen_after: datetime
) -> UserSession | None:
    """The session with its user, unless it is too old, idle too long, or the account is disabled."""
    return session.scalar(
        select(UserSession)
        .join(UserSession.user)
        .options(joinedload(UserSession.user))
        .where(
            UserSession.token_hash == token_hash,
            UserSession.created_at > created_after,
            UserSession.last_seen_at > seen_after,
            User.disabled_at.is_(None),
        )
    )


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
