"""A new password for who has lost theirs, by a link that works once and for a short while. Nothing here commits.

The link comes by mail, from an admin, or from a command on the server. The database holds its hash alone, and looks at its own clock.
"""

import secrets
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.accounts import queries
from app.accounts.events import PasswordChanged, PasswordLost
from app.accounts.models import ResetLink, User
from app.accounts.passwords import GUESSED_FIRST, says_name
from app.accounts.service import close_all_sessions, lock, name_key
from app.core import events
from app.core.database_clock import database_now
from app.core.errors import Invalid, NotFound
from app.core.i18n import N_
from app.core.i18n import gettext as _
from app.core.signing import hash_token

MAIL, ADMIN, COMMAND = "mail", "admin", "command"
# In seconds. Who reads a mail is at it now; who is handed a link may have to come home first.
LIFETIMES = {MAIL: 3600, ADMIN: 86_400, COMMAND: 86_400}
# By mail to one account that hold at the same time: each goes to its owner, so no stranger can use them up.
MOST_BY_MAIL = 3
GONE = N_("This link has already been used or has expired. Please ask for a new one.")


def ask_by_mail(session: Session, name: str) -> None:
    """Somebody cannot sign in as `name`. The same is stored for every name: whose it is, and whether mail may go out, the sender finds out."""
    events.send(session, PasswordLost(name_key=name_key(name)))


def make_link(session: Session, user_id: UUID, made_by: str) -> str:
    """The token of a fresh link. Older ones end, but for those that went out by mail: asking again must not void what is on its way."""
    if made_by != MAIL:
        session.execute(delete(ResetLink).where(ResetLink.user_id == user_id, ResetLink.made_by == made_by))
    token = secrets.token_urlsafe(32)
    link = ResetLink(token_hash=hash_token(token), user_id=user_id, made_by=made_by)
    link.expires_at = database_now(LIFETIMES[made_by])
    session.add(link)
    return token


def check_link(session: Session, token: str) -> User:
    """Whose password the link sets. Raises NotFound."""
    user = queries.reset_link_user(session, hash_token(token))
    if user is None:
        raise NotFound(GONE)
    return user


def set_password(session: Session, token: str, new: str, password_hash: str) -> User:
    """Every sign-in ends, every link of the account too. Raises NotFound where the link was used, also at this moment; Invalid, which uses up none."""
    user = check_link(session, token)
    if says_name(new, user.name):
        raise Invalid({"new_password": _(GUESSED_FIRST)})
    lock(session, user)
    used = delete(ResetLink).where(
        ResetLink.token_hash == hash_token(token), ResetLink.expires_at > database_now()
    )
    if session.scalar(used.returning(ResetLink.user_id)) is None:
        raise NotFound(GONE)
    session.execute(delete(ResetLink).where(ResetLink.user_id == user.id))
    user.password_hash = password_hash
    close_all_sessions(session, user)
    events.send(session, PasswordChanged(user_id=user.id))
    return user
