"""Operations on accounts. Nothing here commits."""

import secrets
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts import last_seen, queries
from app.accounts.devices import SignIn, browser_and_system
from app.accounts.lookalikes import is_kept, look, sameness
from app.accounts.models import HeldName, Role, SetupLink, User, UserSession
from app.core.clock import now
from app.core.config import get_settings
from app.core.database_clock import database_now
from app.core.db import changed_rows, insert, may_write, session_scope
from app.core.errors import AppError, Invalid, NotFound, SignInNeeded
from app.core.i18n import N_
from app.core.i18n import gettext as _
from app.core.signing import hash_token

# A session's last use is written at most this often, so that reading pages rarely writes.
TOUCH_EVERY = timedelta(minutes=10)
SETUP_LINK_LIFETIME = timedelta(days=7)
# SQLite bounds the number of values in a statement.
TOKENS_AT_ONCE = 500
# How long a former name stays reserved, so that nobody else is mistaken for its owner.
FORMER_NAME_DAYS = 90
# Former names reserved at the same time; another change has to wait until one expires.
MOST_FORMER_NAMES = 3
ADMINS_TO_ASK = 3
# Listed at once.
MOST_SIGN_INS = 50
GONE = N_("This link has already been used or has expired. Start Sophora again to get a new one.")


def name_key(name: str) -> str:
    """The normalised form in which two equal-looking names are equal. PostgreSQL rejects null characters even in a lookup."""
    return unicodedata.normalize("NFKC", name).casefold().replace("\0", "\ufffd")


class Suspended(AppError):
    """Name and password are right but the account is suspended: `user` may know why, until when, and whom to ask."""

    status = 403
    message = N_("This account is suspended.")

    def __init__(self, user: User, ask: Sequence[str]) -> None:
        self.user, self.ask = user, ask
        super().__init__()


def check_name(session: Session, name: str, user: User | None = None) -> None:
    """Raises Invalid if the name is taken by an account other than `user`, or looks like one that is."""
    bearer, own = queries.user_by_name(session, name_key(name)), user.id if user else None
    if (bearer and bearer.id != own) or queries.name_is_held(session, _look_of(name)) not in {None, own}:
        raise _taken()


def sign_up(session: Session, name: str, password_hash: str, role: Role = Role.STUDENT) -> User:
    """Create an account. Raises Invalid if the name is taken, or if readers could mistake it for a lecturer's."""
    check_name(session, name)
    if role == Role.STUDENT:
        _leave_to_staff(session, name)
    user = User(name=name, name_key=name_key(name), password_hash=password_hash, role=role)
    try:
        with session.begin_nested():
            session.add(user)
            session.flush()
            _hold_name(session, user)
    except IntegrityError:  # somebody else took it at the same moment
        raise _taken() from None
    return user


def rename(session: Session, user: User, name: str) -> None:
    """Rename the account; for a while the old name is reserved for it alone. Raises Invalid."""
    lock(session, user)
    if name == user.name:
        return
    check_name(session, name, user)
    if user.role == Role.STUDENT:
        _leave_to_staff(session, name)
    former = {held.look for held in queries.former_names(session, user.id)}
    if _look_of(name) not in {*former, _look_of(user.name)} and len(former) >= MOST_FORMER_NAMES:
        raise Invalid(
            {
                "name": _(
                    "You have changed your name often lately. Please go back to an earlier name, or wait a few weeks."
                )
            }
        )
    try:
        with session.begin_nested():
            _hold_name(session, user, free_in_days=FORMER_NAME_DAYS)
            user.name, user.name_key = name, name_key(name)
            session.flush()
            _hold_name(session, user)
    except (IntegrityError, Invalid):  # somebody else took it at the same moment
        session.refresh(user)
        raise _taken() from None


