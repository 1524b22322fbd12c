"""Checking in, making up for a day, cheering, and a user's choices. Nothing here commits."""

import secrets
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.accounts import service as accounts
from app.accounts.models import User
from app.board.models import CommentState, ModerationAct
from app.checkins import queries
from app.checkins.calendars import ONE
from app.checkins.events import Cheered, ZoneChosen
from app.checkins.models import CheckIn, CheckInSettings, Cheer, Source, UserZone
from app.checkins.queries import WallRow
from app.checkins.records import Record, record_of
from app.checkins.streaks import Kind
from app.core import events
from app.core.db import adds_row, changed_rows, insert
from app.core.errors import Forbidden, Invalid, NotFound
from app.core.i18n import N_
from app.core.i18n import gettext as _
from app.core.live.sending import publish
from app.core.signing import hash_token

# A form whose answer was lost is resent within this time.
RETRY_SPAN = timedelta(minutes=10)


def check_in(
    session: Session, user_id: UUID, source: Source, note: str = "", *, drawn_on: date | None = None
) -> Record:
    """Record today as a day of learning, by the server's clock on the user's calendar. Idempotent, also under concurrent requests.

    A `note` replaces what was written earlier today; `drawn_on` is the date its form was made for. Returns the
    user's days including this one.
    """
    record = record_of(session, user_id)
    if drawn_on and _is_retry(session, user_id, record, drawn_on, note):
        return record
    if record.stored.get(record.today) in {None, Kind.FREEZE}:
        _store_freezes(session, user_id, record)
        if _add(session, user_id, record, record.today, Kind.REAL, source, note):
            return _with_day(record, record.today, Kind.REAL)
    if note:
        _write_note(session, user_id, record.today, note)
    return _with_day(record, record.today, Kind.REAL)


def make_up(session: Session, user: User, day: date, note: str) -> Record:
    """Record afterwards that one learnt on `day`. Idempotent. Raises Invalid for a day that cannot be made up for (now)."""
    # Two concurrent requests must not both pass the limit.
    accounts.lock(session, user)
    record = record_of(session, user.id)
    if record.stored.get(day) is Kind.MAKE_UP:
        _write_note(session, user.id, day, note)
        return record
    if day not in record.make_up_days(first_day(record, user)):
        raise Invalid(
            {
                "day": _(
                    "This day cannot be made up. It must be one of the last three days, without a check-in, and you can make up two days in thirty."
                )
            }
        )
    _store_freezes(session, user.id, record)
    _add(session, user.id, record, day, Kind.MAKE_UP, Source.BUTTON, note)
    return _with_day(record, day, Kind.MAKE_UP)


def first_day(record: Record, user: User) -> date:
    """The account's first day."""
    return record.calendar.date_at(user.created_at)


def remove_words(session: Session, user: User, check_in_id: UUID, reason: str) -> CheckIn:
    """Remove the note but keep the day: for the author, and for staff with a reason, which is logged. Raises NotFound for others."""
    check_in = shown_check_in(session, user, check_in_id).check_in
    if check_in.user_id != user.id:
        if not user.is_staff:
            raise NotFound
        if not reason:
            raise Invalid({"reason": _("Please fill this in.")}, N_("Please say why."))
        # The text itself is not kept, as with a comment removed for good.
        session.add(
            ModerationAct(
                actor_id=user.id,
                act="delete",
                reason=f"/check-ins/{check_in.id}: {reason}"[:500],
                state_before=CommentState.VISIBLE,
                state_after=CommentState.DELETED,
            )
        )
    check_in.note = ""
    return check_in


def shown_check_in(session: Session, reader: User, check_in_id: UUID) -> WallRow:
    """A day of learning, as `reader` sees it. Raises NotFound."""
    row = queries.shown_check_in(session, check_in_id, reader.id)
    if row is None:
        raise NotFound(N_("There is no such check-in."))
    return row


def cheer(session: Session, user: User, check_in_id: UUID) -> WallRow:
    """Idempotent. Raises NotFound, or Forbidden for one's own check-in."""
    row = shown_check_in(session, user, check_in_id)
    if row.check_in.user_id == user.id:
        raise Forbidden(N_("This is your own check-in; cheering is for the others."))
    statement = insert(session, Cheer).values(check_in_id=check_in_id, user_id=user.id)
    if adds_row(session, statement.on_conflict_do_nothing()):
        events.send(session, Cheered(check_in=row.check_in, by_id=user.id))
    return shown_check_in(session, user, check_in_id)


