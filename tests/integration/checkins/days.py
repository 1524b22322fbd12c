"""Days for tests of check-ins, and what is stored of them."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.checkins import service
from app.checkins.calendars import ONE
from app.checkins.models import CheckIn, Source
from app.checkins.streaks import Kind
from app.core import db

NOON = datetime(2026, 3, 11, 4, tzinfo=UTC)  # in Shanghai; a Wednesday
TODAY = date(2026, 3, 11)
Clock = Callable[[datetime], None]


def add_days(session: Session, user: User, *days: date, kind: Kind = Kind.REAL, **values: object) -> None:
    for day in days:
        source = None if kind is Kind.FREEZE else Source.LESSON
        moment = datetime.combine(day, datetime.min.time(), ZoneInfo("Asia/Shanghai")) + timedelta(hours=9)
        row = {"zone": "Asia/Shanghai", "source": source, "created_at": moment} | values
        session.add(CheckIn(user_id=user.id, local_date=day, kind=kind, **row))
    session.commit()


def last_days(count: int, until: date = TODAY) -> list[date]:
    return [until - number * ONE for number in range(count)]


def only(statement: Select[Any]) -> Any:
    """The first scalar of a statement, as stored now; no transaction stays open."""
    with db.session_scope(writes=False) as reading:
        return reading.scalar(statement)


def every(statement: Select[Any]) -> list[Any]:
    with db.session_scope(writes=False) as reading:
        return list(reading.scalars(statement))


def rows(session: Session, user: User) -> list[tuple[date, str]]:
    found = every(select(CheckIn).where(CheckIn.user_id == user.id).order_by(CheckIn.local_date))
    return [(row.local_date, row.kind) for row in found]


def check_in(user: User, source: Source = Source.BUTTON, note: str = "") -> None:
    with db.session_scope() as writing:
        service.check_in(writing, user.id, source, note)
