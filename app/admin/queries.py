"""Queries for people, trainings and the journal, for admins."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session, defer, joinedload

from app.accounts.models import Role, User, UserSession, is_open
from app.accounts.names import MASK
from app.accounts.service import name_key
from app.jobs.models import Job
from app.journal.models import Act


@dataclass(frozen=True)
class PeopleFilter:
    """`state`: "" for all, "active" or "suspended"."""

    text: str = ""
    role: str = ""
    state: str = ""


@dataclass(frozen=True)
class JobFilter:
    """`name` matches a part of the student's name."""

    state: str = ""
    recipe: str = ""
    name: str = ""


def people(session: Session, wanted: PeopleFilter, *, limit: int, offset: int) -> Sequence[User]:
    """Newest accounts first."""
    return session.scalars(
        _people(select(User), wanted).order_by(User.created_at.desc(), User.id).limit(limit).offset(offset)
    ).all()


def count_people(session: Session, wanted: PeopleFilter) -> int:
    return session.scalar(_people(select(func.count(User.id)), wanted)) or 0


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


def _people(statement: Select[Any], wanted: PeopleFilter) -> Select[Any]:
    if wanted.text:
        statement = statement.where(name_fits(wanted.text))
    if wanted.role:
        statement = statement.where(User.role == wanted.role)
    if wanted.state:
        statement = statement.where(is_open() if wanted.state == "active" else ~is_open())
    return statement


def _jobs(statement: Select[Any], wanted: JobFilter) -> Select[Any]:
    if wanted.state:
        statement = statement.where(Job.state == wanted.state)
    if wanted.recipe:
        statement = statement.where(Job.recipe == wanted.recipe)
    if wanted.name:
        statement = statement.join(Job.user).where(name_fits(wanted.name))
    return statement
