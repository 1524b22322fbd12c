from dataclasses import dataclass, field


@dataclass(frozen=True)
class AccountPage:
    """Sign-up, sign-in and the admin's set-up: a name, a password, and where to go afterwards."""

    kind: str
    action: str
    next: str = "/"
    name: str = ""
    errors: dict[str, str] = field(default_factory=dict)
