"""Presenters of the pages of classes."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.names import PublicName, public_name
from app.checkins.records import calendar_of
from app.classes import keys, progress, queries
from app.classes.invitations import Line
from app.classes.models import Class, MemberState, PlanStep
from app.classes.pages import (
    AnnouncementRow,
    ClassesPage,
    ClassPage,
    ClassRow,
    JoiningPage,
    MembersPage,
    OpenPage,
    SettingsPage,
    StepRow,
)
from app.classes.service import class_opened_by, enter, lessons_of
from app.core.clock import now
from app.core.permissions import ClassPermission, ClassRole, Permission
from app.courses import outline
from app.courses.pages import LessonEntry
from app.courses.queries import course_by_slug, courses


def classes_page(session: Session, user: User, key: str = "", error: str = "") -> ClassesPage:
    rows = []
    for course_class, member in queries.classes_of(session, user):
        state = member.state if member else ""
        role = member.role if member and state == MemberState.IN else ""
        rows.append(ClassRow(course_class, role, state == MemberState.INVITED))
    return ClassesPage(rows, user.may(Permission.TEACH), key, error)


def open_page(
    session: Session, user: User, values: Mapping[str, str], errors: Mapping[str, str] | None = None
) -> OpenPage:
    today = today_of(session, user)
    return OpenPage(courses(session), {"starts_on": today.isoformat(), **values}, errors or {})


def joining_page(session: Session, key: str) -> JoiningPage:
    """Raises NotFound for a key that opens nothing."""
    found = class_opened_by(session, key)
    return JoiningPage(found, key, _staff(session, found.id))


def class_page(
    session: Session,
    user: User,
    class_id: UUID,
    *,
    text: str = "",
    errors: Mapping[str, str] | None = None,
) -> ClassPage:
    """Raises NotFound."""
    place = enter(session, user, class_id, ClassPermission.ATTEND)
    found, today = place.course_class, today_of(session, user)
    own = _own_lessons(session, user, found)
    return ClassPage(
        place,
        _staff(session, class_id),
        queries.count_students(session, class_id),
        steps(queries.steps_of(session, class_id), own, today),
        [
            AnnouncementRow(each.id, each.author_id, public_name(each.author), each.text, each.posted_at)
            for each in queries.announcements_of(session, class_id)
        ],
        sum(entry.is_done for entry in own),
        len(own),
        found.starts_on <= today,
        found.ends_on < today,
        text,
        errors or {},
    )


def members_page(session: Session, user: User, class_id: UUID) -> MembersPage:
    """With names in full. Raises NotFound, and Forbidden for students."""
    place = enter(session, user, class_id, ClassPermission.SEE_MEMBERS)
    members = queries.members_of(session, class_id)
    staff = [each for each in members if each.state == MemberState.IN and each.role != ClassRole.STUDENT]
    invited = [each for each in members if each.state == MemberState.INVITED]
    records = progress.records_of(session, place.course_class)
    total = len(records[0].entries) if records else 0
    return MembersPage(place, staff, invited, records, total)


def settings_page(
    session: Session,
    user: User,
    class_id: UUID,
    *,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    lines: Sequence[Line] = (),
    is_sent: bool = False,
) -> SettingsPage:
    """Raises NotFound, and Forbidden for all but the class's lecturers."""
    place = enter(session, user, class_id, ClassPermission.RUN)
    found, today = place.course_class, today_of(session, user)
    lessons, typed = lessons_of(session, found.course), dict(values or {})
    stored = {
        "title": found.title,
        "starts_on": found.starts_on.isoformat(),
        "ends_on": found.ends_on.isoformat(),
    }
    return SettingsPage(
        place,
        keys.link_of(found),
        lessons,
        steps(queries.steps_of(session, class_id), lessons, today),
        today,
        stored | typed,
        errors or {},
        lines,
        typed.get("names", ""),
        typed.get("role", ClassRole.STUDENT),
        is_sent,
    )


def steps(plan: Sequence[PlanStep], lessons: Sequence[LessonEntry], today: date) -> list[StepRow]:
    """The last one that has begun is now. A step whose lesson has been withdrawn is left out."""
    known = {entry.lesson.id: entry for entry in lessons}
    shown = [step for step in plan if step.first_lesson_id in known and step.last_lesson_id in known]
    begun = [step for step in shown if step.starts_on <= today]
    return [
        StepRow(
            step.id,
            known[step.first_lesson_id],
            known[step.last_lesson_id],
            step.starts_on,
            step.due_on,
            bool(begun) and step is begun[-1],
        )
        for step in shown
    ]


def today_of(session: Session, user: User) -> date:
    """On the user's own calendar, as for check-ins."""
    return calendar_of(session, user.id).date_at(now())


def _staff(session: Session, class_id: UUID) -> list[tuple[UUID, PublicName]]:
    return [(member.user_id, public_name(member.user)) for member in queries.staff_of(session, class_id)]


def _own_lessons(session: Session, user: User, course_class: Class) -> list[LessonEntry]:
    course = course_by_slug(session, course_class.course.slug)
    if course is None:
        return []
    page = outline.outline(course, outline.record_of(session, user))
    return [entry for module in page.modules for entry in module.lessons]
