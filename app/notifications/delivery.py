"""Delivery of due mail, run by the worker once a minute.

A row is claimed by clearing its due time, in a transaction that ends before the mail goes out. So two workers never send
the same mail twice; one that dies in between loses a mail, but the page still shows its content. If the server refuses,
the due time is set again for later.

Only the server's verdict on an address counts against that address. If the server is unreachable, or refuses the sender, the run
ends.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session
from structlog import get_logger

from app.accounts.models import User, is_open
from app.core.clock import now
from app.core.config import get_settings
from app.core.db import changed_rows, session_scope
from app.notifications import account_mail, queries
from app.notifications.mail import confirmation_mail, digest_mail, speaking
from app.notifications.messages import withdrawal
from app.notifications.models import MailAddress, Notification
from app.notifications.presenters import entries
from app.notifications.smtp import AddressRefused, Mailer, MailFailed, ServerAway, connected

log = get_logger()


# Mail is a digest: later notifications wait.
DIGEST_EVERY = timedelta(hours=1)
RETRY_AFTER = timedelta(minutes=10)
# Consecutive refusals after which an address is stopped, until its owner enters it again; or a mail is given up.
MOST_FAILURES = 8
READERS_AT_ONCE = 100
# The rest are sent an hour later.
ENTRIES_IN_A_MAIL = 50


@dataclass(frozen=True)
class Claimed:
    """What was claimed for one reader: notifications, or nothing if the address is to be confirmed."""

    user_id: UUID
    notifications: Sequence[UUID] = ()


def deliver_mail() -> int:
    """Send everything due; returns the number of mails. Does nothing without a mail server."""
    url = get_settings().smtp_url
    if not url:
        return 0
    with session_scope(writes=False) as session:
        to_confirm, to_tell = _addresses_to_confirm(session), _readers_to_tell(session)
        about_accounts = account_mail.due(session)
    if not to_confirm and not to_tell and not about_accounts:
        return 0
    sent = 0
    try:
        with connected(url) as mailer:
            # First: a user is waiting for it.
            sent += account_mail.send_due(mailer, about_accounts)
            for claimed in _claims(to_confirm, to_tell):
                sent += _send(mailer, claimed)
    except ServerAway as error:  # nothing more was claimed: it all stays due
        log.warning("mail server away", error=str(error))
    return sent


def _claims(to_confirm: Sequence[UUID], to_tell: Sequence[UUID]) -> Iterator[Claimed]:
    """One at a time, each after the previous one was sent."""
    yield from filter(None, map(claim_confirmation, to_confirm))
    yield from filter(None, map(claim_digest, to_tell))


def claim_confirmation(user_id: UUID) -> Claimed | None:
    """Claim the confirmation mail, unless another worker has."""
    with session_scope() as session:
        taken = changed_rows(
            session,
            update(MailAddress)
            .where(MailAddress.user_id == user_id, MailAddress.confirmation_due_at <= now())
            .values(confirmation_due_at=None)
            .execution_options(synchronize_session=False),
        )
    return Claimed(user_id) if taken else None


def claim_digest(user_id: UUID) -> Claimed | None:
    """Claim what is due for one reader, oldest first, unless another worker has. At most one mail per reader and hour."""
    moment = now()
    with session_scope() as session:
        turn = changed_rows(
            session,
            update(MailAddress)
            .where(MailAddress.user_id == user_id, *_may_get_mail(moment))
            .values(mailed_at=moment)
            .execution_options(synchronize_session=False),
        )
        if not turn:
            return None
        due = select(Notification.id).where(
            Notification.user_id == user_id, Notification.mail_due_at <= moment
        )
        oldest = due.order_by(Notification.created_at, Notification.id).limit(ENTRIES_IN_A_MAIL)
        taken = session.scalars(
            update(Notification)
            .where(Notification.id.in_(oldest))
            .values(mail_due_at=None, mailed_at=moment)
            .returning(Notification.id)
            .execution_options(synchronize_session=False)
        ).all()
    return Claimed(user_id, taken)


def _send(mailer: Mailer, claimed: Claimed) -> bool:
    """Whether a mail was sent. Nothing is sent for what was withdrawn or read meanwhile. Raises ServerAway, with all put back."""
    with session_scope(writes=False) as session:
        mail = session.get(MailAddress, claimed.user_id)
        message = _message(session, mail, claimed) if mail else None
    if mail is None or message is None:
        return False
    try:
        mailer.send(message)
    except MailFailed as error:
        log.warning("mail not sent", user=str(claimed.user_id), error=str(error))
        with session_scope() as session:
            _put_back(session, claimed, mail.address, error)
        if isinstance(error, ServerAway):
            raise
        return False
    with session_scope() as session:
        if used := _address(session, claimed, mail.address):
            used.failures = 0
    return True


def _message(session: Session, mail: MailAddress, claimed: Claimed) -> EmailMessage | None:
    """None if by now there is nothing to say, or the address must not be written to."""
    if mail.stopped_at:
        return None
    if not claimed.notifications:
        return None if mail.confirmed_at else confirmation_mail(mail)
    with speaking(mail.language):
        told = entries(session, _still_news(session, claimed.notifications))
    return digest_mail(mail, told) if told and mail.confirmed_at else None


def _address(session: Session, claimed: Claimed, address: str) -> MailAddress | None:
    """The address a mail went to; None if its reader has changed or stopped it since."""
    mail = session.get(MailAddress, claimed.user_id)
    return mail if mail and mail.address == address and not mail.stopped_at else None


def _put_back(session: Session, claimed: Claimed, address: str, error: MailFailed) -> None:
    """Retry later; stop the address after a permanent failure, or drop the mail if only that is refused repeatedly."""
    mail = _address(session, claimed, address)
    if mail is None:
        return
    if not isinstance(error, ServerAway):
        mail.failures += 1
    is_hopeless = mail.failures >= MOST_FAILURES
    if isinstance(error, AddressRefused) and (error.is_final or is_hopeless):
        mail.stopped_at = now()
    elif is_hopeless:
        mail.failures = 0
    else:
        _make_due(session, mail, claimed, now() + RETRY_AFTER * max(1, mail.failures))


def _make_due(session: Session, mail: MailAddress, claimed: Claimed, later: datetime) -> None:
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
    """Those still current: a comment edited meanwhile is mailed as edited, a deleted one not at all."""
    statement = queries.with_subjects(select(Notification)).where(
        Notification.id.in_(ids), Notification.read_at.is_(None)
    )
    found: Sequence[Notification] = session.scalars(statement.order_by(Notification.created_at)).all()
    return [told for told in found if not withdrawal(told)]


def _addresses_to_confirm(session: Session) -> Sequence[UUID]:
    statement = select(MailAddress.user_id).where(MailAddress.confirmation_due_at <= now())
    return session.scalars(statement.order_by(MailAddress.confirmation_due_at).limit(READERS_AT_ONCE)).all()


def _readers_to_tell(session: Session) -> Sequence[UUID]:
    moment = now()
    statement = (
        select(Notification.user_id)
        .join(MailAddress, MailAddress.user_id == Notification.user_id)
        .join(User, User.id == Notification.user_id)
        .where(Notification.mail_due_at <= moment, is_open(), *_may_get_mail(moment))
        .distinct()
    )
    return session.scalars(statement.limit(READERS_AT_ONCE)).all()


def _may_get_mail(moment: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        MailAddress.confirmed_at.is_not(None),
        MailAddress.stopped_at.is_(None),
        or_(MailAddress.mailed_at.is_(None), MailAddress.mailed_at <= moment - DIGEST_EVERY),
    )
