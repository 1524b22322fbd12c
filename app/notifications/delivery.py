"""Mail that is due, sent by the worker once a minute.

A row is claimed by taking its due time away, in a transaction that ends before the mail goes out. So two workers never send
the same twice; one that dies in between loses a mail, and the page has what it would have said. Where the server refuses
for now, the due time is put back for later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session
from structlog import get_logger

from app.accounts.models import User
from app.clock import now
from app.config import get_settings
from app.db import session_scope
from app.notifications import queries
from app.notifications.assemble import entries
from app.notifications.mail import confirmation_mail, digest_mail, speaking
from app.notifications.models import MailAddress, Notification
from app.notifications.smtp import Mailer, MailFailed, connected
from app.notifications.words import is_withdrawn

log = get_logger()

DELIVER_MAIL = "sophora.deliver_mail"

# Mail is a digest: what comes meanwhile waits.
DIGEST_EVERY = timedelta(hours=1)
RETRY_AFTER = timedelta(minutes=10)
# An address that failed so often in a row is stopped, until its owner gives it again.
MOST_FAILURES = 8
READERS_AT_ONCE = 100
ENTRIES_IN_A_MAIL = 50


@dataclass(frozen=True)
class Claimed:
    """What was taken for one reader: the notifications, or nothing where the address is to be confirmed."""

    user_id: UUID
    notifications: Sequence[UUID] = ()


def deliver_mail() -> int:
    """Send all that is due; how many mails went out. Nothing where there is no mail server."""
    url = get_settings().smtp_url
    if not url:
        return 0
    with session_scope(writes=False) as session:
        to_confirm, to_tell = _addresses_to_confirm(session), _readers_to_tell(session)
    if not to_confirm and not to_tell:
        return 0
    sent = 0
    try:
        with connected(url) as mailer:
            sent += sum(_send(mailer, claim_confirmation(user_id)) for user_id in to_confirm)
            sent += sum(_send(mailer, claim_digest(user_id)) for user_id in to_tell)
    except MailFailed as error:  # nothing was claimed: it is all due still
        log.warning("mail server not reached", error=str(error))
    return sent


def claim_confirmation(user_id: UUID) -> Claimed | None:
    """Take the mail with the link, unless somebody else has."""
    with session_scope() as session:
        taken = session.execute(
            update(MailAddress)
            .where(MailAddress.user_id == user_id, MailAddress.confirmation_due_at <= now())
            .values(confirmation_due_at=None)
            .execution_options(synchronize_session=False)
        )
    return Claimed(user_id) if taken.rowcount else None


def claim_digest(user_id: UUID) -> Claimed | None:
    """Take all that is due for one reader, unless somebody else has. An hour lies between two mails to the same reader."""
    moment = now()
    with session_scope() as session:
        turn = session.execute(
            update(MailAddress)
            .where(MailAddress.user_id == user_id, *_may_get_mail(moment))
            .values(mailed_at=moment)
            .execution_options(synchronize_session=False)
        )
        if not turn.rowcount:
            return None
        taken = session.scalars(
            update(Notification)
            .where(Notification.user_id == user_id, Notification.mail_due_at <= moment)
            .values(mail_due_at=None, mailed_at=moment)
            .returning(Notification.id)
            .execution_options(synchronize_session=False)
        ).all()
    return Claimed(user_id, taken)


def _send(mailer: Mailer, claimed: Claimed | None) -> bool:
    """Whether a mail went out. What was withdrawn or read meanwhile makes none."""
    if claimed is None:
        return False
    with session_scope(writes=False) as session:
        mail = session.get_one(MailAddress, claimed.user_id)
        if claimed.notifications:
            with speaking(mail.language):
                told = entries(session, _still_news(session, claimed.notifications))
            message = digest_mail(mail, told) if told else None
        else:
            message = None if mail.confirmed_at else confirmation_mail(mail)
    if message is None:
        return False
    try:
        mailer.send(message)
    except MailFailed as error:
        log.warning("mail not sent", user=str(claimed.user_id), error=str(error))
        with session_scope() as session:
            _put_back(session, claimed, error)
        return False
    with session_scope() as session:
        session.get_one(MailAddress, claimed.user_id).failures = 0
    return True


def _put_back(session: Session, claimed: Claimed, error: MailFailed) -> None:
    """Try again later; give the address up where it fails for good."""
    mail = session.get(MailAddress, claimed.user_id)
    if mail is None:
        return
    mail.failures += 1
    if error.is_final or mail.failures >= MOST_FAILURES:
        mail.stopped_at = now()
        return
    later = now() + RETRY_AFTER * mail.failures
    if not claimed.notifications:
        mail.confirmation_due_at = later
        return
    mail.mailed_at = None
    session.execute(
        update(Notification)
        .where(Notification.id.in_(claimed.notifications), Notification.read_at.is_(None))
        .values(mail_due_at=later, mailed_at=None)
        .execution_options(synchronize_session=False)
    )


def _still_news(session: Session, ids: Sequence[UUID]) -> Sequence[Notification]:
    """As things are now: a comment that was edited meanwhile is mailed edited, one that was deleted not at all."""
    statement = queries.with_subjects(select(Notification)).where(
        Notification.id.in_(ids), Notification.read_at.is_(None)
    )
    found = session.scalars(statement.order_by(Notification.created_at).limit(ENTRIES_IN_A_MAIL)).all()
    return [told for told in found if not is_withdrawn(told)]


def _addresses_to_confirm(session: Session) -> Sequence[UUID]:
    statement = select(MailAddress.user_id).where(MailAddress.confirmation_due_at <= now())
    return session.scalars(statement.order_by(MailAddress.confirmation_due_at).limit(READERS_AT_ONCE)).all()


def _readers_to_tell(session: Session) -> Sequence[UUID]:
    moment = now()
    statement = (
        select(Notification.user_id)
        .join(MailAddress, MailAddress.user_id == Notification.user_id)
        .join(User, User.id == Notification.user_id)
        .where(Notification.mail_due_at <= moment, User.disabled_at.is_(None), *_may_get_mail(moment))
        .distinct()
    )
    return session.scalars(statement.limit(READERS_AT_ONCE)).all()


def _may_get_mail(moment: datetime) -> tuple:
    return (
        MailAddress.confirmed_at.is_not(None),
        MailAddress.stopped_at.is_(None),
        or_(MailAddress.mailed_at.is_(None), MailAddress.mailed_at <= moment - DIGEST_EVERY),
    )
