from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, field_validator, model_validator

from app.classes.models import LONGEST_ANNOUNCEMENT, LONGEST_TITLE
from app.core.i18n import gettext as _
from app.web.fields import Day, Token
from app.web.forms import Form

LONGEST_LIST = 60_000

Title = Annotated[str, Field(min_length=1, max_length=LONGEST_TITLE)]


class DatesForm(Form):
    title: Title
    starts_on: Day
    ends_on: Day

    @model_validator(mode="after")
    def ends_after_it_starts(self) -> "DatesForm":
        if self.ends_on < self.starts_on:
            raise ValueError(_("A class ends after it starts."))
        return self


class OpenForm(DatesForm):
    course_id: UUID


class StepForm(Form):
    first: UUID
    last: UUID
    starts_on: Day
    due_on: Day | None = None

    @field_validator("due_on", mode="before")
    @classmethod
    def none_for_nothing(cls, day: object) -> object:
        return day or None


class KeysForm(Form):
    act: Literal["new-link", "no-link", "new-code", "no-code"]


class AnnouncementForm(Form):
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_ANNOUNCEMENT)]


class InvitationsForm(Form):
    names: Annotated[str, Field(min_length=1, max_length=LONGEST_LIST)]
    role: Literal["student", "assistant", "lecturer"] = "student"
    confirmed: bool = False


class MemberForm(Form):
    act: Literal["remove", "student", "assistant", "lecturer"]


class KeyForm(Form):
    key: Token


class MembershipForm(Form):
    act: Literal["accept", "decline", "leave", "count", "not-count"]
