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
    # What is waiting to be submitted once the user has signed in.
    typed: Typed | None = None


@dataclass(frozen=True)
class LostPasswordPage:
    """`offers_mail`: a mail server is configured. `was_asked` does not reveal whether the account exists."""

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
    """Shown only after the right password. `until` None: until an admin lifts it; `ask` holds the names of some admins."""

    reason: str
    until: datetime | None
    ask: Sequence[str]
