"""The selected comments below a column's lesson.

##### **昊：                              a comment by a masked name: one or two stars, any characters
> text                                    its body; it may go on, with or without the mark
 ###### &nbsp;&nbsp;&nbsp; 讲师回复：       the lecturer's reply to it
> &nbsp;&nbsp;&nbsp; text
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Note = Callable[[int, str], None]
Line = tuple[int, str]

_BLANK = r"(?:&nbsp;|&#160;|&#x0*a0;|&e[mn]sp;|&ensp;|[\s\u00a0\u2000-\u200b\u3000\ufeff])"
_LEADING = re.compile(f"^{_BLANK}+", re.I)
_TRAILING = re.compile(f"{_BLANK}+$", re.I)
_HEADING = re.compile(r"^\s{0,3}(#{1,6})(?!#)(.*)$", re.S)
_SECTION = re.compile(r"^\s{0,3}#{1,4}(?!#)\s*\**\s*(精选|用户|学员|全部)?(评论|留言)\s*\**\s*[:：]?\s*$")
_FENCE = re.compile(r"^\s{0,3}(?:>\s?)?\s*(```|~~~)")
_BOLD = re.compile(r"<(b|strong)(?:\s[^<>]*)?>([^<>]*\S[^<>]*)</\1\s*>", re.I)
_LINE_BREAK = re.compile(r"<br\s*/?>", re.I)
RULE = re.compile(r"^\s{0,3}-{3,}\s*$")


@dataclass
class Reply:
    by: str
    lines: list[str] = field(default_factory=list)

    @property
    def body(self) -> str:
        return _body(self.lines)


@dataclass
class Comment:
    """`name` as it was masked; bodies are Markdown, in which raw HTML is only text."""

    line: int
    name: str
    lines: list[str] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)

    @property
    def body(self) -> str:
        return _body(self.lines)


def find_comments(lines: Sequence[Line], note: Note) -> tuple[int, int]:
    """Where the lesson ends and where the comments begin, as indexes of `lines`; both are len(lines) where there are none.

    A rule may stand in the lesson too: the one that counts has a heading after it.
    """
    for index, (_, text) in enumerate(lines):
        if RULE.match(text):
            after = next((i for i in range(index + 1, len(lines)) if lines[i][1].strip()), None)
            if after is not None and (_SECTION.match(lines[after][1]) or _name(lines[after][1]) is not None):
                return index, index + 1
    for index, (number, text) in enumerate(lines):
        if _SECTION.match(text) or (_name(text) or "").startswith("*"):
            note(number, "the comments begin here without a line `---` before them")
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
        elif heading and len(heading[1]) == 6 and (not in_fence or "回复" in text) and comments:
            comments[-1].replies.append(_reply(number, heading[2], note))
            in_fence = False
        elif not in_fence and _SECTION.match(text):
            continue
        elif not comments:
            if text.strip():
                note(
                    number,
                    f"this text belongs to no comment and was put at the end of the lesson: {text.strip()[:60]}",
                )
                stray.append((number, text))
        else:
            current = comments[-1].replies[-1] if comments[-1].replies else comments[-1]
            current.lines.append(_unmarked(text))
            in_fence ^= bool(_FENCE.match(text))
            if heading and not in_fence:
                note(number, f"this heading is part of a comment: {text.strip()[:60]}")
    for comment in comments:
        if not comment.body:
            note(comment.line, f"the comment of {comment.name} has no text")
    return comments, stray


def _name(text: str) -> str | None:
    """The name in a line that begins a comment, with what may stand after its colon; None for any other line."""
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
        note(number, "the comment begins on the line of its name")
        return Comment(number, name.rstrip(), [_unmarked(body.strip())])
    note(number, f"there is no colon after the name {name[:40]}")
    return Comment(number, name)


def _reply(number: int, text: str, note: Note) -> Reply:
    text = _LEADING.sub("", _TRAILING.sub("", text))
    label, colon, body = text.partition("：")
    if not colon:
        label, colon, body = text.partition(":")
    by = label.strip().removesuffix("回复").strip()
    if not colon or "回复" not in label or len(label) > 20:
        note(number, f"this is not how a reply begins; it was taken for one: {text[:60]}")
        return Reply("讲师", [text] if text else [])
    return Reply(by or "讲师", [_LEADING.sub("", body)] if body.strip() else [])


def _unmarked(text: str) -> str:
    """A line of a body without the `>` and without the non-breaking spaces that push it to the right."""
    text = re.sub(r"^\s{0,3}>", "", text) if re.match(r"^\s{0,3}>", text) else text
    padding = _LEADING.match(text)
    # Plain spaces may be the indentation of code: only one belongs to the mark.
    if padding and padding[0].strip(" \t"):
        text = text[padding.end() :]
    return _TRAILING.sub("", text.removeprefix(" "))


def _body(lines: Sequence[str]) -> str:
    text = _LINE_BREAK.sub("\\\n", "\n".join(lines)) if "`" not in "".join(lines) else "\n".join(lines)
    text = _BOLD.sub(r"**\2**", text) if "`" not in text else text
    text = re.sub(r"\n{3,}", "\n\n", text).strip("\n")
    return _LEADING.sub("", text) if not text.startswith("    ") else text
