"""Hosts of discussions. A host is known by its key, "lesson:<id>" or "class"; its thread is created by the first comment.

Features above the board add kinds of their own: `@places.kind("check-in")` on a function (session, user, id) -> ThreadHost |
None.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board.models import thread_id
from app.core.errors import NotFound
from app.courses.models import Course, CourseState, Lesson
from app.courses.service import lesson_address, lesson_path
from app.jobs.models import Job


@dataclass(frozen=True)
class ThreadHost:
    """A host that its reader may see. `address` is the page that shows it; `owner_id` its owner, if it has one."""

    key: str
    address: str
    lesson_id: UUID | None = None
    job_id: UUID | None = None
    owner_id: UUID | None = None

    @property
    def thread_id(self) -> UUID:
        return thread_id(self.key)


# Returns the host for a reader (None: a visitor), or None if this reader may not see it.
Finder = Callable[[Session, User | None, UUID], ThreadHost | None]
_finders: dict[str, Finder] = {}
CLASS = ThreadHost("class", "/board")


def kind(name: str) -> Callable[[Finder], Finder]:
    """A decorator: registers the finder of hosts "name:<id>"."""

    def register(finder: Finder) -> Finder:
        _finders[name] = finder
        return finder

    return register


def find_place(session: Session, user: User | None, key: str) -> ThreadHost:
    """Raises NotFound if there is no such host, or not for this reader."""
    name, _colon, identity = key.partition(":")
    place = None
    if key == CLASS.key:
        place = CLASS if user else None
    elif name in _finders:
        place = _finders[name](session, user, _uuid(identity))
    if place is None:
        raise NotFound
    return place


def lesson_place(lesson: Lesson) -> ThreadHost:
    """The host below a lesson, which is loaded with its course."""
    return ThreadHost(f"lesson:{lesson.id}", lesson_address(lesson.course, lesson), lesson_id=lesson.id)


def job_place(job: Job) -> ThreadHost:
    return ThreadHost(f"job:{job.id}", f"/jobs/{job.id}", job_id=job.id, owner_id=job.user_id)


_lessons, _courses = Lesson.__table__, Course.__table__
_LESSON = (
    select(_lessons.c.slug, _courses.c.slug.label("course_slug"))
    .join(_courses)
    .where(
        _lessons.c.id == bindparam("lesson", type_=Uuid()),
        _lessons.c.published_revision_id.is_not(None),
        _courses.c.state != CourseState.HIDDEN,
    )
)


@kind("lesson")
def _lesson(session: Session, _user: User | None, lesson_id: UUID) -> ThreadHost | None:
    found = session.connection().execute(_LESSON, {"lesson": lesson_id}).one_or_none()
    if found is None:
        return None
    return ThreadHost(f"lesson:{lesson_id}", lesson_path(found.course_slug, found.slug), lesson_id=lesson_id)


@kind("job")
def _job(session: Session, user: User | None, job_id: UUID) -> ThreadHost | None:
    if user is None:
        return None
    found = session.execute(select(Job.user_id).where(Job.id == job_id, Job.shared_at.is_not(None))).first()
    return (
        ThreadHost(f"job:{job_id}", f"/jobs/{job_id}", job_id=job_id, owner_id=found.user_id)
        if found
        else None
    )


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
