"""Who owns a row: each feature declares it for its tables, in `OWNED` of its models. Exports contain a user's rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, select

from app.core.db import Base


@dataclass(frozen=True)
class Owned:
    """A table whose rows belong to the user in the column `owner`; or, `through` another table, to the owner of the row there.

    `name` is its file's name in an export. If a row stands for a stored file (its column `key`), `file_name` is its path there.
    """

    name: str
    model: type[Base]
    owner: str
    through: "Owned | None" = None
    file_name: Callable[[Mapping[str, Any]], str] | None = None

    @property
    def table(self) -> Table:
        return self.model.__table__

    def belongs_to(self, user_id: UUID) -> ColumnElement[bool]:
        owner = self.table.c[self.owner]
        if self.through is None:
            return owner == user_id
        return owner.in_(select(self.through.table.c.id).where(self.through.belongs_to(user_id)))
