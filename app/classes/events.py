from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.classes.models import Announcement, Class


@dataclass(frozen=True)
class ClassAnnounced:
    """`members`: who is in the class, its staff included."""

    course_class: Class
    announcement: Announcement
    members: Sequence[UUID]


@dataclass(frozen=True)
class AnnouncementTakenDown:
    """`user_ids`: whoever may have been told of it."""

    announcement_id: UUID
    user_ids: Sequence[UUID]


@dataclass(frozen=True)
class PeopleInvited:
    course_class: Class
    by_id: UUID
    user_ids: Sequence[UUID]


@dataclass(frozen=True)
class MembershipChanged:
    """Somebody joined a class, left it, or chose whether their trainings count there."""

    user_id: UUID
