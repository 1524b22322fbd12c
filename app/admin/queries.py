"""Queries for people, trainings and the journal, for admins."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, String, Uuid, and_, func, literal, select, tuple_
from sqlalchemy.orm import Session, defer, joinedload

from app.accounts.models import Role, User, UserSession, is_open
from app.accounts.names import MASK
from app.accounts.service import name_key
from app.classes.models import Class, ClassMember, MemberState
from app.core.db import UtcDateTime
from app.jobs.models import Job
from app.journal.models import Act

# Sorts after everybody who is signed in somewhere.
NEVER = datetime(1971, 1, 1, tzinfo=UTC)
MOST_CLASSES = 500


class Sort(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"
    NAME = "name"
    SEEN = "seen"


# Where the next page goes on: after this person, by what the list is sorted by.
Cursor = tuple[datetime | str, UUID]


@dataclass(frozen=True)
class PeopleFilter:
    """`state`: "" for all, "active" or "suspended"."""

    text: str = ""
    role: str = ""
    state: str = ""
    class_id: UUID | None = None
    sort: Sort = Sort.NEWEST

    @property
    def chooses(self) -> bool:
        return replace(self, sort=Sort.NEWEST) != PeopleFilter()

    def address(self, path: str = "/admin/people", after: str = "") -> str:
        fields = {
            "text": self.text,
            "role": self.role,
            "state": self.state,
            "class_id": str(self.class_id or ""),
            "sort": "" if self.sort == Sort.NEWEST else self.sort,
            "after": after,
        }
        query = urlencode({name: value for name, value in fields.items() if value})
        return f"{path}?{query}" if query else path


@dataclass(frozen=True)
class JobFilter:
    """`name` matches a part of the student's name."""

    state: str = ""
    recipe: str = ""
    name: str = ""


def people(
    session: Session, wanted: PeopleFilter, after: Cursor | None, limit: int
) -> Sequence[Row[User, datetime]]:
    """With when they were last here (NEVER: signed in nowhere)."""
    seen = _last_seen()
    statement = select(User, seen.label("seen")).where(*_people(wanted))
    column, descends = _order(wanted.sort, seen)
    if after is not None:
        kind = String(80) if isinstance(after[0], str) else UtcDateTime()
        place, before = tuple_(column, User.id), tuple_(*after, types=[kind, Uuid()])
        statement = statement.where(place < before if descends else place > before)
    return session.execute(statement.order_by(*_directed(column, descends)).limit(limit)).all()


def all_people(
    session: Session, wanted: PeopleFilter
) -> Sequence[Row[UUID, str, str, bool, datetime, datetime]]:
    """(id, name, role, whether the account is open, since when, last here) of everybody who matches."""
    seen = _last_seen()
    columns = (User.id, User.name, User.role, is_open().label("open"), User.created_at, seen.label("seen"))
    statement = select(*columns).where(*_people(wanted))
    return session.execute(statement.order_by(*_directed(*_order(wanted.sort, seen)))).all()


def classes_of_people(session: Session, wanted: PeopleFilter) -> dict[UUID, list[str]]:
    """The titles of the classes that those who match are in."""
    statement = (
        select(User.id, Class.title)
        .join(ClassMember, ClassMember.user_id == User.id)
        .join(Class, Class.id == ClassMember.class_id)
        .where(ClassMember.state == MemberState.IN, *_people(wanted))
    )
    found: dict[UUID, list[str]] = {}
    for user_id, title in session.execute(statement.order_by(Class.title, Class.id)):
        found.setdefault(user_id, []).append(title)
    return found


def classes(session: Session) -> list[tuple[UUID, str]]:
    """(id, title), the latest first."""
    statement = select(Class.id, Class.title).order_by(Class.starts_on.desc(), Class.title, Class.id)
    return [(class_id, title) for class_id, title in session.execute(statement.limit(MOST_CLASSES))]


def count_people(session: Session, wanted: PeopleFilter) -> int:
    return session.scalar(select(func.count(User.id)).where(*_people(wanted))) or 0


def person(session: Session, user_id: UUID) -> User | None:
    return session.get(User, user_id)


