"""Sending mail by SMTP. SOPHORA_SMTP_URL has the server: smtp://user:password@host:587 (STARTTLS), or smtps://… (implicit TLS)."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

PATIENCE_SECONDS = 20.0
LOCAL = {"localhost", "127.0.0.1", "::1"}
DEFAULT_PORTS = {"smtp": 587, "smtps": 465}


# "Closing the connection", in response to any command.
LEAVING = 421


class MailFailed(Exception):
    """The server refused this mail."""


class AddressRefused(MailFailed):
    """It refuses mail for this address: now, or (`is_final`) permanently."""

    def __init__(self, reason: str, *, is_final: bool) -> None:
        super().__init__(reason)
        self.is_final = is_final


class ServerAway(MailFailed):
    """It accepts no mail at all now: unreachable, disconnected, or it refuses the sender."""


class Mailer:
    """A connection to a mail server; see `connected`."""

    def __init__(self, server: smtplib.SMTP) -> None:
        self._server = server

    def send(self, message: EmailMessage) -> None:
        """To one address. Raises MailFailed; AddressRefused or ServerAway if the cause is known."""
        try:
            self._server.send_message(message)
        except OSError as error:  # every SMTPException is one
            raise _failure(error) from error


@contextmanager
def connected(url: str) -> Iterator[Mailer]:
    """A mailer for the server at `url`. Raises ServerAway if it is unreachable, or would get a password unencrypted."""
    try:
        server = _connect(url)
    except (smtplib.SMTPException, OSError) as error:
        raise ServerAway(f"cannot connect: {type(error).__name__}") from error
    try:
        yield Mailer(server)
    finally:
        _leave(server)


def _failure(error: OSError) -> MailFailed:
    """Classify why a mail was not sent."""
    codes = [code for code, _ in getattr(error, "recipients", {}).values()]
    code = max(codes, default=getattr(error, "smtp_code", 0))
    reason = f"{type(error).__name__} {code or ''}".strip()
    if code == LEAVING:
        return ServerAway(reason)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return AddressRefused(reason, is_final=500 <= code < 600)
    is_answer = isinstance(error, smtplib.SMTPException) and not isinstance(
        error, (smtplib.SMTPServerDisconnected, smtplib.SMTPSenderRefused)
    )
    return MailFailed(reason) if is_answer else ServerAway(reason)


def _connect(url: str) -> smtplib.SMTP:
    parts = urlsplit(url)
    host, port = parts.hostname or "localhost", parts.port or DEFAULT_PORTS[parts.scheme]
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, port, timeout=PATIENCE_SECONDS, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(host, port, timeout=PATIENCE_SECONDS)
    try:
        server.ehlo()
        is_private = parts.scheme == "smtps" or host in LOCAL
        if parts.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
            is_private = True
        if parts.username:
            if not is_private:
                raise smtplib.SMTPException("no TLS: the password stays here")
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _leave(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()
