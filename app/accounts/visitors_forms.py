"""Forms of visitors that are sent again: three clicks on sign-up are one account and one sign-in, three on a lost password one mail.

The sessions that a sending opens have one token, made of the sending's name and the installation's secret: whoever sends the same
form again (key, name, password and all) gets the same sign-in, as long as it holds. Nothing else of a visitor is remembered but the
keyed hash of what was sent, for some minutes.
"""

import base64
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts.models import User, VisitorForm
from app.accounts.sent_forms import RETRY_SPAN
from app.accounts.service import user_for_token
from app.core.clock import now
from app.core.db import adds_row, insert, sent_form
from app.core.errors import AppError
from app.core.signing import signature


def entered(session: Session, account: Callable[[], User]) -> User:
    """Whom this sending has let in already, else whom `account` makes. Raises what that does, unless another sending was quicker."""
    if user := _let_in(session):
        return user
    try:
        return account()
    except AppError:
        if user := _let_in(session):
            return user
        raise


def session_token(session: Session) -> str | None:
    """The token of the session that this sending opens; None for a form without a key."""
    sending = sent_form(session)
    if sending is None:
        return None
    return base64.urlsafe_b64encode(signature(f"session of|{sending}")).decode().rstrip("=")


def was_sent_before(session: Session) -> bool:
    """Whether `is_first_sending` was said of this sending, some minutes ago at most."""
    digest = _digest(session)
    if digest is None:
        return False
    statement = select(VisitorForm.digest).where(
        VisitorForm.digest == digest, VisitorForm.created_at > _oldest()
    )
    return session.scalar(statement) is not None


def is_first_sending(session: Session) -> bool:
    """Note that this form was sent. False where another sending of it was quicker: nothing is to be done then."""
    digest = _digest(session)
    if digest is None:
        return True
    session.execute(delete(VisitorForm).where(VisitorForm.created_at <= _oldest()))
    values = {"digest": digest, "created_at": now()}
    return adds_row(session, insert(session, VisitorForm).values(values).on_conflict_do_nothing())


def _let_in(session: Session) -> User | None:
    token = session_token(session)
    return user_for_token(session, token) if token else None


def _digest(session: Session) -> str | None:
    """Keyed: a password may be among what was sent."""
    sending = sent_form(session)
    return signature(f"sending of|{sending}").hex() if sending else None


def _oldest() -> datetime:
    return now() - RETRY_SPAN
