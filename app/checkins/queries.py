"""Queries for check-ins. All that streaks and calendars need is one statement over one user's rows."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, literal_column, or_, select, text, union_all
from sqlalchemy.orm import Session, contains_eager

from app.accounts.models import User, is_open
from app.board.models import Thread
from app.checkins.calendars import ZoneChange
from app.checkins.models import CheckIn, CheckInSettings, Cheer, UserZone
from app.checkins.streaks import Kind

# A literal, not a bound parameter: otherwise the databases cannot match the partial indexes.
_IS_SHOWN = text("check_ins.kind != 'freeze'")
_IS_ON_CLASS_BOARD = text("check_in_settings.is_on_class_board")


class WallRow(NamedTuple):
    check_in: CheckIn
    cheers: int
    is_cheered: bool


class BoardRow(NamedTuple):
    """`days` of learning, including `made_up`."""

    user: User
    days: int
    made_up: int


def days_and_zones(session: Session, user_id: UUID) -> tuple[dict[date, Kind], list[ZoneChange]]:
    """All that a user's calendar is computed from."""
    days: Select[*tuple[Any, ...]] = select(
        CheckIn.local_date, CheckIn.kind, literal_column("0").label("is_zone")
    )
    zones: Select[*tuple[Any, ...]] = select(UserZone.from_date, UserZone.zone, literal_column("1"))
    rows = session.execute(
        union_all(days.where(CheckIn.user_id == user_id), zones.where(UserZone.user_id == user_id))
    ).all()
    return (
        {day: Kind(word) for day, word, is_zone in rows if not is_zone},
        sorted(
            (ZoneChange(day, word) for day, word, is_zone in rows if is_zone),
            key=lambda change: change.from_date,
        ),
    )


def zone_changes(session: Session, user_id: UUID) -> list[ZoneChange]:
    """Earliest first."""
    statement = select(UserZone.from_date, UserZone.zone).where(UserZone.user_id == user_id)
    return [ZoneChange(*row) for row in session.execute(statement.order_by(UserZone.from_date))]


def note_of(session: Session, user_id: UUID, day: date) -> str | None:
    """None if it was not a day of learning."""
    return session.scalar(
        select(CheckIn.note).where(CheckIn.user_id == user_id, CheckIn.local_date == day, _IS_SHOWN)
    )


def settings_of(session: Session, user_id: UUID) -> CheckInSettings | None:
    return session.get(CheckInSettings, user_id)


def settings_with_feed(session: Session, token_hash: str) -> CheckInSettings | None:
    """None also if the account is disabled."""
    return session.scalar(
        select(CheckInSettings)
        .join(User, User.id == CheckInSettings.user_id)
        .where(CheckInSettings.feed_token_hash == token_hash, is_open())
    )


def latest_of(session: Session, user_id: UUID, limit: int) -> Sequence[CheckIn]:
    """A user's latest days of learning, newest first."""
    return session.scalars(
        select(CheckIn)
        .where(CheckIn.user_id == user_id, _IS_SHOWN)
        .order_by(CheckIn.local_date.desc())
        .limit(limit)
    ).all()


def shown_check_in(session: Session, check_in_id: UUID, reader_id: UUID) -> WallRow | None:
    """A day of learning with its author, for a reader."""
    row = session.execute(_with_cheers(reader_id).where(CheckIn.id == check_in_id)).one_or_none()
    return WallRow(*row) if row else None


def wall_of(
    session: Session, day: date, reader_id: UUID, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[WallRow]:
    """The check-ins of a date, newest first, starting after the key `before`."""
    statement = _with_cheers(reader_id).where(CheckIn.local_date == day)
    if before:
        moment, check_in_id = before
        statement = statement.where(
            or_(
                CheckIn.created_at < moment,
                and_(CheckIn.created_at == moment, CheckIn.id < check_in_id),
            )
        )
    statement = statement.order_by(CheckIn.created_at.desc(), CheckIn.id.desc())
    return [WallRow(*row) for row in session.execute(statement.limit(limit))]


def count_above(session: Session, check_in: CheckIn) -> int:
    """Number of check-ins above it on the wall of its day."""
    above = or_(
        CheckIn.created_at > check_in.created_at,
        and_(CheckIn.created_at == check_in.created_at, CheckIn.id > check_in.id),
    )
    on_wall = (CheckIn.local_date == check_in.local_date, _IS_SHOWN)
    return session.scalar(select(func.count()).select_from(CheckIn).where(*on_wall, above)) or 0


def comment_counts(session: Session, thread_ids: Iterable[UUID]) -> dict[UUID, int]:
    rows = session.execute(select(Thread.id, Thread.comment_count).where(Thread.id.in_(list(thread_ids))))
    return dict(rows.all())


def class_board(
    session: Session, first: date, last: date, *, after: tuple[int, UUID] | None, limit: int
) -> list[BoardRow]:
    """Opted-in users with days of learning from `first` to `last`; most days first, starting after the key `after`."""
    days = func.count(CheckIn.id)
    made_up = func.count(CheckIn.id).filter(CheckIn.kind == Kind.MAKE_UP)
    statement = (
        select(User, days, made_up)
        .join(CheckInSettings, CheckInSettings.user_id == User.id)
        .join(CheckIn, and_(CheckIn.user_id == User.id, CheckIn.local_date.between(first, last), _IS_SHOWN))
        .where(_IS_ON_CLASS_BOARD, is_open())
        .group_by(User.id)
        .order_by(days.desc(), User.id)
    )
    if after:
        count, user_id = after
        statement = statement.having(or_(days < count, and_(days == count, User.id > user_id)))
    return [BoardRow(*row) for row in session.execute(statement.limit(limit))]


def _with_cheers(reader_id: UUID) -> Select[CheckIn, int, bool]:
    cheers = select(func.count()).where(Cheer.check_in_id == CheckIn.id).scalar_subquery()
    own = exists().where(Cheer.check_in_id == CheckIn.id, Cheer.user_id == reader_id)
    return (
        select(CheckIn, cheers, own)
        .join(CheckIn.author)
        .options(contains_eager(CheckIn.author))
        .where(_IS_SHOWN)
    )
