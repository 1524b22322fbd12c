"""What a reader does with the account. Nothing here commits."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts.models import User, UserSession
from app.accounts.proofs import Proof
from app.accounts.service import hash_token
from app.board import counters
from app.errors import Invalid
from app.i18n import gettext as _


def show_name(session: Session, user: User, *, shown: bool) -> None:
    user.shows_name = shown
    counters.touch_all(session)


def change_password(
    session: Session, user: User, proof: Proof, password_hash: str, token: str | None
) -> None:
    """Sign-ins on other devices end; the one with `token` stays. Raises Invalid where the old password is another one, or was until now."""
    check_password(session, user, proof, "password")
    user.password_hash = password_hash
    others = delete(UserSession).where(UserSession.user_id == user.id)
    session.execute(others.where(UserSession.token_hash != hash_token(token or "")))


def check_password(session: Session, user: User, proof: Proof, field: str) -> None:
    """With the user's row locked. Raises Invalid."""
    stored = select(User.password_hash).where(User.id == user.id).with_for_update(key_share=True)
    if not (proof.matches and proof.holds_for(session.scalar(stored) or "")):
        raise Invalid({field: _("This is not your password.")})
