from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class PasswordLost:
    """Somebody reports a lost password for this account name, which may not exist."""

    name_key: str


@dataclass(frozen=True)
class PasswordChanged:
    user_id: UUID
