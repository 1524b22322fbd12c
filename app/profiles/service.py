"""What a reader does with the account. Nothing here commits."""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.accounts.models import User, UserSession
from app.accounts.passwords import hash_password, verify_password
from app.accounts.service import hash_token
from app.board import counters
from app.errors import Invalid
from app.i18n import gettext as _


def show_name(session: Session, user: User, *, shown: bool) -> None:
    user.shows_name = shown
    counters.touch_all(session)


def change_password(session: Session, user: User, old: str, new: str, token: str | None) -> None:
    """Sign-ins on other devices end; the one with `token` stays. Raises Invalid where `old` is not the password."""
    check_password(user, old, "password")
    user.password_hash = hash_password(new)
    others = delete(UserSession).where(UserSession.user_id == user.id)
    session.execute(others.where(UserSession.token_hash != hash_token(token or "")))


def check_password(user: User, password: str, field: str) -> None:
    if not verify_password(password, user.password_hash):
        raise Invalid({field: _("This is not your password.")})
