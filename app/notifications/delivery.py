"""Mail that is due, sent by the worker once a minute.

A row is claimed by taking its due time away, in a transaction that ends before the mail goes out. So two workers never send
the same twice; one that dies in between loses a mail, and the page has what it would have said. Where the server refuses,
the due time is put back for later.

Only what the server says of an address counts against that address. When it goes away, or refuses the sender, the round ends.
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


# Mail is a digest: what comes meanwhile waits.
DIGEST_EVERY = timedelta(hours=1)
RETRY_AFTER = timedelta(minutes=10)
# An address that was refused so often in a row is stopped, until its owner gives it again; a mail is given up.
MOST_FAILURES = 8
READERS_AT_ONCE = 100
# The others go an hour later.
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
        about_accounts = account_mail.due(session)
    if not to_confirm and not to_tell and not about_accounts:
        return 0
    sent = 0
    try:
        with connected(url) as mailer:
            # First: somebody sits there and waits for it.
            sent += account_mail.send_due(mailer, about_accounts)
            for claimed in _claims(to_confirm, to_tell):
                sent += _send(mailer, claimed)
    except ServerAway as error:  # nothing more was claimed: it is all due still
        log.warning("mail server away", error=str(error))
    return sent


def _claims(to_confirm: Sequence[UUID], to_tell: Sequence[UUID]) -> Iterator[Claimed]:
    """One after the other, each when the one before has been sent."""
    yield from filter(None, map(claim_confirmation, to_confirm))
    yield from filter(None, map(claim_digest, to_tell))


def claim_confirmation(user_id: UUID) -> Claimed | None:
    """Take the mail with the link, unless somebody else has."""
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
    """Take what is due for one reader, the oldest first, unless somebody else has. An hour lies between two mails to a reader."""
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
    """Whether a mail went out. What was withdrawn or read meanwhile makes none. Raises ServerAway, with all put back."""
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
    """None where by now there is nothing to say, or the address must not be written to."""
    if mail.stopped_at:
        return None
    if not claimed.notifications:
        return None if mail.confirmed_at else confirmation_mail(mail)
    with speaking(mail.language):
        told = entries(session, _still_news(session, claimed.notifications))
    return digest_mail(mail, told) if told and mail.confirmed_at else None


def _address(session: Session, claimed: Claimed, address: str) -> MailAddress | None:
    """Where a mail went; None where its reader has given another address, or wants no more mail, since."""
    mail = session.get(MailAddress, claimed.user_id)
    return mail if mail and mail.address == address and not mail.stopped_at else None


def _put_back(session: Session, claimed: Claimed, address: str, error: MailFailed) -> None:
    """Try again later; give the address up where it fails for good, or the mail where only that is refused again and again."""
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
    """As things are now: a comment that was edited meanwhile is mailed edited, one that was deleted not at all."""
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