def _hold_name(session: Session, user: User, free_in_days: int | None = None) -> None:
    """Reserve the account's name and its look-alikes for this many days, or for as long as it is in use. Raises Invalid."""
    free_at = None if free_in_days is None else database_now(86_400 * free_in_days)
    values = {"user_id": user.id, "name": user.name, "free_at": free_at}
    statement = insert(session, HeldName).values(look=_look_of(user.name), **values)
    taken = statement.on_conflict_do_update(
        index_elements=["look"],
        set_=values,
        where=or_(HeldName.user_id == user.id, HeldName.free_at <= database_now()),
    )
    # A name older than this rule may look like another's; giving it up then reserves nothing.
    if session.scalar(taken.returning(HeldName.user_id)) is None and free_in_days is None:
        raise _taken()


def _look_of(name: str) -> str:
    return hash_token(sameness(name))


def _taken() -> Invalid:
    return Invalid({"name": _("This name is taken. Please choose another.")})


def _leave_to_staff(session: Session, name: str) -> None:
    """Raises Invalid for a new name that readers could mistake for a teacher's or the site's. Existing names are kept."""
    if is_kept(name) or look(name) in {look(known) for known in queries.staff_names(session)}:
        raise Invalid(
            {
                "name": _(
                    "Readers could mistake this for a lecturer or for the site itself. Please choose another name."
                )
            }
        )


def sign_in(session: Session, name: str, holds: Callable[[str], bool] | None) -> User:
    """The user with this name, if `holds` confirms that the typed password matches the stored hash.

    Raises Invalid, with the same message in each case; Suspended, but only after the right password.
    """
    user = queries.user_by_name(session, name_key(name))
    if user is None or holds is None or not holds(user.password_hash):
        raise Invalid({"password": _("Name and password do not match.")})
    if not queries.is_account_open(session, user.id):
        raise Suspended(user, queries.admin_names(session, ADMINS_TO_ASK))
    return user


def open_session(
    session: Session,
    user: User,
    old_token: str | None = None,
    user_agent: str = "",
    token: str | None = None,
) -> str:
    """Create a session and return its token for the cookie (`token`, or a random one); the browser's previous session ends and the
    user's expired ones are deleted.
    """
    if old_token:
        close_session(session, old_token)
    begun, used = live_since()
    has_ended = or_(UserSession.created_at <= begun, UserSession.last_seen_at <= used)
    session.execute(delete(UserSession).where(UserSession.user_id == user.id, has_ended))
    token = token or secrets.token_urlsafe(32)
    browser, system = browser_and_system(user_agent)
    session.add(UserSession(token_hash=hash_token(token), user_id=user.id, browser=browser, system=system))
    return token


def close_session(session: Session, token: str) -> None:
    session.execute(delete(UserSession).where(UserSession.token_hash == hash_token(token)))


def close_all_sessions(session: Session, user: User) -> int:
    """Returns how many ended."""
    return changed_rows(session, delete(UserSession).where(UserSession.user_id == user.id))


def sign_ins(session: Session, user: User, token: str = "") -> list[SignIn]:
    """Where the user is signed in: first with `token`, the one who asks, then the most recently used."""
    begun, used = live_since()
    held = queries.sign_ins(session, user.id, created_after=begun, seen_after=used, limit=MOST_SIGN_INS)
    own = hash_token(token)
    return [
        SignIn(
            handle=sign_in_handle(one.token_hash),
            browser=one.browser,
            system=one.system,
            created_at=one.created_at,
            last_seen_at=one.last_seen_at,
            is_this=one.token_hash == own,
        )
        for one in sorted(held, key=lambda one: one.token_hash != own)
    ]


def close_sign_in(session: Session, user: User, handle: str) -> int:
    """End the sign-in with this handle in the list; returns 0 if it has already ended."""
    hashes = session.scalars(select(UserSession.token_hash).where(UserSession.user_id == user.id))
    named = [token_hash for token_hash in hashes if sign_in_handle(token_hash) == handle]
    return changed_rows(session, delete(UserSession).where(UserSession.token_hash.in_(named)))


def sign_in_handle(token_hash: str) -> str:
    """A page's identifier for a sign-in: neither its token nor its database key can be derived from it."""
    return hash_token(f"sign-in {token_hash}")[:32]


def disable(session: Session, user: User, reason: str = "", days: int | None = None) -> None:
    """Suspend the account, for this many days or until it is reopened, and end all its sessions."""
    user.disabled_at, user.suspension_reason = now(), reason
    user.suspended_until = None if days is None else database_now(86_400 * days)
    close_all_sessions(session, user)


