"""The selected comments below a column's lesson.

##### **昊：                              a comment by a masked name: one or two stars, any characters
> text                                    its body; it may continue, with or without the mark
###### &nbsp;&nbsp;&nbsp; 讲师回复：       a reply to it, by the lecturer or the column's staff
> &nbsp;&nbsp;&nbsp; text

What people typed is plain text: `>>>`, `*a*`, `<b>`, `1.` and leading spaces have no Markdown meaning.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from app.core.i18n import N_
from app.core.sentences import Sentence

Note = Callable[[int, str], None]
Line = tuple[int, str]

_BLANK = r"(?:&nbsp;|&#160;|&#x0*a0;|&e[mn]sp;|&ensp;|[\s\u00a0\u2000-\u200b\u3000\ufeff])"
_SOMEBODY = "回复"
_LEADING = re.compile(f"^{_BLANK}+", re.I)
_TRAILING = re.compile(f"{_BLANK}+$", re.I)
_HEADING = re.compile(r"^\s{0,3}(#{1,6})(?!#)(.*)$", re.S)
_SECTION = re.compile(r"^\s{0,3}#{1,4}(?!#)\s*\**\s*(精选|用户|学员|全部)?(评论|留言)\s*\**\s*[:：]?\s*$")
_FENCE = re.compile(r"^\s{0,3}(?:>\s?)?\s*(```|~~~)")
# The quotation mark of a line. `>>> x` is a line that somebody typed.
_MARK = re.compile(r"^\s{0,3}>(?=[\s\u00a0\u3000&]|$)")
_FIRST_MARK = re.compile(r"^\s{0,3}>")
# What exporters indent the lines of a reply with; anything beyond it is the author's.
_PUSH = re.compile(r"^(?:&nbsp;|&#160;|&#x0*a0;|&e[mn]sp;|\u00a0){1,3} ?", re.I)
_REPLY = re.compile(r"^[^：:]*回复[^：:]*[：:]")
_STRAY = N_("this text belongs to no comment and was put at the end of the lesson: {text}")
RULE = re.compile(r"^\s{0,3}-{3,}\s*$")


@dataclass
class Reply:
    by: str
    lines: list[str] = field(default_factory=list)
    body: str = ""

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip("\n")


@dataclass
class Comment:
    """`name` as masked by the column, `text` as typed; `body` is the Markdown that shows it like that."""

    line: int
    name: str
    lines: list[str] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    body: str = ""

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip("\n")


def find_comments(lines: Sequence[Line], note: Note) -> tuple[int, int]:
    """Where the lesson ends and where the comments begin, as indexes into `lines`; both are len(lines) if there are none.

    A horizontal rule may occur in the lesson too: the one that counts is followed by a heading.
    """
    for index, (_, text) in enumerate(lines):
        if RULE.match(text):
            after = next((i for i in range(index + 1, len(lines)) if lines[i][1].strip()), None)
            if after is not None and (_SECTION.match(lines[after][1]) or _name(lines[after][1]) is not None):
                return index, index + 1
    for index, (number, text) in enumerate(lines):
        if _SECTION.match(text) or (_name(text) or "").startswith("*"):
            note(number, Sentence(N_("the comments begin here without a line `---` before them")))
            return index, index
    return len(lines), len(lines)


def read_comments(lines: Sequence[Line], note: Note) -> tuple[list[Comment], list[Line]]:
    """The comments, and the lines before the first one that belong to none."""
    comments: list[Comment] = []
    stray: list[Line] = []
    in_fence = False
    for number, text in lines:
        heading = _HEADING.match(text)
        name = _name(text)
        # Code in a comment may have lines that begin with #; a masked name begins a comment all the same.
        if name is not None and (not in_fence or name.startswith("*")):
            comments.append(_comment(number, name, note))
            in_fence = False
        elif heading and _begins_reply(heading) and comments and (not in_fence or "回复" in text):
            comments[-1].replies.append(_reply(number, heading[2], note))
            in_fence = False
        elif not in_fence and _SECTION.match(text):
            continue
        elif not comments:
            if text.strip():
                note(number, Sentence(_STRAY, text=text.strip()[:60]))
                stray.append((number, text))
        else:
            replies = comments[-1].replies
            current = replies[-1] if replies else comments[-1]
            is_first = not any(line.strip() for line in current.lines)
            current.lines.append(_unmarked(text, is_first=is_first, is_reply=bool(replies)))
            in_fence ^= bool(_FENCE.match(text))
            if heading and not in_fence:
                note(
                    number, Sentence(N_("this heading is part of a comment: {text}"), text=text.strip()[:60])
                )
    for comment in comments:
        if not comment.text:
            note(comment.line, Sentence(N_("the comment of {name} has no text"), name=comment.name))
    return comments, stray


def _begins_reply(heading: re.Match[str]) -> bool:
    """A level-6 heading with the words of a reply or exporters' indentation: people type headings, too."""
    words = heading[2].lstrip()
    return len(heading[1]) == 6 and bool(_REPLY.search(words) or _PUSH.match(words))


def _name(text: str) -> str | None:
    """The name in a line that begins a comment, with any text after its colon; None for any other line."""
    heading = _HEADING.match(text)
    if not heading or len(heading[1]) != 5:
        return None
    name = _LEADING.sub("", _TRAILING.sub("", heading[2]))
    return name if name.endswith(("：", ":")) or name.startswith("*") or "*" in name.split("：")[0] else None


def _comment(number: int, name: str, note: Note) -> Comment:
    if name.endswith(("：", ":")):
        return Comment(number, name[:-1].rstrip())
    name, colon, body = name.partition("：")
    if colon:
        note(number, Sentence(N_("the comment begins on the line of its name")))
        return Comment(number, name.rstrip(), [body.strip()])
    note(number, Sentence(N_("there is no colon after the name {name}"), name=name[:40]))
    return Comment(number, name)


def _reply(number: int, text: str, note: Note) -> Reply:
    text = _LEADING.sub("", _TRAILING.sub("", text))
    label, colon, body = text.partition("：")
    if not colon:
        label, colon, body = text.partition(":")
    by = label.partition("回复")[0].strip()
    if not colon or "回复" not in label or len(label) > 20:
        note(
            number,
            Sentence(N_("this is not how a reply begins; it was taken for one: {text}"), text=text[:60]),
        )
        return Reply(_SOMEBODY, [text] if text else [])
    return Reply(by or _SOMEBODY, [_LEADING.sub("", body)] if body.strip() else [])


def _unmarked(text: str, *, is_first: bool, is_reply: bool) -> str:
    """A line of a body without its `>`, and a reply's without its indentation."""
    mark = (_FIRST_MARK if is_first else _MARK).match(text)
    if mark:
        text = text[mark.end() :].removeprefix(" ")
    if is_reply:
        text = _PUSH.sub("", text)
    return _TRAILING.sub("", text)
