from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class PasswordLost:
    """Somebody reports a lost password for this account name, which may not exist."""

    name_key: str


@dataclass(frozen=True)
class PasswordChanged:
    user_id: UUID


@dataclass(frozen=True)
class GuestSignedIn:
    """Somebody signed up or in, in a browser in which they trained as a visitor before."""

    user_id: UUID
    guest_key: str
