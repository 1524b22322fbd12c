"""Mail about an account: a reset link, and that the password was changed.

A request gets the same response and stores the same for every name, known or not; only here is the account looked up. The link is
made when its mail is sent, so that no token is stored. Users without an address, or without mail, get none: an admin helps them.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from email.message import EmailMessage
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from structlog import get_logger

from app.accounts import queries as accounts
from app.accounts import resets
from app.accounts.models import User
from app.core.clock import now
from app.core.db import session_scope
from app.notifications.mail import password_changed_mail, reset_mail
from app.notifications.models import AboutAccount, AccountMail, MailAddress
from app.notifications.smtp import Mailer, MailFailed, ServerAway

log = get_logger()

AT_ONCE = 100
RETRY_AFTER = timedelta(minutes=2)
MOST_FAILURES = 5
# A request this old is obsolete: the user has left, or asked again.
TOO_LATE = {AboutAccount.RESET: timedelta(minutes=30), AboutAccount.CHANGED: timedelta(days=1)}


def due(session: Session) -> Sequence[UUID]:
    statement = select(AccountMail.id).where(AccountMail.due_at <= now())
    return session.scalars(statement.order_by(AccountMail.due_at).limit(AT_ONCE)).all()


def send_due(mailer: Mailer, ids: Sequence[UUID]) -> int:
    """Number of mails sent. Raises ServerAway; the rest stays due."""
    return sum(_send(mailer, identity) for identity in ids)


def _send(mailer: Mailer, identity: UUID) -> bool:
    with session_scope() as session:
        taken = _take(session, identity)
        draft = _draft(session, taken) if taken else None
    if taken is None or draft is None:
        return False
    try:
        # Composed and sent after the transaction, as others wait for it.
        mailer.send(draft())
    except MailFailed as error:
        log.warning("mail about an account not sent", kind=taken["kind"], error=str(error))
        is_away = isinstance(error, ServerAway)
        # Only refusals of this mail count as failures, not an unreachable server.
        _put_back(taken | {"failures": taken["failures"] + (not is_away)})
        if is_away:
            raise
        return False
    return True


def _take(session: Session, identity: UUID) -> dict[str, Any] | None:
    """Delete and return the row; None if another worker was quicker, or nobody waits for the mail any more."""
    columns = AccountMail.__table__.c
    kept = (columns.kind, columns.user_id, columns.name_key, columns.created_at, columns.failures)
    row = session.execute(
        delete(AccountMail).where(AccountMail.id == identity).returning(*kept)
    ).one_or_none()
    if row is None or now() - row.created_at > TOO_LATE[AboutAccount(row.kind)]:
        return None
    return dict(row._mapping)


def _draft(session: Session, taken: Mapping[str, Any]) -> Callable[[], EmailMessage] | None:
    """A function that composes the mail; None for no account, no usable address, or enough links already."""
    user_id = taken["user_id"]
    user = session.get(User, user_id) if user_id else accounts.user_by_name(session, taken["name_key"])
    mail = session.get(MailAddress, user.id) if user else None
    if user is None or mail is None or not mail.confirmed_at or mail.stopped_at:
        return None
    if taken["kind"] == AboutAccount.CHANGED:
        return partial(password_changed_mail, mail, user.name)
    if accounts.count_reset_links(session, user.id, resets.MAIL) >= resets.MOST_BY_MAIL:
        return None
    return partial(reset_mail, mail, user.name, resets.make_link(session, user.id, resets.MAIL))


def _put_back(kept: dict[str, Any]) -> None:
    if kept["failures"] >= MOST_FAILURES:
        return
    with session_scope() as session:
        user_id: UUID | None = kept["user_id"]
        person = session.get(User, user_id) if user_id else None
        if person is not None or user_id is None:
            session.add(AccountMail(**kept, due_at=now() + RETRY_AFTER))
