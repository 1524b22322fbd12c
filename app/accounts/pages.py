from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.web.typed import Typed


@dataclass(frozen=True)
class AccountPage:
    """Sign-up, sign-in and the admin's set-up: a name, a password, and where to go afterwards."""

    kind: str
    action: str
    next: str = "/"
    name: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    has_new_password: bool = False
    # What waits to be sent until somebody has signed in.
    typed: Typed | None = None


@dataclass(frozen=True)
class LostPasswordPage:
    """`offers_mail`: there is a mail server. `was_asked` says nothing of whether there is such an account."""

    offers_mail: bool
    name: str = ""
    was_asked: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ResetPage:
    token: str
    name: str
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SuspendedPage:
    """For who knows the password alone. `until` None: until an admin says so; `ask` are the names of some admins."""

    reason: str
    until: datetime | None
    ask: Sequence[str]
