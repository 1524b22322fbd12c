"""Opening, running and joining classes. Nothing here commits."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.sent_forms import is_first, made_before
from app.accounts.service import lock
from app.classes import keys, queries
from app.classes.events import AnnouncementTakenDown, ClassAnnounced, MembershipChanged
from app.classes.models import Announcement, Class, ClassMember, MemberState, PlanStep
from app.core import events
from app.core.clock import now
from app.core.db import changed_rows
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.i18n import N_
from app.core.i18n import gettext as _
from app.core.permissions import CLASS_PERMISSIONS, ClassPermission, ClassRole, Permission
from app.courses import outline
from app.courses.models import Course
from app.courses.pages import LessonEntry
from app.courses.queries import course_by_slug
from app.journal import journal

MOST_CLASSES = 100
MOST_PLACES = 2000
MOST_STEPS = 100
MOST_ANNOUNCEMENTS_A_DAY = 20
UNKNOWN = N_("There is no such class, or you are not in it.")
CLOSED = N_("This link or code opens no class. Ask your lecturer for a new one.")


@dataclass(frozen=True)
class Place:
    """A class as one of its people sees it. `member` is None for an admin who is not in it."""

    course_class: Class
    member: ClassMember | None
    role: ClassRole

    def may(self, permission: str) -> bool:
        return self.role in CLASS_PERMISSIONS[ClassPermission(permission)]


def enter(session: Session, user: User, class_id: UUID, permission: ClassPermission) -> Place:
    """Raises NotFound for whoever is not in the class, Forbidden for whoever is and may not."""
    found = queries.with_membership(session, class_id, user.id)
    if found is None:
        raise NotFound(UNKNOWN)
    course_class, member = found
    if member is not None and member.state != MemberState.IN:
        member = None
    if user.may(Permission.MANAGE):
        role = ClassRole.LECTURER
    elif member is None:
        raise NotFound(UNKNOWN)
    else:
        role = ClassRole(member.role)
        # Whoever is no lecturer of the site any more is none of its classes'.
        role = ClassRole.STUDENT if role == ClassRole.LECTURER and not user.may(Permission.TEACH) else role
    place = Place(course_class, member, role)
    if not place.may(permission):
        raise Forbidden
    return place


def lessons_of(session: Session, course: Course) -> list[LessonEntry]:
    """In order, without anybody's progress; none while the course is hidden."""
    found = course_by_slug(session, course.slug)
    if found is None:
        return []
    page = outline.outline(found, outline.Record())
    return [entry for module in page.modules for entry in module.lessons]


def open_class(
    session: Session, user: User, course_id: UUID, title: str, starts_on: date, ends_on: date
) -> Class:
    """With `user` as its lecturer. Raises Invalid for an unknown course, Conflict beyond MOST_CLASSES."""
    course = session.get(Course, course_id)
    if course is None:
        raise Invalid({"course_id": _("Please choose one of the options.")})
    lock(session, user)
    if made := made_before(session, user, Class):
        return made
    if queries.count_opened(session, user.id) >= MOST_CLASSES:
        raise Conflict(N_("You are a lecturer of very many classes already."))
    made = Class(id=uuid4(), course_id=course_id, title=title, starts_on=starts_on, ends_on=ends_on)
    is_first(session, user, made.id)
    session.add(made)
    session.flush()
    session.add(ClassMember(class_id=made.id, user_id=user.id, role=ClassRole.LECTURER, state=MemberState.IN))
    journal.record(session, user, "new-class", title)
    return made


def change(session: Session, user: User, class_id: UUID, title: str, starts_on: date, ends_on: date) -> None:
    found = enter(session, user, class_id, ClassPermission.RUN).course_class
    found.title, found.starts_on, found.ends_on = title, starts_on, ends_on


def change_keys(session: Session, user: User, class_id: UUID, act: str) -> None:
    """A new link or code ends the one before; without either, people are invited only."""
    queries.locked(session, class_id)
    found = enter(session, user, class_id, ClassPermission.RUN).course_class
    session.refresh(found, ["link_number", "links_made", "code"])
    if act == "new-link":
        found.links_made += 1
        found.link_number = found.links_made
    elif act == "no-link":
        found.link_number = None
    else:
        found.code = keys.new_code() if act == "new-code" else None


def add_step(
    session: Session,
    user: User,
    class_id: UUID,
    lessons: tuple[UUID, UUID],
    starts_on: date,
    due_on: date | None,
) -> None:
    """`lessons`: the first and the last, of the class's course. Raises Invalid."""
    queries.locked(session, class_id)
    found = enter(session, user, class_id, ClassPermission.RUN).course_class
    numbers = {entry.lesson.id: place for place, entry in enumerate(lessons_of(session, found.course))}
    first, last = (numbers.get(lesson) for lesson in lessons)
    if first is None or last is None or last < first:
        raise Invalid({"last": _("Please choose lessons of the course, the first one first.")})
    if due_on and due_on < starts_on:
        raise Invalid({"due_on": _("This day is before the first one.")})
    if len(queries.steps_of(session, class_id)) >= MOST_STEPS:
        raise Conflict(N_("This plan is as long as a plan may be."))
    session.execute(
        delete(PlanStep)
        .where(PlanStep.class_id == class_id, PlanStep.starts_on == starts_on)
        .execution_options(synchronize_session=False)
    )
    session.add(
        PlanStep(
            class_id=class_id,
            first_lesson_id=lessons[0],
            last_lesson_id=lessons[1],
            starts_on=starts_on,
            due_on=due_on,
        )
    )


def remove_step(session: Session, user: User, class_id: UUID, step_id: UUID) -> None:
    """Idempotent."""
    enter(session, user, class_id, ClassPermission.RUN)
    session.execute(delete(PlanStep).where(PlanStep.id == step_id, PlanStep.class_id == class_id))


