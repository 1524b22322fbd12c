"""The title of a column's lesson as found in its file, and the name of its folder."""

import binascii
import re
import unicodedata
from html import unescape

from app.columns.comments import RULE, Line, Note
from app.columns.titles import Title, stem, title_of, title_of_file, title_of_heading
from app.core.i18n import N_
from app.core.sentences import Sentence

_TITLE = re.compile(r"^\s*#\s+(\S.*)$")
# What may stand before the headline of a page that was saved as it is.
_AROUND = re.compile(
    r"(?:\s|<!doctype[^<>]*>|<!--(?:(?!-->).)*-->|<title(?:\s[^<>]*)?>[^<>]*</title>"
    r"|</?(?:html|head|body|main|article|section|header|div|meta|link)(?:\s[^<>]*)?/?>)*",
    re.I,
)
_HEADLINE = re.compile(r"<h1(?:\s[^<>]*)?>((?:(?!</?h1\b).)*)</h1\s*>", re.I)
# With a picture or a link in it, it is no mere headline.
_STYLE = re.compile(r"</?(?:b|strong|i|em|u|s|span|font|code|small|sub|sup|br|wbr)(?:\s[^<>]*)?/?>", re.I)
# Lines of one headline, and those that may be looked at before it.
MOST_LINES, MOST_AROUND = 5, 60
_FRONT_MATTER = re.compile(r"[\w-]+\s*:.*|\s+\S.*|-\s.*|#.*|\s*")


def lesson_title(name: str, lines: list[Line], note: Note) -> tuple[Title, list[Line]]:
    """The lesson's title: from front matter, from `# …` or `<h1>…</h1>` at the beginning, or the file's name."""
    of_file = title_of_file(name)
    matter, lines = _front_matter(lines, note)
    first = next((index for index, (_, text) in enumerate(lines) if text.strip()), None)
    line = "" if first is None else lines[first][1]
    markdown = _TITLE.match(line)
    if markdown and first is not None:
        html, lines = "", lines[first + 1 :]
    else:
        html, lines = _html_headline(lines)
    text = unescape(markdown[1]) if markdown else html or matter
    if not text:
        note(0, Sentence(N_("the title was taken from the file's name: {title}"), title=of_file.text))
        return of_file, lines
    found = title_of_heading(text) if markdown else title_of(text)
    return Title(found.text, of_file.number if found.number is None else found.number), lines


def _html_headline(lines: list[Line]) -> tuple[str, list[Line]]:
    """The words of an `<h1>` before all other text, which may stand on a line with others or on several; and the lines without it."""
    for index, (number, line) in enumerate(lines[:MOST_AROUND]):
        around = _AROUND.match(line)
        assert around
        begin = around.end()
        if begin == len(line):
            continue
        for last in range(index, min(index + MOST_LINES, len(lines))):
            whole = " ".join(text for _, text in lines[index : last + 1])
            if match := _HEADLINE.match(whole, begin):
                inside = _STYLE.sub("", match[1])
                words = "" if "<" in inside else " ".join(unescape(inside).split())
                rest = whole[:begin] + whole[match.end() :]
                kept = [(number, rest)] if rest.strip() else []
                return words, [*lines[:index], *kept, *lines[last + 1 :]] if words else lines
        break
    return "", lines


def _front_matter(lines: list[Line], note: Note) -> tuple[str, list[Line]]:
    """The title in lines `key: value` between two rules at the beginning of a file, and the lines after them."""
    end = next((i for i, (_, text) in enumerate(lines[1:60], start=1) if RULE.match(text)), 0)
    if not lines or not RULE.match(lines[0][1]) or not end:
        return "", lines
    inside = lines[1:end]
    if not any(":" in text for _, text in inside) or not all(
        _FRONT_MATTER.fullmatch(text) for _, text in inside
    ):
        return "", lines
    title = ""
    for number, text in inside:
        key, _, value = text.partition(":")
        if key.strip().lower() == "title" and not title:
            title = value.strip().strip("\"'")
        elif text.strip():
            note(number, Sentence(N_("this line before the lesson was left out: {text}"), text=text.strip()))
    return title, lines[end + 1 :]


def slug_of(name: str, title: Title) -> str:
    """`03 | 线性回归.md` -> `03`; a name without Latin letters and digits gets a number from its characters."""
    text = stem(name)
    if title.number is not None:
        text = f"{title.number:02} {title_of_file(name).text}"
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:60].strip("-")
    return slug or f"lesson-{checksum(stem(name))}"


def checksum(text: str) -> str:
    return f"{binascii.crc32(text.encode('utf-8', 'replace')):08x}"
