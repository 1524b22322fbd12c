from typing import Annotated

from pydantic import Field, field_validator

from app.accounts.models import Role
from app.web.forms import Form

LONGEST_REASON = 500
# Choices for a suspension in days; without one it lasts until an admin reopens the account.
SUSPENSION_DAYS = (1, 3, 7, 30, 90)


class RoleForm(Form):
    role: Role


class SuspensionForm(Form):
    """The suspended user reads the reason."""

    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON)]
    days: Annotated[int, Field(ge=1, le=365)] | None = None

    @field_validator("days", mode="before")
    @classmethod
    def none_for_nothing(cls, days: object) -> object:
        return days or None
