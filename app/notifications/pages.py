"""View models of the notification pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.notifications.models import Kind, MailAddress, Way


@dataclass(frozen=True)
class Entry:
    """A notification's text; `address` links to its subject, empty if that is gone. `withdrawal`: why it no longer applies."""

    id: UUID
    kind: Kind
    sentence: str
    excerpt: str
    reason: str
    address: str
    created_at: datetime
    is_read: bool
    withdrawal: str
    # Whom the sentence names; None where it names nobody, or somebody who has gone.
    person: UUID | None = None


@dataclass(frozen=True)
class NotificationsPage:
    """`older` is the key of the next page, or None at the end."""

    entries: Sequence[Entry]
    has_unread: bool
    older: str | None


@dataclass(frozen=True)
class Choice:
    kind: Kind
    label: str
    way: Way


@dataclass(frozen=True)
class SettingsPage:
    """The channel of each kind. Mail is offered only if there is a mail server (`offers_mail`)."""

    choices: Sequence[Choice]
    offers_mail: bool
    mail: MailAddress | None
    typed: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_mail(self) -> bool:
        """Whether mail can be chosen: a confirmed address that has not been stopped."""
        return bool(self.offers_mail and self.mail and self.mail.confirmed_at and not self.mail.stopped_at)
