"""Sending mail by SMTP. SOPHORA_SMTP_URL says where: smtp://user:password@host:587 (TLS by STARTTLS), or smtps://… (TLS at once)."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

PATIENCE_SECONDS = 20.0
LOCAL = {"localhost", "127.0.0.1", "::1"}
DEFAULT_PORTS = {"smtp": 587, "smtps": 465}


class MailFailed(Exception):
    """A mail did not go out. `is_final`: the server will not take it later either."""

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__(reason)
        self.is_final = is_final


class Mailer:
    """A connection to a mail server; see `connected`."""

    def __init__(self, server: smtplib.SMTP) -> None:
        self._server = server

    def send(self, message: EmailMessage) -> None:
        """Raises MailFailed."""
        try:
            self._server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise MailFailed(f"refused: {codes}", is_final=all(code >= 500 for code in codes)) from error
        except smtplib.SMTPResponseException as error:
            raise MailFailed(f"{error.smtp_code}", is_final=500 <= error.smtp_code < 600) from error
        except (smtplib.SMTPException, OSError) as error:
            raise MailFailed(type(error).__name__) from error


@contextmanager
def connected(url: str) -> Iterator[Mailer]:
    """A mailer for the server at `url`. Raises MailFailed where it cannot be reached, or would get a password in the clear."""
    try:
        server = _connect(url)
    except (smtplib.SMTPException, OSError) as error:
        raise MailFailed(f"cannot connect: {type(error).__name__}") from error
    try:
        yield Mailer(server)
    finally:
        _leave(server)


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
