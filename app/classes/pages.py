"""View models of the pages of classes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from app.accounts.names import PublicName
from app.classes.forms import LONGEST_LIST
from app.classes.invitations import Line
from app.classes.models import LONGEST_ANNOUNCEMENT, LONGEST_TITLE, Class, ClassMember
from app.classes.progress import StudentRecord
from app.classes.service import Place
from app.courses.models import Course
from app.courses.pages import LessonEntry


@dataclass(frozen=True)
class ClassRow:
    """`role` is empty for an admin who is not in it, and for who is invited."""

    course_class: Class
    role: str
    is_invited: bool


@dataclass(frozen=True)
class ClassesPage:
    rows: Sequence[ClassRow]
    opens_classes: bool
    key: str = ""
    error: str = ""


@dataclass(frozen=True)
class OpenPage:
    courses: Sequence[Course]
    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)
    longest: int = LONGEST_TITLE


@dataclass(frozen=True)
class JoiningPage:
    course_class: Class
    key: str
    staff: Sequence[tuple[UUID, PublicName]]


@dataclass(frozen=True)
class StepRow:
    id: UUID
    first: LessonEntry
    last: LessonEntry
    starts_on: date
    due_on: date | None
    is_now: bool

    @property
    def is_one(self) -> bool:
        return self.first.lesson.id == self.last.lesson.id


@dataclass(frozen=True)
class AnnouncementRow:
    id: UUID
    author_id: UUID | None
    author: PublicName
    text: str
    posted_at: datetime


@dataclass(frozen=True)
class ClassPage:
    """`done` of `total` lessons are the reader's own."""

    place: Place
    staff: Sequence[tuple[UUID, PublicName]]
    students: int
    steps: Sequence[StepRow]
    announcements: Sequence[AnnouncementRow]
    done: int
    total: int
    has_begun: bool
    has_ended: bool
    text: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    longest: int = LONGEST_ANNOUNCEMENT

    @property
    def now(self) -> StepRow | None:
        return next((step for step in self.steps if step.is_now), None)


@dataclass(frozen=True)
class MembersPage:
    place: Place
    staff: Sequence[ClassMember]
    invited: Sequence[ClassMember]
    students: Sequence[StudentRecord]
    total: int


@dataclass(frozen=True)
class SettingsPage:
    place: Place
    link: str
    lessons: Sequence[LessonEntry]
    steps: Sequence[StepRow]
    today: date
    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)
    lines: Sequence[Line] = ()
    names: str = ""
    role: str = "student"
    is_sent: bool = False
    longest_title: int = LONGEST_TITLE
    longest_list: int = LONGEST_LIST
