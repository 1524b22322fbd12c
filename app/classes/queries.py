from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.accounts.models import User, is_open
from app.classes.models import Announcement, Class, ClassMember, MemberState, PlanStep
from app.core.permissions import ClassRole, Permission
from app.courses.models import Course

LATEST = 50
_COURSE = joinedload(Class.course).defer(Course.source)


def with_membership(session: Session, class_id: UUID, user_id: UUID) -> Row[Class, ClassMember | None] | None:
    """The class with its course, and the user's place in it."""
    own = and_(ClassMember.class_id == Class.id, ClassMember.user_id == user_id)
    statement = select(Class, ClassMember).outerjoin(ClassMember, own).where(Class.id == class_id)
    return session.execute(statement.options(_COURSE)).first()


def class_by_code(session: Session, code: str) -> Class | None:
    return session.scalar(select(Class).where(Class.code == code).options(_COURSE))


def class_by_id(session: Session, class_id: UUID) -> Class | None:
    return session.scalar(select(Class).where(Class.id == class_id).options(_COURSE))


def classes_of(session: Session, user: User) -> Sequence[Row[Class, ClassMember | None]]:
    """Those the user is in or is invited to, and for admins all, the latest first."""
    own = and_(ClassMember.class_id == Class.id, ClassMember.user_id == user.id)
    statement = select(Class, ClassMember).outerjoin(ClassMember, own)
    if not user.may(Permission.MANAGE):
        statement = statement.where(ClassMember.state.in_((MemberState.IN, MemberState.INVITED)))
    latest_first = (Class.starts_on.desc(), Class.title, Class.id)
    return session.execute(statement.options(_COURSE).order_by(*latest_first).limit(200)).all()


def is_in(class_id: UUID) -> ColumnElement[bool]:
    """Of the users in the class whose accounts are open; for a statement of ClassMember with its User."""
    return and_(ClassMember.class_id == class_id, ClassMember.state == MemberState.IN, is_open())


def member_ids(session: Session, class_id: UUID) -> Sequence[UUID]:
    statement = select(ClassMember.user_id).join(User, User.id == ClassMember.user_id)
    return session.scalars(statement.where(is_in(class_id)).order_by(ClassMember.user_id)).all()


def all_ids(session: Session, class_id: UUID) -> Sequence[UUID]:
    """Of everybody with a place in the class, those who left included."""
    return session.scalars(select(ClassMember.user_id).where(ClassMember.class_id == class_id)).all()


def staff_of(session: Session, class_id: UUID) -> Sequence[ClassMember]:
    """Lecturers first."""
    statement = select(ClassMember).join(ClassMember.user).options(contains_eager(ClassMember.user))
    is_staff = ClassMember.role != ClassRole.STUDENT
    return session.scalars(
        statement.where(is_in(class_id), is_staff).order_by(ClassMember.role.desc(), User.name)
    ).all()


def members_of(session: Session, class_id: UUID) -> Sequence[ClassMember]:
    """Everybody with a place in the class, those in it first, by name."""
    statement = select(ClassMember).join(ClassMember.user).options(contains_eager(ClassMember.user))
    return session.scalars(
        statement.where(ClassMember.class_id == class_id).order_by(ClassMember.role, User.name, User.id)
    ).all()


def count_students(session: Session, class_id: UUID) -> int:
    statement = select(func.count()).select_from(ClassMember).join(User, User.id == ClassMember.user_id)
    return session.scalar(statement.where(is_in(class_id), ClassMember.role == ClassRole.STUDENT)) or 0


def count_places(session: Session, class_id: UUID) -> int:
    statement = select(func.count()).select_from(ClassMember)
    return session.scalar(statement.where(ClassMember.class_id == class_id)) or 0


def count_lecturers(session: Session, class_id: UUID) -> int:
    statement = select(func.count()).select_from(ClassMember).join(User, User.id == ClassMember.user_id)
    return session.scalar(statement.where(is_in(class_id), ClassMember.role == ClassRole.LECTURER)) or 0


def count_opened(session: Session, user_id: UUID) -> int:
    """Of how many classes the user is a lecturer."""
    is_lecturer = (ClassMember.role == ClassRole.LECTURER, ClassMember.state == MemberState.IN)
    statement = select(func.count()).select_from(ClassMember)
    return session.scalar(statement.where(ClassMember.user_id == user_id, *is_lecturer)) or 0


def place_of(session: Session, class_id: UUID, user_id: UUID) -> ClassMember | None:
    """With its row locked."""
    return session.get(ClassMember, (class_id, user_id), with_for_update=True, populate_existing=True)


def locked(session: Session, class_id: UUID) -> None:
    """The class's row stays locked: what has a limit is counted after it."""
    session.scalar(select(Class.id).where(Class.id == class_id).with_for_update())


def steps_of(session: Session, class_id: UUID) -> Sequence[PlanStep]:
    return session.scalars(
        select(PlanStep).where(PlanStep.class_id == class_id).order_by(PlanStep.starts_on, PlanStep.id)
    ).all()


def announcements_of(session: Session, class_id: UUID) -> Sequence[Announcement]:
    newest_first = (Announcement.posted_at.desc(), Announcement.id)
    return session.scalars(
        select(Announcement)
        .where(Announcement.class_id == class_id)
        .options(joinedload(Announcement.author))
        .order_by(*newest_first)
        .limit(LATEST)
    ).all()


def count_announcements(session: Session, class_id: UUID, since: datetime) -> int:
    statement = select(func.count()).select_from(Announcement)
    return (
        session.scalar(statement.where(Announcement.class_id == class_id, Announcement.posted_at >= since))
        or 0
    )


def users_by_name(session: Session, name_keys: Collection[str]) -> dict[str, User]:
    statement = select(User).where(User.name_key.in_(name_keys), is_open())
    return {user.name_key: user for user in session.scalars(statement)}


def places_of(session: Session, class_id: UUID, user_ids: Collection[UUID]) -> dict[UUID, ClassMember]:
    statement = select(ClassMember).where(ClassMember.class_id == class_id, ClassMember.user_id.in_(user_ids))
    return {member.user_id: member for member in session.scalars(statement)}


def classmates(user_id: UUID) -> ColumnElement[bool]:
    """Of ClassMember: those in a class that the user is in, too, who let their trainings count there."""
    own = select(ClassMember.class_id).where(
        ClassMember.user_id == user_id, ClassMember.state == MemberState.IN
    )
    return and_(
        ClassMember.class_id.in_(own), ClassMember.state == MemberState.IN, ClassMember.counts_runs.is_(True)
    )


def lets_count(session: Session, user_id: UUID) -> bool:
    """Whether the user's trainings count in a class."""
    counting = and_(
        ClassMember.user_id == user_id,
        ClassMember.state == MemberState.IN,
        ClassMember.counts_runs.is_(True),
    )
    return session.scalar(select(ClassMember.class_id).where(counting).limit(1)) is not None
