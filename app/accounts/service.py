"""What one can do with an account. Nothing here commits."""

import hashlib
import secrets
import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts import queries
from app.accounts.models import Role, SetupLink, User, UserSession
from app.clock import now
from app.config import get_settings
from app.db import may_write, session_scope
from app.errors import Invalid, NotFound, SignInNeeded
from app.i18n import N_
from app.i18n import gettext as _

# A session's last use is written at most this often, so that reading pages writes nothing.
TOUCH_EVERY = timedelta(minutes=10)
SETUP_LINK_LIFETIME = timedelta(days=7)
GONE = N_("This link was used already or is too old. Start Sophora again to get a new one.")


def name_key(name: str) -> str:
    """The form of a name in which two equal-looking names are equal. PostgreSQL takes no null character, not even to look for one."""
    return unicodedata.normalize("NFKC", name).casefold().replace("\0", "\ufffd")


def check_name(session: Session, name: str) -> None:
    """Raises Invalid if the name is taken."""
    if queries.user_by_name(session, name_key(name)):
        raise _taken()


def sign_up(session: Session, name: str, password_hash: str, role: Role = Role.STUDENT) -> User:
    """Make an account. Raises Invalid if the name is taken."""
    check_name(session, name)
    user = User(name=name, name_key=name_key(name), password_hash=password_hash, role=role)
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError:  # somebody else took it at the same moment
        raise _taken() from None
    return user


def _taken() -> Invalid:
    return Invalid({"name": _("This name is taken. Please choose another.")})


def sign_in(session: Session, name: str, holds: Callable[[str], bool] | None) -> User:
    """The user with this name, where `holds` says of the stored hash that its password was typed.

    Raises Invalid, with the same words in each case.
    """
    user = queries.user_by_name(session, name_key(name))
    if user is None or holds is None or not holds(user.password_hash) or user.disabled_at:
        raise Invalid({"password": _("Name and password do not match.")})
    return user


def open_session(session: Session, user: User, old_token: str | None = None) -> str:
    """A new session token for the cookie; the one that the browser had before ends. The user's old ones, which have ended, go."""
    if old_token:
        close_session(session, old_token)
    begun, used = _live_since()
    has_ended = or_(UserSession.created_at <= begun, UserSession.last_seen_at <= used)
    session.execute(delete(UserSession).where(UserSession.user_id == user.id, has_ended))
    token = secrets.token_urlsafe(32)
    session.add(UserSession(token_hash=hash_token(token), user_id=user.id))
    return token


def close_session(session: Session, token: str) -> None:
    session.execute(delete(UserSession).where(UserSession.token_hash == hash_token(token)))


def disable(session: Session, user: User) -> None:
    """Close the account and end all its sessions."""
    user.disabled_at = now()
    session.execute(delete(UserSession).where(UserSession.user_id == user.id))


def user_for_token(session: Session, token: str) -> User | None:
    """Who holds this session token now. Notes the use now and then."""
    token_hash = hash_token(token)
    begun, used = _live_since()
    found = queries.user_of_session(session, token_hash, created_after=begun, seen_after=used)
    if found is None:
        return None
    user, last_seen_at = found
    if last_seen_at < now() - TOUCH_EVERY:
        _touch(session, token_hash)
    return user


def _live_since() -> tuple[datetime, datetime]:
    """A session that still holds was begun after the first of these moments, and used after the second."""
    settings, moment = get_settings(), now()
    return (
        moment - timedelta(days=settings.session_absolute_days),
        moment - timedelta(days=settings.session_idle_days),
    )


def _touch(session: Session, token_hash: str) -> None:
    """In this transaction if it may write: with SQLite a second one would wait for the first, in vain."""
    statement = update(UserSession).where(UserSession.token_hash == token_hash).values(last_seen_at=now())
    if may_write(session):
        session.execute(statement)
        return
    with session_scope() as writing:
        writing.execute(statement)


def lock(session: Session, user: User) -> None:
    """What follows is done for one request of this user after the other: before anything that has a limit is counted.

    What others store that names the user does not wait. Raises SignInNeeded where the account was deleted meanwhile.
    """
    if not queries.locked(session, user.id):
        raise SignInNeeded


def make_setup_link(session: Session) -> str | None:
    """A fresh one-use token for the first admin; None where there is an admin already. Older links end."""
    if queries.has_admin(session):
        return None
    session.execute(delete(SetupLink))
    token = secrets.token_urlsafe(24)
    session.add(SetupLink(token_hash=hash_token(token)))
    return token


def check_setup_link(session: Session, token: str) -> SetupLink:
    """The link for this token. Raises NotFound if it was used, is too old, or never was."""
    link = queries.unused_setup_link(session, hash_token(token), created_after=now() - SETUP_LINK_LIFETIME)
    if link is None or queries.has_admin(session):
        raise NotFound(GONE)
    return link


def set_up_admin(session: Session, token: str, name: str, password_hash: str) -> User:
    """Raises NotFound where the link was used, also at the same moment by somebody else."""
    link = check_setup_link(session, token)
    # First, so that a name that is taken uses up no link.
    user = sign_up(session, name, password_hash, Role.ADMIN)
    used = (
        update(SetupLink)
        .where(SetupLink.token_hash == link.token_hash, SetupLink.used_at.is_(None))
        .values(used_at=now())
        .execution_options(synchronize_session=False)
    )
    if session.execute(used).rowcount != 1:
        raise NotFound(GONE)
    return user


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
