"""Password resets by a link that works once and for a short while. Nothing here commits.

The link comes by mail, from an admin, or from a command on the server. The database stores only its hash and uses its own
clock.
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
# In seconds. A mail is read on the spot; a link handed over in person may have to wait until its owner is home.
LIFETIMES = {MAIL: 3600, ADMIN: 86_400, COMMAND: 86_400}
# Valid mailed links for one account at a time: each goes to its owner, so no stranger can use them up.
MOST_BY_MAIL = 3
GONE = N_("This link has already been used or has expired. Please ask for a new one.")


def ask_by_mail(session: Session, name: str) -> None:
    """Request a reset link for `name`. The same is stored for every name; the sender finds out whose it is and whether mail may go
    out.
    """
    events.send(session, PasswordLost(name_key=name_key(name)))


def make_link(session: Session, user_id: UUID, made_by: str) -> str:
    """Create a link and return its token. Older links end, except mailed ones: asking again must not void what is on its way."""
    if made_by != MAIL:
        session.execute(delete(ResetLink).where(ResetLink.user_id == user_id, ResetLink.made_by == made_by))
    token = secrets.token_urlsafe(32)
    link = ResetLink(token_hash=hash_token(token), user_id=user_id, made_by=made_by)
    link.expires_at = database_now(LIFETIMES[made_by])
    session.add(link)
    return token


def check_link(session: Session, token: str) -> User:
    """The user whose password the link sets. Raises NotFound."""
    user = queries.reset_link_user(session, hash_token(token))
    if user is None:
        raise NotFound(GONE)
    return user


def set_password(session: Session, token: str, new: str, password_hash: str) -> User:
    """Set the password and end every sign-in and link of the account.

    Raises NotFound if the link was used, even at this very moment; Invalid, which does not use it up.
    """
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
