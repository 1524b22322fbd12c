from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints, TypeAdapter, ValidationError, field_validator

from app.checkins.calendars import is_zone
from app.checkins.models import MAXIMUM_NOTE
from app.core.i18n import gettext as _
from app.web.fields import Day
from app.web.forms import Form


def _one_line(text: object) -> object:
    """Collapse to one line: line breaks become spaces. PostgreSQL rejects null characters."""
    return " ".join(text.replace("\0", "").split()) if isinstance(text, str) else text


Sentence = Annotated[
    str, StringConstraints(min_length=1, max_length=MAXIMUM_NOTE), BeforeValidator(_one_line)
]


def _date_or_none(text: object) -> object:
    try:
        return TypeAdapter(Day).validate_python(text)
    except ValidationError:
        return None


class CheckInForm(Form):
    """`day` is the date the form was made for; it guards against a retry after midnight and may be missing."""

    note: Sentence
    day: Annotated[Day | None, BeforeValidator(_date_or_none)] = None


class MakeUpForm(Form):
    note: Sentence
    day: Day


class ChoicesForm(Form):
    """An unticked checkbox sends nothing."""

    weekly_goal: Annotated[int, Field(ge=1, le=7)]
    is_on_class_board: bool = False


class ZoneForm(Form):
    zone: str

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        if not is_zone(zone):
            raise ValueError(_("Please choose one of the options."))
        return zone


class FeedForm(Form):
    reminder_hour: Annotated[int, Field(ge=0, le=23)]


class ReasonForm(Form):
    """Why staff remove somebody's note."""

    reason: Annotated[str, StringConstraints(max_length=200), BeforeValidator(_one_line)] = ""
