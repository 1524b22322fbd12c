"""What the admin's pages show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from app.accounts.models import Role, User
from app.admin.column_upload import Outcome, Upload
from app.admin.queries import JobFilter, PeopleFilter
from app.courses.column_import import ColumnLesson
from app.courses.models import Course
from app.jobs.models import Job, JobState
from app.jobs.recipes import Recipe


def filter_query(wanted: PeopleFilter | JobFilter) -> str:
    """`wanted` as the part of an address after the question mark, with a `&` behind it where there is any."""
    chosen = {name: value for name, value in vars(wanted).items() if value}
    return urlencode(chosen) + "&" if chosen else ""


@dataclass(frozen=True)
class PeoplePage:
    people: Sequence[User]
    last_seen: Mapping[UUID, datetime]
    wanted: PeopleFilter
    number: int
    pages: int
    total: int
    roles: Sequence[Role] = tuple(Role)

    @property
    def address(self) -> str:
        return f"/admin/people?{filter_query(self.wanted)}page="


@dataclass(frozen=True)
class JobsPage:
    jobs: Sequence[Job]
    recipes: Mapping[str, Recipe]
    wanted: JobFilter
    number: int
    pages: int
    total: int
    states: Sequence[JobState] = tuple(JobState)

    @property
    def address(self) -> str:
        return f"/admin/jobs?{filter_query(self.wanted)}page="


@dataclass(frozen=True)
class JournalEntry:
    """An act as its reader sees it."""

    happened_at: datetime
    actor_name: str
    kind: str
    subject: str
    details: Mapping[str, Any]


@dataclass(frozen=True)
class JournalPage:
    acts: Sequence[JournalEntry]
    kinds: Mapping[str, str]
    number: int
    pages: int
    address: str = "/admin/journal?page="


@dataclass(frozen=True)
class ImportPage:
    """The form that takes a column's files."""

    errors: Mapping[str, str]
    form_action: str = "/admin/import"


@dataclass(frozen=True)
class ReadFile:
    """An uploaded file as it was read, and, once it was brought in, what became of it."""

    name: str
    column: ColumnLesson
    outcome: Outcome | None

    @property
    def replies(self) -> int:
        return sum(len(comment.replies) for comment in self.column.comments)


@dataclass(frozen=True)
class ImportReportPage:
    """What was read in the uploaded files. Nothing is written as long as `upload.course` is None."""

    upload: Upload
    files: Sequence[ReadFile]
    courses: Sequence[Course]
