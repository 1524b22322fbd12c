"""View models of the admin's pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from app.accounts.devices import SignIn
from app.accounts.models import HeldName, Role, User
from app.admin.forms import LONGEST_REASON, SUSPENSION_DAYS
from app.admin.queries import JobFilter, PeopleFilter, Sort
from app.core.permissions import CLASS_PERMISSIONS, IN_WORDS, PERMISSIONS, ClassRole
from app.jobs.models import Job, JobState
from app.recipes.recipe import Recipe


def filter_query(wanted: JobFilter) -> str:
    """`wanted` as a query string, with a trailing `&` unless empty."""
    chosen = {name: value for name, value in vars(wanted).items() if value}
    return urlencode(chosen) + "&" if chosen else ""


@dataclass(frozen=True)
class PeoplePage:
    """`people`: with when they were last here, None if they are signed in nowhere. `further`: the address of the next page."""

    people: Sequence[tuple[User, datetime | None]]
    wanted: PeopleFilter
    total: int
    # (id, title)
    classes: Sequence[tuple[UUID, str]]
    # Of this page, for the way back to it.
    address: str
    further: str
    is_first: bool
    roles: Sequence[Role] = tuple(Role)
    sorts: Sequence[Sort] = tuple(Sort)


@dataclass(frozen=True)
class PersonPage:
    """One account as admins see it. `names`: its former names. `link`: the reset link, shown once."""

    person: User
    is_self: bool
    last_seen: datetime | None
    sign_ins: Sequence[SignIn]
    names: Sequence[HeldName]
    jobs: Sequence[Job]
    acts: Sequence["JournalEntry"]
    recipes: Mapping[str, Recipe]
    kinds: Mapping[str, str]
    link: str = ""
    reason: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    roles: Sequence[Role] = tuple(Role)
    days: Sequence[int] = SUSPENSION_DAYS
    longest_reason: int = LONGEST_REASON


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
    """An entry of the journal as its reader sees it."""

    happened_at: datetime
    actor_name: str
    kind: str
    subject: str
    details: Mapping[str, Any]
    # The user whose page the subject links to.
    person: UUID | None = None


@dataclass(frozen=True)
class JournalPage:
    acts: Sequence[JournalEntry]
    kinds: Mapping[str, str]
    number: int
    pages: int
    address: str = "/admin/journal?page="


@dataclass(frozen=True)
class PermissionsPage:
    """The table of permissions: (in words, roles) of each row."""

    roles: Sequence[Role | None] = (None, *Role)
    class_roles: Sequence[ClassRole] = tuple(ClassRole)

    @property
    def rows(self) -> list[tuple[str, frozenset[Role | None]]]:
        return [(IN_WORDS[permission], roles) for permission, roles in PERMISSIONS.items()]

    @property
    def class_rows(self) -> list[tuple[str, frozenset[ClassRole]]]:
        return [(IN_WORDS[permission], roles) for permission, roles in CLASS_PERMISSIONS.items()]
