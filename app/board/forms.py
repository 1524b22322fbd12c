from collections.abc import Mapping
from typing import Annotated, Self
from uuid import UUID

from pydantic import BeforeValidator, Field, model_validator

from app.board.bodies import LONGEST
from app.board.mentions import as_written
from app.forms import Form


def _or_none(text: object) -> object:
    return text or None


class TextForm(Form):
    """A text with mentions, which `body` has in full after the check: see mentions.py."""

    body: str = ""
    mentions: Annotated[str, Field(max_length=2 * LONGEST)] = ""

    @model_validator(mode="after")
    def _spell_out(self) -> Self:
        self.body = as_written(self.body, self.mentions)
        return self


def body_of(values: Mapping[str, str]) -> str:
    """The text of a TextForm as it came, for the form to be shown again."""
    return as_written(values.get("body", ""), values.get("mentions", ""))


class WritingForm(TextForm):
    """A comment as it is typed; the rules for its text are in bodies.py and spam.py."""

    request_key: Annotated[str, Field(max_length=40)] = ""
    stamp: Annotated[str, Field(max_length=120)] = ""
    reply_to: Annotated[UUID | None, BeforeValidator(_or_none)] = None
    act: str = "send"


class DraftForm(TextForm):
    place: UUID
    body: Annotated[str, Field(max_length=2 * LONGEST)] = ""


class MarkForm(Form):
    on: bool
