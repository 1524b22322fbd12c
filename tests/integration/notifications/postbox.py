"""A real mail server, and the mail it received."""

import email
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default
from typing import Any
from urllib.parse import urlsplit

from aiosmtpd.smtp import Envelope
from aiosmtpd.smtp import Session as SmtpSession
from sqlalchemy import select

from app.accounts.models import User
from app.core import db
from app.notifications.models import MailAddress, Notification

ADDRESS = "hao@example.org"


@dataclass
class Postbox:
    """A real SMTP server that stores its mail, or answers the command `refuses` with `refusal`."""

    received: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    refusal: str | None = None
    refuses: str = "RCPT"
    # Called when a mail begins; if it returns False, the server disconnects silently.
    meanwhile: Callable[[], bool | None] = lambda: None

    async def handle_MAIL(
        self, server: Any, _session: SmtpSession, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.meanwhile() is False:
            server.transport.close()
        if self.refusal and self.refuses == "MAIL":
            return self.refusal
        envelope.mail_from = address
        envelope.mail_options += options
        return "250 OK"

    async def handle_RCPT(
        self, _server: Any, _session: SmtpSession, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.refusal and self.refuses == "RCPT":
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: SmtpSession, envelope: Envelope) -> str:
        if self.refusal and self.refuses == "DATA":
            return self.refusal
        self.received.append(email.message_from_bytes(envelope.content, policy=default))
        self.recipients += envelope.rcpt_tos
        return "250 OK"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def after(minutes: float) -> None:
    """Backdate all queued mail by this much."""
    with db.session_scope() as session:
        earlier = timedelta(minutes=minutes)
        for told in session.scalars(select(Notification).where(Notification.mail_due_at.is_not(None))):
            told.mail_due_at -= earlier
        for mail in session.scalars(select(MailAddress)):
            mail.mailed_at = mail.mailed_at and mail.mailed_at - earlier
            mail.confirmation_due_at = mail.confirmation_due_at and mail.confirmation_due_at - earlier


def sent(box: Postbox) -> str:
    """The plain text of the only mail received."""
    assert len(box.received) == 1
    return plain(box.received[0])


def plain(message: EmailMessage) -> str:
    return message.get_body(("plain",)).get_content()


def html(message: EmailMessage) -> str:
    return message.get_body(("html",)).get_content()


def address_of(user: User) -> MailAddress:
    with db.session_scope(writes=False) as session:
        return session.get_one(MailAddress, user.id)


def link(message: EmailMessage, name: str) -> str:
    """The path of a link in a mail, as a reader follows it."""
    return urlsplit(re.search(rf"http://\S+/{name}/\S+", plain(message))[0]).path
