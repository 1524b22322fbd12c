from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from app.notes.models import CONTEXT, MAXIMUM_QUOTE, MAXIMUM_TEXT
from app.notes.service import Passage
from app.web.forms import Form


def _storable(text: object) -> object:
    """PostgreSQL rejects null characters; browsers send line breaks as CR LF, which count as one."""
    return text.replace("\0", "").replace("\r\n", "\n") if isinstance(text, str) else text


NoteText = Annotated[str, Field(max_length=MAXIMUM_TEXT), BeforeValidator(_storable)]
Context = Annotated[
    str, StringConstraints(strip_whitespace=False, max_length=CONTEXT), BeforeValidator(_storable)
]


class NoteForm(Form):
    text: NoteText = ""


class NewNoteForm(NoteForm):
    language: Literal["zh", "en"]
    quote: Annotated[str, Field(max_length=MAXIMUM_QUOTE), BeforeValidator(_storable)] = ""
    prefix: Context = ""
    suffix: Context = ""
    anchor: Annotated[str, Field(max_length=200), BeforeValidator(_storable)] = ""

    def passage(self) -> Passage:
        return Passage(self.quote, self.prefix, self.suffix, self.anchor)
