"""Presenters of the check-in pages."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from fastapi import Request
from sqlalchemy.orm import Session
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from app.accounts.models import User
from app.accounts.names import public_name
from app.board.discussion.part import render_discussion
from app.checkins import heatmap, queries, service
from app.checkins.calendars import zone_names
from app.checkins.models import CheckIn, CheckInSettings
from app.checkins.pages import (
    CalendarPage,
    CheckInPage,
    ClassBoardPage,
    SettingsPage,
    Standing,
    WallEntry,
    WallPage,
    WeekDay,
    WeekMarks,
    YearMarks,
)
from app.checkins.queries import WallRow
from app.checkins.records import Record, record_of
from app.checkins.replies import reply_counts, reply_place
from app.checkins.streaks import Kind, week_of
from app.core.errors import NotFound
from app.web.fields import moment_from

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = 10
ENTRIES_PER_PAGE = 30
STANDINGS_PER_PAGE = 50


def calendar_page(
    session: Session,
    user: User,
    year: int | None = None,
    *,
    is_fresh: bool = False,
    made_up: date | None = None,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> CalendarPage:
    """Raises NotFound for a year before the account was created, or in the future."""
    record = record_of(session, user.id)
    latest = queries.latest_of(session, user.id, LATEST)
    entry = next((each for each in latest if each.local_date == record.today), None)
    first = min([service.first_day(record, user), *record.stored])
    return CalendarPage(
        today=record.today,
        zone=record.calendar.zone_on(record.today),
        summary=record.summary,
        entry=entry,
        week=week_marks(record, settings_or_default(session, user).weekly_goal),
        year=year_marks(record, record.today.year if year is None else year, first),
        latest=latest,
        make_up_days=record.make_up_days(service.first_day(record, user)),
        is_fresh=is_fresh and entry is not None,
        made_up=made_up if made_up and record.stored.get(made_up) is Kind.MAKE_UP else None,
        typed=typed or {},
        errors=errors or {},
    )


def settings_or_default(session: Session, user: User) -> CheckInSettings:
    found = queries.settings_of(session, user.id)
    return found or CheckInSettings(
        user_id=user.id,
        **{
            column.name: column.default.arg
            for column in CheckInSettings.__table__.columns
            if isinstance(column.default, ScalarElementColumnDefault)
        },
    )


def week_marks(record: Record, goal: int) -> WeekMarks:
    names = heatmap.day_names("narrow")
    days = [
        WeekDay(day, names[day.weekday()], _kind(record, day), day == record.today)
        for day in week_of(record.today)
    ]
    done = sum(kind.counts for day in days if (kind := record.days.get(day.day)))
    return WeekMarks(days, done, goal)


def year_marks(record: Record, year: int, first: date) -> YearMarks:
    if not first.year <= year <= record.today.year:
        raise NotFound
    names = heatmap.day_names("narrow")
    return YearMarks(
        year=year,
        halves=heatmap.half_years(record.days, year, record.today, first),
        months=heatmap.months_of(record.days, year, record.today, first),
        week_names=[names[number] for number in range(7)],
        learnt=sum(kind.counts for day, kind in record.days.items() if day.year == year),
        earlier=year - 1 if year > first.year else None,
        later=year + 1 if year < record.today.year else None,
    )


def wall_page(session: Session, user: User, day: date | None, before: str | None) -> WallPage:
    """The class's check-ins of a date. Raises NotFound for a future date or an invalid key."""
    record = record_of(session, user.id)
    day = day or record.today
    if day > record.today:
        raise NotFound
    rows = queries.wall_of(session, day, user.id, before=_wall_key(before), limit=ENTRIES_PER_PAGE + 1)
    shown = rows[:ENTRIES_PER_PAGE]
    replies = reply_counts(session, [row.check_in.id for row in shown])
    more = None
    if len(rows) > ENTRIES_PER_PAGE:
        last = shown[-1].check_in
        more = _wall_from(last, last.created_at)
    return WallPage(
        day=day,
        today=record.today,
        entries=[wall_entry(row, user, replies.get(row.check_in.id, 0)) for row in shown],
        more=more,
        has_own=record.today in record.stored,
        is_from_start=before is None,
    )


