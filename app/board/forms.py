from collections.abc import Mapping
from typing import Annotated, Literal, Self, TypeVar
from uuid import UUID

from pydantic import BeforeValidator, Field, model_validator

from app.board.models import LONGEST_TITLE
from app.board.states import REASONS
from app.board.text.code import has_loose_code, with_code_blocks
from app.board.text.comment_text import LONGEST, length_sentence
from app.board.text.mentions import as_written
from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.web.forms import Form, Submission

# Only rejects what cannot be a comment at all: the rules for a text are in comment_text.py and spam.py.
MOST_TYPED = 10 * LONGEST
MOST_NOTED = 2 * LONGEST


def _or_none(text: object) -> object:
    return text or None


def _no_comment_at_all(text: object) -> object:
    """Reports the limit of a comment, not that of a form."""
    if isinstance(text, str) and len(text) > MOST_TYPED:
        raise ValueError(length_sentence(len(text.strip())))
    return text


Body = Annotated[str, Field(max_length=MOST_TYPED), BeforeValidator(_no_comment_at_all)]
# "code": lines that look like code go into a code block, followed by a preview; "as-is": they stay as they are.
Act = Literal["send", "preview", "code", "as-is"]


def _one_line(text: object) -> object:
    return " ".join(text.split()) if isinstance(text, str) else text


Title = Annotated[str, Field(max_length=LONGEST_TITLE), BeforeValidator(_one_line)]
ReplyTo = Annotated[UUID | None, BeforeValidator(_or_none)]


class TextForm(Form):
    """A text with mentions, which `body` contains in full after validation: see mentions.py."""

    body: Body = ""
    mentions: Annotated[str, Field(max_length=MOST_NOTED)] = ""

    @model_validator(mode="after")
    def _spell_out(self) -> Self:
        self.body = as_written(self.body, self.mentions)
        return self


def body_of(values: Mapping[str, str]) -> str:
    """The raw text of a TextForm, to show the form again."""
    body, mentions = values.get("body", ""), values.get("mentions", "")
    is_too_long = len(body) > MOST_TYPED or len(mentions) > MOST_NOTED
    return body if is_too_long else as_written(body, mentions)


class ActedForm(TextForm):
    title: Title | None = None
    act: Act = "send"


A = TypeVar("A", bound=ActedForm)


def with_code(form: Submission[A]) -> Submission[A]:
    """If "Make it a code block" was pressed, the form with its code in a block, to be previewed; otherwise the form itself."""
    if form.values.get("act") != "code":
        return form
    body = form.values.get("body", "")
    changed = with_code_blocks(body) if len(body) <= MOST_TYPED else body
    return Submission(form.form, form.values | {"body": changed, "act": "preview"})


class LooseCode(Invalid):
    """A text with code outside a code block, which the author is asked about before it is sent."""

    def __init__(self) -> None:
        super().__init__({"code": _("Some lines look like code.")})


def written_body(form: Submission[A]) -> str:
    """What is to be stored. Raises Invalid, and LooseCode unless the author has chosen to keep the text as it is."""
    data = form.data()
    if data.act == "send" and has_loose_code(data.body):
        raise LooseCode
    return data.body


class WritingForm(ActedForm):
    """A comment as typed. A submission that does not say which button was pressed is only previewed: see _form.html."""

    request_key: Annotated[str, Field(max_length=40)] = ""
    stamp: Annotated[str, Field(max_length=120)] = ""
    reply_to: ReplyTo = None


class DraftForm(TextForm):
    """A form's text so far; `thread` is the thread's key, `owner` the id of the user whose page it stands on."""

    thread: Annotated[str, Field(max_length=60)]
    request_key: Annotated[str, Field(max_length=40)] = ""
    reply_to: ReplyTo = None
    owner: Annotated[str, Field(max_length=40)] = ""
    title: Annotated[str, Field(max_length=4000)] = ""


class FollowForm(Form):
    how: Literal["follow", "mute", "none"]


# The keys of REASONS; a test keeps the two in step.
Reason = Literal["spam", "unkind", "personal", "off-topic", "other"]


class EditForm(ActedForm):
    pass


class ReasonedForm(Form):
    """A predefined reason, and the moderator's own note to the author."""

    reason: Reason | Literal[""] = ""
    note: Annotated[str, Field(max_length=400)] = ""

    def words(self) -> str:
        """The reason as it is logged; empty if none was chosen."""
        return with_note(REASONS[self.reason], self.note) if self.reason else ""


def with_note(reason: str, note: str) -> str:
    return f"{reason}\n{note}".strip()
