from collections.abc import Mapping
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BeforeValidator, Field, model_validator

from app.board.states import REASONS
from app.board.text.comment_text import LONGEST
from app.board.text.mentions import as_written
from app.web.forms import Form

# Only keeps out what is no comment at all: the rules for a text are in comment_text.py and spam.py.
MOST_TYPED = 4 * LONGEST
MOST_NOTED = 2 * LONGEST


def _or_none(text: object) -> object:
    return text or None


ReplyTo = Annotated[UUID | None, BeforeValidator(_or_none)]


class TextForm(Form):
    """A text with mentions, which `body` has in full after the check: see mentions.py."""

    body: Annotated[str, Field(max_length=MOST_TYPED)] = ""
    mentions: Annotated[str, Field(max_length=MOST_NOTED)] = ""

    @model_validator(mode="after")
    def _spell_out(self) -> Self:
        self.body = as_written(self.body, self.mentions)
        return self


def body_of(values: Mapping[str, str]) -> str:
    """The text of a TextForm as it came, for the form to be shown again."""
    body, mentions = values.get("body", ""), values.get("mentions", "")
    is_too_long = len(body) > MOST_TYPED or len(mentions) > MOST_NOTED
    return body if is_too_long else as_written(body, mentions)


class WritingForm(TextForm):
    """A comment as it is typed. What a page sends without saying which button was pressed is only previewed: see _form.html."""

    request_key: Annotated[str, Field(max_length=40)] = ""
    stamp: Annotated[str, Field(max_length=120)] = ""
    reply_to: ReplyTo = None
    act: Literal["send", "preview"] = "send"


class DraftForm(TextForm):
    """What a form says so far; `thread` is the key of its place, `owner` the id of whose page it stands on."""

    thread: Annotated[str, Field(max_length=60)]
    body: Annotated[str, Field(max_length=2 * LONGEST)] = ""
    request_key: Annotated[str, Field(max_length=40)] = ""
    reply_to: ReplyTo = None
    owner: Annotated[str, Field(max_length=40)] = ""


# The keys of REASONS; a test holds both together.
Reason = Literal["spam", "unkind", "personal", "off-topic", "other"]


class EditForm(TextForm):
    # The board's own rules say how long a text may be; this only keeps out what is no comment at all.
    body: Annotated[str, Field(max_length=4 * LONGEST)] = ""
    act: Literal["send", "preview"] = "send"


class ReasonedForm(Form):
    """A reason of ours, and the moderator's own words to the author."""

    reason: Reason | Literal[""] = ""
    note: Annotated[str, Field(max_length=400)] = ""

    def words(self) -> str:
        """As they are logged; empty where no reason was chosen."""
        return with_note(REASONS[self.reason], self.note) if self.reason else ""


def with_note(reason: str, note: str) -> str:
    return f"{reason}\n{note}".strip()
