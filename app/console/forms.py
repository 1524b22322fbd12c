from typing import Annotated

from pydantic import Field

from app.web.fields import Day
from app.web.forms import Form

TARGET = r"^(queue:(cpu|gpu)|worker:[A-Za-z0-9_.@:-]{1,150})$"


class PauseForm(Form):
    target: Annotated[str, Field(max_length=200, pattern=TARGET)]


class CleaningForm(Form):
    """`before`: the day of the preview, so that what goes is what was shown."""

    before: Day