def enable(user: User) -> None:
    user.disabled_at, user.suspension_reason, user.suspended_until = None, "", None


def user_for_token(session: Session, token: str) -> User | None:
    """The user whose session token this is. Records the use now and then."""
    token_hash = hash_token(token)
    begun, used = live_since()
    found = queries.user_of_session(session, token_hash, created_after=begun, seen_after=used)
    if found is None:
        return None
    user, last_seen_at = found
    if last_seen_at < now() - TOUCH_EVERY:
        _touch(session, token_hash)
    return user


def users_for_tokens(session: Session, tokens: Sequence[str]) -> dict[str, User]:
    """The users of these session tokens, in one statement; invalid tokens are left out. Notes their use, which is stored a little later."""
    by_hash = {hash_token(token): token for token in tokens}
    begun, used = live_since()
    idle_since, users = now() - TOUCH_EVERY, {}
    found = queries.users_of_sessions(session, list(by_hash), created_after=begun, seen_after=used)
    for token_hash, (user, last_seen_at) in found.items():
        users[by_hash[token_hash]] = user
        if last_seen_at < idle_since:
            last_seen.note(token_hash)
    return users


def live_tokens(tokens: Sequence[str]) -> set[str]:
    """Those of these session tokens that are still valid, checked in a session of its own; for connections that outlive a request."""
    by_hash = {hash_token(token): token for token in tokens}
    begun, used = live_since()
    with session_scope(writes=False) as session:
        return {
            by_hash[found]
            for part in _parts(list(by_hash), TOKENS_AT_ONCE)
            for found in queries.live_sessions(session, part, created_after=begun, seen_after=used)
        }


def live_since() -> tuple[datetime, datetime]:
    """A valid session was created after the first of these moments and used after the second."""
    settings, moment = get_settings(), now()
    return (
        moment - timedelta(days=settings.session_absolute_days),
        moment - timedelta(days=settings.session_idle_days),
    )


def _touch(session: Session, token_hash: str) -> None:
    """In this transaction if it may write, otherwise a little later: a second transaction would have to wait for this one."""
    if may_write(session):
        statement = update(UserSession).where(UserSession.token_hash == token_hash).values(last_seen_at=now())
        session.execute(statement)
    else:
        last_seen.note(token_hash)


def lock(session: Session, user: User) -> None:
    """Serialise this user's requests from here on: call it before counting anything that is limited.

    Inserts that reference the user are not blocked. Raises SignInNeeded if the account was deleted meanwhile.
    """
    if not queries.locked(session, user.id):
        raise SignInNeeded


def make_setup_link(session: Session) -> str | None:
    """A new one-use token for the first admin; None if there is an admin already. Older links end."""
    if queries.has_admin(session):
        return None
    session.execute(delete(SetupLink))
    token = secrets.token_urlsafe(24)
    session.add(SetupLink(token_hash=hash_token(token)))
    return token


def check_setup_link(session: Session, token: str) -> SetupLink:
    """The link for this token. Raises NotFound if it was used, has expired, or never existed."""
    link = queries.unused_setup_link(session, hash_token(token), created_after=now() - SETUP_LINK_LIFETIME)
    if link is None or queries.has_admin(session):
        raise NotFound(GONE)
    return link


def set_up_admin(session: Session, token: str, name: str, password_hash: str) -> User:
    """Raises NotFound if the link was used, even at the same moment by somebody else."""
    link = check_setup_link(session, token)
    # First, so that a name that is taken does not use up the link.
    user = sign_up(session, name, password_hash, Role.ADMIN)
    used = (
        update(SetupLink)
        .where(SetupLink.token_hash == link.token_hash, SetupLink.used_at.is_(None))
        .values(used_at=now())
        .execution_options(synchronize_session=False)
    )
    if changed_rows(session, used) != 1:
        raise NotFound(GONE)
    return user


def _parts(texts: list[str], size: int) -> Iterator[list[str]]:
    return (texts[start : start + size] for start in range(0, len(texts), size))
