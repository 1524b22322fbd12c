"""View models of a reader's page and the settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from app.accounts.devices import SignIn
from app.jobs.models import Job


@dataclass(frozen=True)
class LessonLink:
    title: Mapping[str, str]
    address: str


@dataclass(frozen=True)
class CommentLink:
    excerpt: str
    address: str
    likes: int


@dataclass(frozen=True)
class ProfilePage:
    """A reader as others see them: `name` is masked unless its owner chose to show it. `days` is the total of days of learning."""

    id: UUID
    name: str
    is_own: bool
    shows_name: bool
    days: int
    longest: int
    lessons: Sequence[LessonLink]
    comments: Sequence[CommentLink]
    jobs: Sequence[Job]


@dataclass(frozen=True)
class SettingsPage:
    """`masked` is the name as others see it while masked; `errors` by field of the submitted form."""

    masked: str
    is_always_shown: bool
    has_changed_password: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)
    has_changed_name: bool = False
    # Text in the field for a new name.
    typed_name: str = ""


@dataclass(frozen=True)
class SignInsPage:
    sign_ins: Sequence[SignIn]
