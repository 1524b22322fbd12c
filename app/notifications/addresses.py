"""Mail addresses: entered, confirmed by the link in the first mail, stopped by the link in any later one.

The first mail has no unsubscribe link: an unconfirmed address gets no other. Anybody may enter anybody's address, so these are
limited. Nothing here commits.
"""

from datetime import timedelta
from uuid import UUID

from limits import parse
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts import service as accounts
from app.accounts.models import User
from app.core.clock import now
from app.core.db import may_write
from app.core.errors import NotFound
from app.core.i18n import N_, current_language
from app.notifications.models import MailAddress, Notification
from app.notifications.tokens import is_genuine, make_token, user_in
from app.web.security.rate_limit import hit

# First mails to one address, whoever enters it.
FIRST_MAILS = parse("3/hour")
CONFIRMATION_LIFETIME = timedelta(days=7)
GONE = N_("This link has expired, or it was for another address. Ask for a new one in your settings.")


def set_address(session: Session, user: User, address: str) -> MailAddress:
    """Send a confirmation link there; no other mail is sent before it is followed. The same address again resends the link.

    Raises TooManyRequests.
    """
    known = session.get(MailAddress, user.id)
    if known is None or known.address != address or not known.confirmed_at:
        hit("mail-recipient", FIRST_MAILS, address.lower())
    accounts.lock(session, user)
    mail = session.get(MailAddress, user.id, populate_existing=True)
    if mail is not None and mail.address == address and mail.confirmed_at:
        mail.stopped_at, mail.failures, mail.language = None, 0, current_language.get()
        return mail
    if mail is None:
        mail = MailAddress(user_id=user.id)
        session.add(mail)
    mail.address, mail.language, mail.created_at = address, current_language.get(), now()
    mail.confirmation_due_at, mail.confirmed_at, mail.stopped_at, mail.failures = now(), None, None, 0
    return mail


def forget_address(session: Session, user: User) -> None:
    accounts.lock(session, user)
    mail = session.get(MailAddress, user.id)
    if mail is not None:
        session.delete(mail)
        hold_mail(session, user.id)


def confirmation_token(mail: MailAddress) -> str:
    return make_token("confirmation", mail.user_id, mail.address, mail.created_at.isoformat())


def unsubscription_token(mail: MailAddress) -> str:
    """The same in every mail to this address, so that an old mail's link still works."""
    return make_token("unsubscription", mail.user_id, mail.address)


def to_confirm(session: Session, token: str) -> MailAddress:
    """The address that the link was sent to. Raises NotFound."""
    mail = _address_in(session, token)
    facts = (mail.address, mail.created_at.isoformat())
    is_fresh = now() - mail.created_at < CONFIRMATION_LIFETIME
    if not is_fresh or not is_genuine(token, "confirmation", mail.user_id, *facts):
        raise NotFound(GONE)
    return mail


def confirm(session: Session, token: str) -> MailAddress:
    """Idempotent."""
    mail = to_confirm(session, token)
    mail.confirmed_at = mail.confirmed_at or now()
    return mail


def to_stop(session: Session, token: str) -> MailAddress:
    """The address that a mail with this token was sent to. Raises NotFound."""
    mail = _address_in(session, token)
    if not is_genuine(token, "unsubscription", mail.user_id, mail.address):
        raise NotFound(GONE)
    return mail


def stop(session: Session, token: str) -> MailAddress:
    """Stop all mail, including what is queued. Idempotent."""
    mail = to_stop(session, token)
    mail.stopped_at, mail.failures = mail.stopped_at or now(), 0
    hold_mail(session, mail.user_id)
    return mail


def hold_mail(session: Session, user_id: UUID) -> None:
    session.execute(
        update(Notification)
        .where(Notification.user_id == user_id, Notification.mail_due_at.is_not(None))
        .values(mail_due_at=None)
        .execution_options(synchronize_session=False)
    )


def _address_in(session: Session, token: str) -> MailAddress:
    user_id = user_in(token)
    # It must apply to the address that the token names, not to one that replaces it at this moment.
    lock = may_write(session) or None
    mail = session.get(MailAddress, user_id, with_for_update=lock) if user_id else None
    if mail is None:
        raise NotFound(GONE)
    return mail