def announce(session: Session, user: User, class_id: UUID, text: str) -> Announcement:
    """Raises Conflict beyond MOST_ANNOUNCEMENTS_A_DAY."""
    queries.locked(session, class_id)
    place = enter(session, user, class_id, ClassPermission.ANNOUNCE)
    if made := made_before(session, user, Announcement):
        return made
    if queries.count_announcements(session, class_id, now() - timedelta(days=1)) >= MOST_ANNOUNCEMENTS_A_DAY:
        raise Conflict(N_("This class has had many announcements today. Please wait until tomorrow."))
    made = Announcement(id=uuid4(), class_id=class_id, author_id=user.id, text=text)
    is_first(session, user, made.id)
    session.add(made)
    session.flush()
    members = queries.member_ids(session, class_id)
    events.send(session, ClassAnnounced(place.course_class, made, members))
    return made


def take_down(session: Session, user: User, class_id: UUID, announcement_id: UUID) -> None:
    """And the notices of it. Idempotent."""
    enter(session, user, class_id, ClassPermission.ANNOUNCE)
    own = (Announcement.id == announcement_id, Announcement.class_id == class_id)
    if changed_rows(session, delete(Announcement).where(*own)):
        events.send(session, AnnouncementTakenDown(announcement_id, queries.all_ids(session, class_id)))


def class_opened_by(session: Session, key: str) -> Class:
    """The class of a link or code. Raises NotFound."""
    class_id = keys.class_of_link(key)
    if class_id is not None:
        found = queries.class_by_id(session, class_id)
        is_open = found is not None and keys.opens(found, key)
    else:
        code = keys.typed_code(key)
        found = queries.class_by_code(session, code) if code else None
        is_open = found is not None
    if found is None or not is_open:
        raise NotFound(CLOSED)
    return found


def join(session: Session, user: User, key: str) -> Class:
    """By link or code; idempotent. Raises NotFound for an invalid one, Forbidden for whom staff removed, Conflict if the class is full."""
    found = class_opened_by(session, key)
    class_id = found.id
    queries.locked(session, class_id)
    # The key may have been withdrawn before the lock was granted.
    session.refresh(found, ["link_number", "code"])
    if not keys.opens(found, key) and found.code != keys.typed_code(key):
        raise NotFound(CLOSED)
    member = queries.place_of(session, class_id, user.id)
    if member is not None and member.state == MemberState.REMOVED:
        raise Forbidden(N_("You were removed from this class. Its lecturer can invite you again."))
    if member is None:
        if queries.count_places(session, class_id) >= MOST_PLACES:
            raise Conflict(N_("This class is full."))
        session.add(ClassMember(class_id=class_id, user_id=user.id, state=MemberState.IN))
    elif member.state != MemberState.IN:
        _let_in(member)
    session.flush()
    events.send(session, MembershipChanged(user.id))
    return found


def change_own(session: Session, user: User, class_id: UUID, act: str) -> None:
    """Accept or decline an invitation, leave, choose whether trainings count. Raises NotFound without a place in the class, Conflict
    for its last lecturer.
    """
    queries.locked(session, class_id)
    member = queries.place_of(session, class_id, user.id)
    wanted = MemberState.INVITED if act in {"accept", "decline"} else MemberState.IN
    if member is None or member.state not in {wanted, MemberState.IN}:
        raise NotFound(UNKNOWN)
    if act == "accept":
        _let_in(member)
    elif act == "leave":
        _keep_a_lecturer(session, member)
        member.state, member.changed_at = MemberState.LEFT, now()
    elif act == "decline":
        if member.state == MemberState.INVITED:
            session.delete(member)
    else:
        member.counts_runs = act == "count"
    session.flush()
    events.send(session, MembershipChanged(user.id))


def _let_in(member: ClassMember) -> None:
    if member.state != MemberState.IN:
        # An invitation says in which role; who left comes back as a student.
        role = member.role if member.state == MemberState.INVITED else ClassRole.STUDENT
        member.state, member.role, member.changed_at = MemberState.IN, role, now()


def change_member(session: Session, user: User, class_id: UUID, user_id: UUID, act: str) -> None:
    """Remove somebody, or give them a role. Raises NotFound for who has no place in the class, Conflict for its last lecturer and
    for a lecturer whom the site does not have as one.
    """
    queries.locked(session, class_id)
    place = enter(session, user, class_id, ClassPermission.RUN)
    member = queries.place_of(session, class_id, user_id)
    person = session.get(User, user_id)
    if member is None or person is None or member.state not in {MemberState.IN, MemberState.INVITED}:
        raise NotFound(N_("This person is not in the class."))
    if act == ClassRole.LECTURER and not person.may(Permission.TEACH):
        raise Conflict(
            N_("Only lecturers of this site can be lecturers of a class. An admin gives that role.")
        )
    if act != ClassRole.LECTURER:
        _keep_a_lecturer(session, member)
    title = place.course_class.title
    if act == "remove":
        member.state, member.role, member.changed_at = MemberState.REMOVED, ClassRole.STUDENT, now()
        journal.record(session, user, "class-removal", person, **{"class": title})
    elif member.role != act:
        journal.record(session, user, "class-role", person, **{"class": title}, after=act)
        member.role = act
    session.flush()
    events.send(session, MembershipChanged(user_id))


def _keep_a_lecturer(session: Session, member: ClassMember) -> None:
    is_lecturer = member.role == ClassRole.LECTURER and member.state == MemberState.IN
    if is_lecturer and queries.count_lecturers(session, member.class_id) < 2:
        raise Conflict(N_("A class needs a lecturer. Make somebody else one first."))
