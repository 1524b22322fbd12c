from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field

from app.board.bodies import LONGEST
from app.forms import Form


def _or_none(text: object) -> object:
    return text or None


class WritingForm(Form):
    """A comment as it is typed; the rules for its text are in bodies.py and spam.py."""

    body: str = ""
    request_key: Annotated[str, Field(max_length=40)] = ""
    stamp: Annotated[str, Field(max_length=120)] = ""
    reply_to: Annotated[UUID | None, BeforeValidator(_or_none)] = None
    act: str = "send"


class DraftForm(Form):
    place: UUID
    body: Annotated[str, Field(max_length=2 * LONGEST)] = ""


class MarkForm(Form):
    on: bool
