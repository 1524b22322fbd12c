"""Mail about an account: the link to a new password, and that the password was changed.

A request says the same to whoever asks and stores the same for every name, known or not; here it turns out whose it is. The link is
made when its mail goes out, so that no token waits anywhere. Who gave no address, or wants no mail, gets none: an admin helps them.
"""

from collections.abc import Sequence
from datetime import timedelta
from email.message import EmailMessage
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
# Who asked so long ago has gone away, or asked again.
TOO_LATE = {AboutAccount.RESET: timedelta(minutes=30), AboutAccount.CHANGED: timedelta(days=1)}


def due(session: Session) -> Sequence[UUID]:
    statement = select(AccountMail.id).where(AccountMail.due_at <= now())
    return session.scalars(statement.order_by(AccountMail.due_at).limit(AT_ONCE)).all()


def send_due(mailer: Mailer, ids: Sequence[UUID]) -> int:
    """How many went out. Raises ServerAway; the rest is due still."""
    return sum(_send(mailer, identity) for identity in ids)


def _send(mailer: Mailer, identity: UUID) -> bool:
    with session_scope() as session:
        taken = session.scalar(
            delete(AccountMail).where(AccountMail.id == identity).returning(AccountMail),
            execution_options={"synchronize_session": False},
        )
        if taken is None or now() - taken.created_at > TOO_LATE[AboutAccount(taken.kind)]:
            return False  # another worker was quicker, or nobody waits for it any more
        kept = {
            name: getattr(taken, name) for name in ("kind", "user_id", "name_key", "created_at", "failures")
        }
        session.expunge(taken)
        message = _message(session, kept["kind"], kept["user_id"], kept["name_key"])
    if message is None:
        return False
    try:
        mailer.send(message)
    except MailFailed as error:
        log.warning("mail about an account not sent", kind=kept["kind"], error=str(error))
        is_away = isinstance(error, ServerAway)
        # What the server says of this mail counts against it, not that there is none.
        _put_back(kept | {"failures": kept["failures"] + (not is_away)})
        if is_away:
            raise
        return False
    return True


def _message(session: Session, kind: str, user_id: UUID | None, name_key: str) -> EmailMessage | None:
    """None for nobody, and for who has no address that mail goes to, or enough links already."""
    user = session.get(User, user_id) if user_id else accounts.user_by_name(session, name_key)
    mail = session.get(MailAddress, user.id) if user else None
    if user is None or mail is None or not mail.confirmed_at or mail.stopped_at:
        return None
    if kind == AboutAccount.CHANGED:
        return password_changed_mail(mail, user.name)
    if accounts.count_reset_links(session, user.id, resets.MAIL) >= resets.MOST_BY_MAIL:
        return None
    return reset_mail(mail, user.name, resets.make_link(session, user.id, resets.MAIL))


def _put_back(kept: dict[str, Any]) -> None:
    if kept["failures"] >= MOST_FAILURES:
        return
    with session_scope() as session:
        user_id: UUID | None = kept["user_id"]
        person = session.get(User, user_id) if user_id else None
        if person is not None or user_id is None:
            session.add(AccountMail(**kept, due_at=now() + RETRY_AFTER))
