"""The site's courses: created, ordered, shown, archived, hidden. The first visible one is the main course."""

from typing import Literal
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.sent_forms import is_first, made_before
from app.core.db import adds_row, insert
from app.core.errors import Invalid, NotFound
from app.core.i18n import N_
from app.core.i18n import gettext as _
from app.core.text import Bilingual
from app.courses.models import Course, CourseState
from app.courses.queries import next_position
from app.journal import journal
from app.publishing.exporter import write_course_toml
from app.publishing.sources import CourseSource

Step = Literal["up", "down", "first"]


def new_course(session: Session, user: User, slug: str, title: Bilingual, summary: Bilingual) -> None:
    """An empty course after all others; readers see it once one of its lessons is published."""
    if made_before(session, user, Course):
        return
    source = write_course_toml(CourseSource(slug=slug, title=title, summary=summary, modules=[]))
    identity = uuid4()
    made = insert(session, Course).values(
        id=identity,
        slug=slug,
        title=title.model_dump(),
        summary=summary.model_dump(),
        source=source,
        position=next_position(session),
    )
    if not adds_row(session, made.on_conflict_do_nothing()):
        if made_before(session, user, Course):  # by the same submission, at the same moment
            return
        raise Invalid({"slug": _("Another course already has this short name.")})
    is_first(session, user, identity)
    journal.record(session, user, "new-course", slug)


def move_course(session: Session, user: User, course_id: UUID, step: Step) -> None:
    """One place up or down, or to the front: the first visible course is the main one."""
    courses = _in_order(session)
    index = next((i for i, course in enumerate(courses) if course.id == course_id), None)
    if index is None:
        raise NotFound(N_("There is no such course."))
    place = {"up": index - 1, "down": index + 1, "first": 0}[step]
    if place == index or not 0 <= place < len(courses):
        return
    courses.insert(place, courses.pop(index))
    for position, course in enumerate(courses):
        course.position = position
    journal.record(session, user, "order", courses[place].slug, direction=step)


def set_state(session: Session, user: User, course_id: UUID, state: CourseState) -> None:
    course = session.scalar(select(Course).where(Course.id == course_id).with_for_update())
    if course is None:
        raise NotFound(N_("There is no such course."))
    if course.state != state:
        course.state = state
        journal.record(session, user, "course-state", course.slug, state=state)


def _in_order(session: Session) -> list[Course]:
    """All courses, locked in the same order by every writer."""
    locked = session.scalars(
        select(Course).order_by(Course.id).with_for_update().execution_options(populate_existing=True)
    )
    return sorted(locked, key=lambda course: (course.position, course.slug))
