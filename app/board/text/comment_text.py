"""What a comment's text may be, before it is stored."""

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
# A day's check-in says enough in two characters: 打卡, day 1, Day12完成, 第3天. Chinese goes on without a space.
_CHECK_IN = re.compile(
    r"打卡|签到|(?<![A-Za-z])(?:check(?:ed)?[ -]?in(?![A-Za-z])|day ?(?:\d{1,4}(?!\d)|one(?![A-Za-z])))|第 ?[\d一二三四五六七八九十百]{1,5} ?[天日]",
    re.I,
)
_TAG = re.compile(r"<[^>]*>")
# Letters and symbols by their category, with nothing to see: fillers of Hangul, the blank of Braille.
_BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800")


class Checked(str):
    """A text that may be stored, with its HTML: what was rendered before a transaction need not be rendered inside of it."""

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
    """The same, however short the text is: before a preview. Raises Invalid for `body`.

    A mention counts as its writer sees it, `@name`; as stored it is longer, so of hardly anything else there may be less.
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
    """Of characters that can be seen, and single spaces between them."""
    words = " ".join(unescape(text).split())
    enough = islice((each for each in words if each == " " or _is_seen(each)), SHORTEST)
    return sum(1 for _each in enough) < SHORTEST


def _is_seen(character: str) -> bool:
    return category(character)[0] in "LNPS" and character not in _BLANKS


def mentioned(body: str) -> list[UUID]:
    """The ids of those whom a text speaks to, each once: not of those in what it quotes, nor in code.

    For the names that stand in a text anywhere see `ids_in_text`.
    """
    if not MENTION.search(body):
        return []
    # What is no link in the HTML is no mention.
    return mentioned_in(rendered(body))
