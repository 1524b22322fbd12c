"""What trains, who waits, how trainings ended, and what their files take."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, defer, joinedload

from app.accounts.models import User
from app.classes.models import Class, ClassMember, MemberState
from app.core.database_clock import database_now
from app.jobs.models import ACTIVE, ENDED, Job, JobArtefact, JobState

# Rows that a page of an installation with very many trainings reads at most.
MOST_ENDED = 10_000


class Waiting(NamedTuple):
    """`who`: a user's or class's id; None for visitors. `since`: when the first of theirs was sent."""

    who: UUID | None
    name: str | None
    number: int
    since: datetime


class Ended(NamedTuple):
    id: UUID
    recipe: str
    state: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime
    attempt: int
    failure: dict[str, Any] | None


class Used(NamedTuple):
    """Files of one person, or of one kind."""

    who: UUID | None
    name: str | None
    number: int
    size: int


def running(session: Session, limit: int) -> list[tuple[Job, bool]]:
    """The longest running first, each with whether its lease has expired."""
    overdue = Job.lease_expires_at < database_now()
    statement = select(Job, overdue).where(Job.state == JobState.RUNNING)
    statement = statement.options(joinedload(Job.user), defer(Job.report))
    return [
        (job, bool(late)) for job, late in session.execute(statement.order_by(Job.started_at).limit(limit))
    ]


def waiting_by_queue(session: Session) -> dict[str, tuple[int, datetime]]:
    """queue -> number of waiting jobs, and since when the first of them waits."""
    rows = session.execute(
        select(Job.queue, func.count(), func.min(Job.created_at))
        .where(Job.state == JobState.QUEUED)
        .group_by(Job.queue)
    )
    return {queue: (count, since) for queue, count, since in rows}


def running_by_queue(session: Session) -> dict[str, int]:
    rows = session.execute(
        select(Job.queue, func.count()).where(Job.state == JobState.RUNNING).group_by(Job.queue)
    )
    return dict(rows.all())


def waiting_by_user(session: Session, limit: int) -> list[Waiting]:
    count = func.count(Job.id)
    rows = session.execute(
        select(Job.user_id, func.max(User.name), count, func.min(Job.created_at))
        .outerjoin(User, User.id == Job.user_id)
        .where(Job.state == JobState.QUEUED)
        .group_by(Job.user_id)
        .order_by(count.desc(), func.min(Job.created_at))
        .limit(limit)
    )
    return [Waiting(*row) for row in rows]


def waiting_by_class(session: Session, limit: int) -> list[Waiting]:
    """Trainings of a student of two classes count in both."""
    count = func.count(Job.id)
    rows = session.execute(
        select(Class.id, func.max(Class.title), count, func.min(Job.created_at))
        .join(ClassMember, ClassMember.class_id == Class.id)
        .join(Job, Job.user_id == ClassMember.user_id)
        .where(Job.state == JobState.QUEUED, ClassMember.state == MemberState.IN)
        .group_by(Class.id)
        .order_by(count.desc(), Class.id)
        .limit(limit)
    )
    return [Waiting(*row) for row in rows]


def ended_since(session: Session, since: datetime) -> Sequence[Ended]:
    """The newest first, and the newest MOST_ENDED of very many."""
    rows = session.execute(
        select(
            Job.id, Job.recipe, Job.state, Job.created_at, Job.started_at, Job.finished_at, Job.attempt, Job.failure
        )
        .where(Job.state.in_(ENDED), Job.finished_at >= since)
        .order_by(Job.finished_at.desc(), Job.id)
        .limit(MOST_ENDED)
    )  # fmt: skip
    return [Ended(*row) for row in rows]


def used_by_person(session: Session, limit: int) -> list[Used]:
    size = func.sum(JobArtefact.size)
    rows = session.execute(
        select(Job.user_id, func.max(User.name), func.count(), size)
        .select_from(JobArtefact)
        .join(Job, Job.id == JobArtefact.job_id)
        .outerjoin(User, User.id == Job.user_id)
        .group_by(Job.user_id)
        .order_by(size.desc())
        .limit(limit)
    )
    return [Used(who, name, count, int(size)) for who, name, count, size in rows]


def used_by_kind(session: Session) -> list[Used]:
    size = func.sum(JobArtefact.size)
    rows = session.execute(
        select(JobArtefact.name, func.count(), size).group_by(JobArtefact.name).order_by(size.desc())
    )
    return [Used(None, name, count, int(size)) for name, count, size in rows]


def old_by_person(session: Session, before: datetime, limit: int) -> list[Used]:
    size = func.sum(JobArtefact.size)
    rows = session.execute(
        _old(select(Job.user_id, func.max(User.name), func.count(), size), before)
        .outerjoin(User, User.id == Job.user_id)
        .group_by(Job.user_id)
        .order_by(size.desc())
        .limit(limit)
    )
    return [Used(who, name, count, int(size)) for who, name, count, size in rows]


def count_old(session: Session, before: datetime) -> tuple[int, int]:
    """Number of files that a clean-up would delete, and their bytes."""
    found = _old(select(func.count(), func.coalesce(func.sum(JobArtefact.size), 0)), before)
    count, size = session.execute(found).one()
    return count, int(size)


def old_files(session: Session, before: datetime, limit: int) -> Sequence[JobArtefact]:
    """Those that a clean-up would delete, the oldest first."""
    return session.scalars(_old(select(JobArtefact), before).order_by(Job.finished_at, JobArtefact.key).limit(limit)).all()  # fmt: skip


def _old(statement: Any, before: datetime) -> Any:
    """Of trainings that ended before then, which neither the class sees nor a waiting or running training starts from."""
    later = select(Job.continued_from_id).where(Job.state.in_(ACTIVE), Job.continued_from_id.is_not(None))
    old = and_(Job.state.in_(ENDED), Job.finished_at < before, Job.shared_at.is_(None))
    return (
        statement.select_from(JobArtefact)
        .join(Job, Job.id == JobArtefact.job_id)
        .where(old, or_(Job.attempt != JobArtefact.attempt, Job.id.not_in(later)))
    )
