"""Validation of a comment's text before it is stored."""

import re
from html import unescape
from itertools import islice
from unicodedata import category
from uuid import UUID

from app.board.text import comment_html
from app.board.text.mention_rule import MENTION
from app.board.text.mentions import as_read, mentioned_in, without_names
from app.core.errors import Invalid
from app.core.i18n import gettext as _

SHORTEST, LONGEST = 8, 4000
# A check-in may be two characters long: 打卡, day 1, Day12完成, 第3天. Chinese continues without a space.
_CHECK_IN = re.compile(
    r"打卡|签到|(?<![A-Za-z])(?:check(?:ed)?[ -]?in(?![A-Za-z])|day ?(?:\d{1,4}(?!\d)|one(?![A-Za-z])))|第 ?[\d一二三四五六七八九十百]{1,5} ?[天日]",
    re.I,
)
_TAG = re.compile(r"<[^>]*>")
# Letters and symbols by category, but invisible: Hangul fillers, the blank Braille pattern.
_BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800")


class Checked(str):
    """A validated text with its HTML: what was rendered before a transaction need not be rendered inside it."""

    __slots__ = ("html",)
    html: str


def rendered(body: str) -> str:
    return body.html if isinstance(body, Checked) else comment_html.rendered(body)


def checked_body(text: str) -> Checked:
    """The text as it is stored: without names in its mentions (see mentions.py). Raises Invalid for `body`."""
    if isinstance(text, Checked):
        return text
    body = bounded_body(text)
    html = rendered(body)
    is_empty = not any(map(_is_seen, unescape(_TAG.sub("", html))))
    if is_empty or (_is_short(as_read(text)) and not _CHECK_IN.search(body)):
        raise Invalid(
            {
                "body": _(
                    "Please say a little more: at least {shortest} characters, or “Day 3” for a check-in."
                ).format(shortest=SHORTEST)
            }
        )
    checked = Checked(body)
    checked.html = html
    return checked


def bounded_body(text: str) -> str:
    """The same without a minimum length: for a preview. Raises Invalid for `body`.

    A mention counts as its author sees it, `@name`; as stored it is longer, which leaves a little less room for the rest.
    """
    clean = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").strip()
    body = without_names(clean)
    length = max(len(as_read(clean)), len(body) // 4)
    if length > LONGEST:
        raise Invalid({"body": length_sentence(length)})
    return body


def length_sentence(length: int) -> str:
    return _("Please use at most {longest} characters; you have used {length}.").format(
        longest=LONGEST, length=length
    )


def quoted(body: str) -> str:
    """The text as a quotation, with an empty line to write on."""
    return "\n".join(f"> {line}".rstrip() for line in body.splitlines()) + "\n\n"


def _is_short(text: str) -> bool:
    """Counts visible characters, and single spaces between them."""
    words = " ".join(unescape(text).split())
    enough = islice((each for each in words if each == " " or _is_seen(each)), SHORTEST)
    return sum(1 for _each in enough) < SHORTEST


def _is_seen(character: str) -> bool:
    return category(character)[0] in "LNPS" and character not in _BLANKS


def mentioned(body: str) -> list[UUID]:
    """The ids of the users a text addresses, each once: not those in quotations or code.

    For the names anywhere in a text see `ids_in_text`.
    """
    if not MENTION.search(body):
        return []
    # What is not a link in the HTML is not a mention.
    return mentioned_in(rendered(body))
