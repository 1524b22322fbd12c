"""The channel of each kind of notification: the reader's choice, otherwise the default."""

from app.core.config import get_settings
from app.notifications.models import Kind, Way

# Mailed by default if there is an address: they concern one's own comments, or something one waits for.
MAILED = {Kind.REPLY, Kind.MENTION, Kind.ANSWER, Kind.JOB, Kind.MODERATION, Kind.CLASS}


def mail_is_offered() -> bool:
    """Without a mail server nobody is offered mail."""
    return bool(get_settings().smtp_url)


def way_of(kind: Kind, choice: str | None, *, has_mail: bool) -> Way:
    """`choice` None: never chosen. Mail requires a mail server and a confirmed address."""
    has_mail = has_mail and mail_is_offered()
    way = Way(choice) if choice else Way.MAIL if kind in MAILED else Way.PAGE
    return Way.PAGE if way == Way.MAIL and not has_mail else way