def jobs_of(session: Session, user_id: UUID, limit: int) -> Sequence[Job]:
    """The user's latest trainings."""
    statement = select(Job).where(Job.user_id == user_id).options(defer(Job.report))
    return session.scalars(statement.order_by(Job.created_at.desc(), Job.id).limit(limit)).all()


def acts_on(session: Session, user_id: UUID, limit: int) -> Sequence[Act]:
    return session.scalars(
        select(Act).where(Act.subject_id == user_id).order_by(Act.id.desc()).limit(limit)
    ).all()


def last_seen(session: Session, user_ids: Sequence[UUID]) -> dict[UUID, Any]:
    """When each of those users who has a session was last here."""
    rows = session.execute(
        select(UserSession.user_id, func.max(UserSession.last_seen_at))
        .where(UserSession.user_id.in_(user_ids))
        .group_by(UserSession.user_id)
    )
    return dict(rows.all())


def admins_locked(session: Session) -> Sequence[User]:
    """All admins who can sign in. Their rows stay locked, so that two of them cannot demote each other, or leave, at once."""
    statement = select(User).where(User.role == Role.ADMIN, is_open()).order_by(User.id)
    # Inserts that reference an admin, such as a notification, are not blocked.
    locked = statement.with_for_update(key_share=True)
    return session.scalars(locked.execution_options(populate_existing=True)).all()


def jobs(session: Session, wanted: JobFilter, *, limit: int, offset: int) -> Sequence[Job]:
    """All trainings, newest first, with their users."""
    statement = _jobs(select(Job), wanted).options(joinedload(Job.user), defer(Job.report))
    return session.scalars(
        statement.order_by(Job.created_at.desc(), Job.id).limit(limit).offset(offset)
    ).all()


def count_jobs(session: Session, wanted: JobFilter) -> int:
    return session.scalar(_jobs(select(func.count(Job.id)), wanted)) or 0


def acts(session: Session, *, limit: int, offset: int) -> Sequence[Act]:
    return session.scalars(select(Act).order_by(Act.id.desc()).limit(limit).offset(offset)).all()


def count_acts(session: Session) -> int:
    return session.scalar(select(func.count(Act.id))) or 0


def name_fits(text: str) -> ColumnElement[bool]:
    """Matches a part of the name, or a masked name as readers see it, such as *昊."""
    if text.startswith(MASK):
        masked = User.name_key.endswith(name_key(text.removeprefix(MASK)), autoescape=True)
        return and_(masked, User.shows_name.is_(False), User.role == Role.STUDENT)
    return User.name_key.contains(name_key(text), autoescape=True)


def _last_seen() -> ColumnElement[datetime]:
    """Of the user of the statement around it: found by an index, for each row that is shown or sorted."""
    latest = select(func.max(UserSession.last_seen_at)).where(UserSession.user_id == User.id)
    return func.coalesce(latest.correlate(User).scalar_subquery(), literal(NEVER, UtcDateTime()))


def _order(sort: Sort, seen: ColumnElement[datetime]) -> tuple[Any, bool]:
    """The column, and whether the greatest is first."""
    columns = {Sort.NAME: User.name_key, Sort.SEEN: seen}
    return columns.get(sort, User.created_at), sort in {Sort.NEWEST, Sort.SEEN}


def _directed(column: Any, descends: bool) -> tuple[Any, Any]:
    return (column.desc(), User.id.desc()) if descends else (column, User.id)


def _people(wanted: PeopleFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.text:
        found.append(name_fits(wanted.text))
    if wanted.role:
        found.append(User.role == wanted.role)
    if wanted.state:
        found.append(is_open() if wanted.state == "active" else ~is_open())
    if wanted.class_id:
        is_in = (ClassMember.class_id == wanted.class_id, ClassMember.state == MemberState.IN)
        found.append(User.id.in_(select(ClassMember.user_id).where(*is_in)))
    return found


def _jobs(statement: Select[Any], wanted: JobFilter) -> Select[Any]:
    if wanted.state:
        statement = statement.where(Job.state == wanted.state)
    if wanted.recipe:
        statement = statement.where(Job.recipe == wanted.recipe)
    if wanted.name:
        statement = statement.join(Job.user).where(name_fits(wanted.name))
    return statement
