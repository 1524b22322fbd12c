"""What a reader does with the account. Nothing here commits."""

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.passwords import GUESSED_FIRST, hash_password, says_name, verify_password
from app.accounts.service import close_all_sessions
from app.board import counters
from app.errors import Invalid
from app.i18n import gettext as _


def show_name(session: Session, user: User, *, shown: bool) -> None:
    user.shows_name = shown
    counters.touch_all(session)


def change_password(session: Session, user: User, old: str, new: str) -> None:
    """All sign-ins end; the caller begins a new one. Raises Invalid where `old` is not the password."""
    check_password(user, old, "password")
    if says_name(new, user.name):
        raise Invalid({"new_password": _(GUESSED_FIRST)})
    user.password_hash = hash_password(new)
    close_all_sessions(session, user)


def check_password(user: User, password: str, field: str) -> None:
    if not verify_password(password, user.password_hash):
        raise Invalid({field: _("This is not your password.")})
