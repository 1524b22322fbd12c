"""Messages about user input, created where no reader is known: in a sandboxed process, in a check."""

from collections.abc import Mapping
from typing import Any

from app.core.fault_sentences import spoken_fault
from app.core.i18n import gettext


class Sentence(str):
    """`template.format(**values)` in English, which `spoken` translates for the reader.

    The template is a msgid: `Sentence(N_("the anchor #{anchor} is used twice"), anchor=anchor)`.
    """

    template: str
    values: Mapping[str, Any]

    def __new__(cls, template: str, **values: Any) -> "Sentence":
        sentence = super().__new__(cls, template.format(**values))
        sentence.template, sentence.values = template, values
        return sentence

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        return (self.template,), dict(self.values)


def spoken(text: str) -> str:
    """The text in the language of the current request; unchanged if it is neither a Sentence nor a fault's."""
    if not isinstance(text, Sentence):
        return spoken_fault(text)
    return gettext(text.template).format(**text.values)
