from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class PasswordLost:
    """Somebody says that they have lost the password of this account, which may not exist."""

    name_key: str


@dataclass(frozen=True)
class PasswordChanged:
    user_id: UUID
