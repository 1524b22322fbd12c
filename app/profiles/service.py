"""What readers do with their account. Nothing here commits."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import service as accounts
from app.accounts.events import PasswordChanged
from app.accounts.models import User
from app.accounts.passwords import GUESSED_FIRST, says_name
from app.accounts.proofs import Proof
from app.accounts.service import close_all_sessions
from app.board import counters
from app.core import events
from app.core.errors import Invalid
from app.core.i18n import gettext as _


def show_name(session: Session, user: User, *, shown: bool) -> None:
    user.shows_name = shown
    counters.touch_all(session)


def rename(session: Session, user: User, proof: Proof, name: str, password: str) -> None:
    """Earlier comments, mentions and links follow the new name. Raises Invalid.

    The name is half of the credentials, so the password is required; and it must not contain the name.
    """
    check_password(session, user, proof, "name_password")
    if says_name(password, name):
        raise Invalid(
            {
                "name": _(
                    "This name gives your password away. Please choose another name, or another password first."
                )
            }
        )
    accounts.rename(session, user, name)
    counters.touch_all(session)


def change_password(session: Session, user: User, proof: Proof, new: str, password_hash: str) -> None:
    """All sign-ins end; the caller begins a new one. Raises Invalid if the old password is wrong, or has just been changed.

    `password_hash` is that of `new`.
    """
    check_password(session, user, proof, "password")
    if says_name(new, user.name):
        raise Invalid({"new_password": _(GUESSED_FIRST)})
    user.password_hash = password_hash
    close_all_sessions(session, user)
    events.send(session, PasswordChanged(user_id=user.id))


def check_password(session: Session, user: User, proof: Proof, field: str) -> None:
    """With the user's row locked. Raises Invalid."""
    stored = select(User.password_hash).where(User.id == user.id).with_for_update(key_share=True)
    if not (proof.matches and proof.holds_for(session.scalar(stored) or "")):
        raise Invalid({field: _("This is not your password.")})