def wall_address(session: Session, check_in: CheckIn) -> str:
    """The wall page that shows a check-in: the day's first page, or one that begins with it."""
    address = f"/check-ins/wall?day={check_in.local_date}"
    if queries.count_above(session, check_in) >= ENTRIES_PER_PAGE:
        address = _wall_from(check_in, check_in.created_at + timedelta(microseconds=1))
    return f"{address}#check-in-{check_in.id}"


def wall_entry(row: WallRow, reader: User, replies: int = 0) -> WallEntry:
    check_in = row.check_in
    return WallEntry(
        id=check_in.id,
        author_id=check_in.user_id,
        name=public_name(check_in.author),
        day=check_in.local_date,
        kind=check_in.kind,
        source=check_in.source or "",
        note=check_in.note,
        cheers=row.cheers,
        is_cheered=row.is_cheered,
        is_own=check_in.user_id == reader.id,
        replies=replies,
    )


def check_in_page(request: Request, session: Session, user: User, check_in_id: UUID) -> CheckInPage:
    """Raises NotFound."""
    row = service.shown_check_in(session, user, check_in_id)
    place = reply_place(check_in_id, row.check_in.user_id)
    return CheckInPage(
        entry=wall_entry(row, user),
        wall=wall_address(session, row.check_in),
        discussion=render_discussion(request, session, user, place),
        can_moderate=user.is_staff and row.check_in.user_id != user.id and bool(row.check_in.note),
    )


def class_board_page(session: Session, user: User, after: str | None) -> ClassBoardPage:
    """This week's board, among users who opted in. Raises NotFound for an invalid key."""
    week = week_of(record_of(session, user.id).today)
    rows = queries.class_board(
        session, week[0], week[-1], after=_board_key(after), limit=STANDINGS_PER_PAGE + 1
    )
    shown = rows[:STANDINGS_PER_PAGE]
    more = None
    if len(rows) > STANDINGS_PER_PAGE:
        more = f"/check-ins/class-board?after={shown[-1].days}.{shown[-1].user.id}"
    return ClassBoardPage(
        first=week[0],
        last=week[-1],
        standings=[
            Standing(row.user.id, public_name(row.user), row.days, row.made_up, row.user.id == user.id)
            for row in shown
        ],
        more=more,
        is_on_it=settings_or_default(session, user).is_on_class_board,
    )


def settings_page(
    session: Session,
    user: User,
    *,
    feed_token: str = "",
    site: str = "",
    errors: Mapping[str, str] | None = None,
) -> SettingsPage:
    record = record_of(session, user.id)
    return SettingsPage(
        settings=settings_or_default(session, user),
        today=record.today,
        zone=record.calendar.zone_on(record.today),
        next_zone=record.calendar.zone_after(record.today),
        zones=_offered(record.calendar.zone_after(record.today)),
        feed_address=f"{site}/check-ins/calendar/{feed_token}.ics" if feed_token else "",
        errors=errors or {},
    )


def _offered(chosen: str) -> Mapping[str, Sequence[str]]:
    """The zones to choose from, including the chosen one if the zone database has since dropped it."""
    offered = zone_names()
    return offered if any(chosen in names for names in offered.values()) else {"": [chosen], **offered}


def _kind(record: Record, day: date) -> str:
    return "ahead" if day > record.today else str(record.days.get(day, "none"))


def _wall_from(check_in: CheckIn, moment: datetime) -> str:
    """The address of a day's wall, starting at a key."""
    microseconds = (moment - EPOCH) // timedelta(microseconds=1)
    return f"/check-ins/wall?day={check_in.local_date}&before={microseconds}.{check_in.id}"


def _wall_key(text: str | None) -> tuple[datetime, UUID] | None:
    """ "1767225600000000.<id>": microseconds since 1970, and a check-in's id."""
    if text is None:
        return None
    moment, _point, check_in_id = text.partition(".")
    try:
        return moment_from(moment), UUID(check_in_id)
    except ValueError:
        raise NotFound from None


def _board_key(text: str | None) -> tuple[int, UUID] | None:
    if text is None:
        return None
    days, _point, user_id = text.partition(".")
    try:
        key = int(days), UUID(user_id)
    except ValueError:
        raise NotFound from None
    if not 1 <= key[0] <= 7:
        raise NotFound
    return key
