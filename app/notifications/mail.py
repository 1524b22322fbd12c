"""The text of mails: the confirmation and the digest. Plain text and HTML, in the reader's language."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from urllib.parse import urlsplit

from app.core.clock import now
from app.core.config import get_settings
from app.core.i18n import current_language, language_tag, ngettext
from app.core.i18n import gettext as _
from app.notifications.addresses import confirmation_token, unsubscription_token
from app.notifications.models import MailAddress
from app.notifications.pages import Entry
from app.web.templating import environment


def confirmation_mail(mail: MailAddress) -> EmailMessage:
    with speaking(mail.language):
        link = _absolute(f"/mail-confirmations/{confirmation_token(mail)}")
        message = _message(
            mail, _("Confirm your email address"), "notifications/confirmation_mail", link=link
        )
    return message


def digest_mail(mail: MailAddress, entries: Sequence[Entry]) -> EmailMessage:
    """`entries` must have been made while `speaking` the address's language."""
    with speaking(mail.language):
        stop = _absolute(f"/unsubscriptions/{unsubscription_token(mail)}")
        subject = ngettext("{count} notification", "{count} notifications", len(entries)).format(
            count=len(entries)
        )
        message = _message(
            mail,
            subject,
            "notifications/digest_mail",
            entries=entries,
            settings=_absolute("/settings/notifications"),
            stop=stop,
        )
    # RFC 8058: mail programs offer one-click unsubscription, which posts to this address.
    message["List-Unsubscribe"] = f"<{stop}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return message


def reset_mail(mail: MailAddress, name: str, token: str) -> EmailMessage:
    with speaking(mail.language):
        link = _absolute(f"/password-resets/{token}")
        return _message(mail, _("A new password"), "notifications/reset_mail", name=name, link=link)


def password_changed_mail(mail: MailAddress, name: str) -> EmailMessage:
    with speaking(mail.language):
        values = {"name": name, "link": _absolute("/lost-password")}
        return _message(mail, _("Your password was changed"), "notifications/password_changed_mail", **values)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Translations inside are in `language`: outside a request no language is set."""
    token = current_language.set(language)
    try:
        yield
    finally:
        current_language.reset(token)


def _message(mail: MailAddress, subject: str, template: str, **values: object) -> EmailMessage:
    settings = get_settings()
    message = EmailMessage()
    message["From"] = settings.mail_from
    message["To"] = mail.address
    message["Subject"] = f"{subject} · Sophora"
    message["Date"] = format_datetime(now())
    message["Message-ID"] = make_msgid(domain=parseaddr(settings.mail_from)[1].rpartition("@")[2])
    # Keeps auto-responders from replying.
    message["Auto-Submitted"] = "auto-generated"
    values |= {
        "absolute": _absolute,
        "language_tag": language_tag(),
        "host": urlsplit(settings.public_url).netloc,
    }
    text = environment().get_template(f"{template}_text.html").render(values, _=_plain)
    message.set_content(text)
    message.add_alternative(environment().get_template(f"{template}.html").render(values), subtype="html")
    return message


def _plain(msgid: str, **values: object) -> str:
    """`_()` for plain text: the one for pages escapes its values."""
    return _(msgid) % values


def _absolute(path: str) -> str:
    return get_settings().public_url.rstrip("/") + path
