"""Presenters of the notification pages."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board.log import reason_words
from app.board.text.excerpts import excerpt
from app.board.text.mentions import ids_in_html, names_of
from app.core.errors import NotFound
from app.core.i18n import gettext as _
from app.notifications import messages, queries
from app.notifications.channels import mail_is_offered, way_of
from app.notifications.models import FOR_STAFF, Kind, MailAddress, Notification
from app.notifications.pages import Choice, Entry, NotificationsPage, SettingsPage
from app.web.fields import moment_from

ENTRIES_PER_PAGE = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def notifications_page(session: Session, user: User, before: str | None) -> NotificationsPage:
    """Raises NotFound for an invalid key."""
    found = queries.notifications_of(
        session, user.id, _key(before) if before else None, limit=ENTRIES_PER_PAGE + 1
    )
    shown = found[:ENTRIES_PER_PAGE]
    older = _text(shown[-1]) if len(found) > len(shown) else None
    return NotificationsPage(entries(session, shown), user.unread > 0, older)


def newest_answer(session: Session, user: User) -> Entry | None:
    """The latest comment addressed to a reader, unless its text is gone."""
    told = queries.newest_answer(session, user.id)
    return entries(session, [told])[0] if told and messages.is_quoted(told) else None


def entries(session: Session, found: Sequence[Notification]) -> list[Entry]:
    """As texts, with at most one query for all mentioned names."""
    comments = [told.comment for told in found if told.comment and messages.is_quoted(told)]
    names = names_of(session, ids_in_html([comment.html for comment in comments]))
    return [_entry(told, names) for told in found]


def _entry(told: Notification, names: Mapping[UUID, str]) -> Entry:
    return Entry(
        told.id,
        Kind(told.kind),
        messages.sentence(told),
        excerpt(told.comment.html, names) if told.comment and messages.is_quoted(told) else "",
        reason_words(told.details.get("reason") or ""),
        messages.address(told),
        told.created_at,
        told.read_at is not None,
        messages.withdrawal(told),
        told.actor_id if messages.names_somebody(told) else None,
    )


def settings_page(
    session: Session, user: User, *, typed: str = "", errors: Mapping[str, str] | None = None
) -> SettingsPage:
    mail = session.get(MailAddress, user.id)
    chosen = queries.choices(session, user.id)
    has_mail = bool(mail and mail.confirmed_at and not mail.stopped_at)
    choices = [
        Choice(kind, _(messages.KINDS[kind]), way_of(kind, chosen.get(kind), has_mail=has_mail))
        for kind in Kind
        if kind not in FOR_STAFF or user.is_staff
    ]
    return SettingsPage(choices, mail_is_offered(), mail, typed, errors or {})


def _text(told: Notification) -> str:
    """A position in the list, as in an address: microseconds since 1970, then the id."""
    return f"{(told.created_at - _EPOCH) // timedelta(microseconds=1)}-{told.id.hex}"


def _key(text: str) -> queries.Key:
    moment, _dash, identity = text.partition("-")
    try:
        return moment_from(moment), UUID(identity)
    except ValueError:
        raise NotFound from None