def withdraw_cheer(session: Session, user: User, check_in_id: UUID) -> WallRow:
    own = delete(Cheer).where(Cheer.check_in_id == check_in_id, Cheer.user_id == user.id)
    is_withdrawn, row = changed_rows(session, own) == 1, shown_check_in(session, user, check_in_id)
    if is_withdrawn:
        events.send(session, Cheered(check_in=row.check_in, by_id=user.id, on=False))
    return row


def choose_zone(session: Session, user: User, zone: str) -> Record:
    """Use `zone` for the user's days from tomorrow on; today and earlier days stay. The day's last choice wins."""
    record = record_of(session, user.id)
    tomorrow = record.today + ONE
    if zone == record.calendar.zone_on(record.today):
        session.execute(delete(UserZone).where(UserZone.user_id == user.id, UserZone.from_date == tomorrow))
    else:
        statement = insert(session, UserZone).values(user_id=user.id, from_date=tomorrow, zone=zone)
        session.execute(
            statement.on_conflict_do_update(index_elements=["user_id", "from_date"], set_={"zone": zone})
        )
    renewed = record_of(session, user.id)
    events.send(session, ZoneChosen(user_id=user.id, before=record.calendar, after=renewed.calendar))
    return renewed


def choose(session: Session, user: User, **choices: Any) -> None:
    """Store choices, by the names of CheckInSettings' columns."""
    statement = insert(session, CheckInSettings).values(user_id=user.id, **choices)
    session.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=choices))


def renew_feed(session: Session, user: User, hour: int, language: str) -> str:
    """A new token for the calendar feed's address; the previous one ends. Only its hash is stored, so it is known only now."""
    token = secrets.token_urlsafe(24)
    choose(
        session,
        user,
        feed_token_hash=hash_token(token),
        feed_since=record_of(session, user.id).today,
        feed_language=language,
        reminder_hour=hour,
    )
    return token


def end_feed(session: Session, user: User) -> None:
    choose(session, user, feed_token_hash=None, feed_since=None)


def _is_retry(session: Session, user_id: UUID, record: Record, drawn_on: date, note: str) -> bool:
    """Whether this is yesterday's form resent soon after midnight with the same note: it has already recorded its day."""
    is_soon = record.moment < record.calendar.begin_of(record.today) + RETRY_SPAN
    return is_soon and drawn_on == record.today - ONE and queries.note_of(session, user_id, drawn_on) == note


def _write_note(session: Session, user_id: UUID, day: date, note: str) -> None:
    of_day = (CheckIn.user_id == user_id, CheckIn.local_date == day)
    session.execute(update(CheckIn).where(*of_day).values(note=note))


def _store_freezes(session: Session, user_id: UUID, record: Record) -> None:
    for day in record.due_freezes:
        _add(session, user_id, record, day, Kind.FREEZE, None, "")


def _add(
    session: Session, user_id: UUID, record: Record, day: date, kind: Kind, source: Source | None, note: str
) -> bool:
    """Whether the day was newly recorded. Pages that show the wall of this day are notified, by its id only."""
    act = {"kind": kind, "source": source, "note": note, "created_at": record.moment}
    statement = insert(session, CheckIn).values(
        user_id=user_id, local_date=day, zone=record.calendar.zone_on(day), **act
    )
    key = ["user_id", "local_date"]
    # Checking first would not help: another request may insert the day in between.
    if kind is Kind.REAL:
        # There may even be a freeze: a server whose clock is ahead took the day for a missed one.
        statement = statement.on_conflict_do_update(
            index_elements=key, set_=act, where=CheckIn.kind == Kind.FREEZE
        )
    else:
        statement = statement.on_conflict_do_nothing(index_elements=key)
    added = session.scalar(statement.returning(CheckIn.id))
    if added and kind is not Kind.FREEZE:
        publish(session, f"wall:{day}", "check-in", {"id": str(added)})
    return added is not None


def _with_day(record: Record, day: date, kind: Kind) -> Record:
    stored = {**record.stored, **dict.fromkeys(record.due_freezes, Kind.FREEZE), day: kind}
    return Record(record.moment, record.calendar, stored)
