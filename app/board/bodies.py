"""What a comment's text may be, before it is stored."""

import re

from app.board.mentions import without_names
from app.errors import Invalid
from app.i18n import gettext as _

SHORTEST, LONGEST = 8, 4000
# A day's check-in says enough in two characters: 打卡, day 1, Day 12, 第3天.
_CHECK_IN = re.compile(
    r"打卡|签到|\bcheck(?:ed)?[ -]?in\b|\bday ?\d{1,4}\b|第 ?[\d一二三四五六七八九十百]{1,5} ?[天日]", re.I
)


def checked_body(text: str) -> str:
    """The text as it is stored: without names in its mentions (see mentions.py). Raises Invalid for `body`."""
    body = without_names(text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")).strip()
    if len(body) > LONGEST:
        raise Invalid(
            {
                "body": _("Please use at most {longest} characters; these are {length}.").format(
                    longest=LONGEST, length=len(body)
                )
            }
        )
    if len(body) < SHORTEST and not _CHECK_IN.search(body):
        raise Invalid(
            {
                "body": _(
                    "Please say a little more: at least {shortest} characters, or “Day 3” for a check-in."
                ).format(shortest=SHORTEST)
            }
        )
    return body


def quoted(body: str) -> str:
    """The text as a quotation, with an empty line to write on."""
    return "\n".join(f"> {line}".rstrip() for line in body.splitlines()) + "\n\n"
