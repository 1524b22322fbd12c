from typing import Annotated

from pydantic import AfterValidator, Field

from app.core.i18n import gettext as _
from app.web.fields import Target
from app.web.forms import Form

MOST_TAGS, LONGEST_TAG = 8, 30


def _tags(text: str) -> str:
    for separator in "，、;；\n":
        text = text.replace(separator, ",")
    tags = list(dict.fromkeys(" ".join(tag.split()) for tag in text.split(",") if tag.strip()))
    if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in tags):
        raise ValueError(
            _("Please use at most {count} tags of at most {length} characters.").format(
                count=MOST_TAGS, length=LONGEST_TAG
            )
        )
    return ",".join(tags)


class WordsForm(Form):
    """A training's note and tags; these are between commas."""

    note: Annotated[str, Field(max_length=1000)] = ""
    tags: Annotated[str, Field(max_length=400), AfterValidator(_tags)] = ""


class ConsentForm(Form):
    on: bool
    next: Target = "/settings"
