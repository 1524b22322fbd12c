"""Code in a typed text: where it is, and where the marks that preserve it are missing.

This is no Markdown parser, which only sandboxed processes run: it finds what people usually write, and what it misses is still
rendered correctly (see comment_html.py).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

_FENCE = re.compile(r"(?:[ ]{0,3}(?:>|[-*+][ ]|\d{1,9}[.)][ ]))*[ ]{0,3}(`{3,}|~{3,})([^\n]*)")
_END = re.compile(r"[\s>]*(`{3,}|~{3,})\s*$")
_TICKS = re.compile(r"`+")
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n")
_CHINESE = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")

# A longer line is prose.
_LONGEST_LINE = 300
_NAME = r"[A-Za-z_][A-Za-z0-9_.]*"
_PROMPT = re.compile(r">>>(?: |$)")
# Nobody writes these as prose.
_STRONG = re.compile(
    rf"(?:async )?def [A-Za-z_]\w*\(|class [A-Za-z_]\w*(?:\(.*\))?:|import {_NAME}(?: as \w+)?(?:, ?{_NAME}(?: as \w+)?)*\s*$"
    rf"|from {_NAME} import [A-Za-z0-9_*, ()]+$|print\(|#include\b|@{_NAME}(?:\(.*\))?\s*$|if __name__"
    r"|Traceback \(most recent call last\):|In ?\[\d+\]: "
)
# What comes at the end of a traceback, and what a notebook answers.
_ANSWER = re.compile(
    r"(?:[\w.]+\.)?[A-Z]\w*(?:Error|Exception|Interrupt|Warning|Iteration|Exit)\b(?::|$)|Out ?\[\d+\]: "
)
_CONTROL = re.compile(
    r"(?:for .+ in .+|while .+|if .+|elif .+|else|try|except.*|finally|with .+)\s*:\s*(?:#.*)?$"
)
_WEAK = re.compile(
    rf"{_NAME}(?:\[[^\]]*\])?(?:, ?{_NAME})* ?[-+*/]?= ?\S|{_NAME}\(.*\)\s*;?\s*$|(?:return|raise|yield|del|assert)\b|#|//|[}})\]]+[;,]?\s*$"
    r"|.*[{;]\s*$|(?:const|let|var|function)\s"
)
_SPOILED = re.compile(r"__|\*")


@dataclass(frozen=True)
class _Line:
    start: int
    end: int
    text: str
    is_free: bool  # outside a code block

    @property
    def indent(self) -> int:
        text = self.text.expandtabs(4)
        return len(text) - len(text.lstrip(" "))


def outside_code(text: str, change: Callable[[str], str], inside: Callable[[str], str] = str) -> str:
    """`text` with everything but code changed by `change`, and code by `inside`."""
    pieces: list[str] = []
    position = 0
    for start, end in _spans(text):
        pieces += [change(text[position:start]), inside(text[start:end])]
        position = end
    return "".join([*pieces, change(text[position:])])


def has_loose_code(text: str) -> bool:
    """Whether there are lines of code outside a code block, where indentation, `__init__` and `>>>` would be lost."""
    may_be = "\n" in text or ">>>" in text or "__" in text
    return may_be and next(_runs(text), None) is not None


def with_code_blocks(text: str) -> str:
    """The text with these lines in code blocks, otherwise unchanged."""
    pieces: list[str] = []
    position = 0
    for lines in _runs(text):
        start, end = lines[0].start, lines[-1].end
        code = text[start:end].rstrip()
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", code)), default=0))
        before = text[position:start].rstrip("\n")
        pieces += [before, "\n\n" if before.strip() or pieces else ""]
        pieces.append(f"{fence}{_language(lines)}\n{code}\n{fence}")
        position = end
        if text[end:].strip():
            pieces.append("\n\n")
            position += len(text[end:]) - len(text[end:].lstrip("\n"))
    return "".join([*pieces, text[position:]])


def _runs(text: str) -> Iterator[list[_Line]]:
    """Runs of lines that form one piece of code."""
    run: list[_Line] = []
    for line in [*_lines(text), None]:
        if line is not None and line.is_free and run and (not line.text.strip() or _goes_on(run, line)):
            run.append(line)
            continue
        while run and not run[-1].text.strip():
            run.pop()
        if _is_code(run):
            yield run
        run = [line] if line is not None and line.is_free and line.indent < 4 and _may_begin(line) else []


def _may_begin(line: _Line) -> bool:
    text = line.text.lstrip()
    return len(text) <= _LONGEST_LINE and bool(
        _PROMPT.match(text) or _STRONG.match(text) or _CONTROL.match(text) or _WEAK.match(text)
    )


def _goes_on(run: list[_Line], line: _Line) -> bool:
    """Whether `line` continues the code; after a prompt comes Python's output."""
    if len(line.text) > _LONGEST_LINE:
        return False
    is_answer = bool(run[-1].text.strip()) and any(_PROMPT.match(each.text.lstrip()) for each in run)
    return (
        line.indent >= 2
        or _may_begin(line)
        or bool(_ANSWER.match(line.text))
        or (is_answer and not _CHINESE.search(line.text))
    )


def _is_code(run: list[_Line]) -> bool:
    lines = [line for line in run if line.text.strip()]
    texts = [line.text.lstrip() for line in lines]
    if any(_PROMPT.match(text) for text in texts):
        return True
    is_sure = any(_STRONG.match(text) for text in texts) or any(
        _CONTROL.match(text) and lines[number + 1].indent > lines[number].indent
        for number, text in enumerate(texts[:-1])
    )
    if len(lines) == 1:
        return is_sure and bool(_SPOILED.search(texts[0]))
    return is_sure or (len(lines) >= 3 and any(line.indent >= 2 for line in lines[1:]))


def _language(lines: list[_Line]) -> str:
    texts = [line.text.lstrip() for line in lines]
    if any(_PROMPT.match(text) for text in texts):
        return "pycon"
    is_python = any(
        (_STRONG.match(text) and not text.startswith(("#include", "Traceback", "In ")))
        or _CONTROL.match(text)
        for text in texts
    )
    return "python" if is_python else ""


def _lines(text: str) -> Iterator[_Line]:
    blocks = list(_blocks(text))
    position = number = 0
    for line in text.splitlines(keepends=True):
        while number < len(blocks) and blocks[number][1] <= position:
            number += 1
        is_free = number == len(blocks) or position < blocks[number][0]
        yield _Line(position, position + len(line), line.rstrip("\r\n"), is_free)
        position += len(line)


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each fenced block; an unclosed one extends to the end."""
    position, start, fence = 0, 0, ""
    for line in text.splitlines(keepends=True):
        if fence:
            end = _END.match(line)
            if end and end[1].startswith(fence):
                yield start, position + len(line)
                fence = ""
        else:
            begin = _FENCE.match(line)
            if begin and not (begin[1][0] == "`" and "`" in begin[2]):
                start, fence = position, begin[1]
        position += len(line)
    if fence:
        yield start, len(text)


def _inline(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Between two equally long runs of backticks within a paragraph. Each run is looked at once."""
    ends = [match.start() for match in _PARAGRAPH_END.finditer(text, start, end)]
    for first, last in pairwise([start, *ends, end]):
        rows = [match.span() for match in _TICKS.finditer(text, first, last)]
        later: dict[int, list[int]] = {}
        for number, (begin, stop) in enumerate(rows):
            later.setdefault(stop - begin, []).append(number)
        number = 0
        while number < len(rows):
            begin, stop = rows[number]
            same = later[stop - begin]
            while same and same[0] <= number:
                same.pop(0)
            number += 1
            if same and text[begin - 1 : begin] != "\\":
                yield begin, rows[same[0]][1]
                number = same[0] + 1


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of code blocks and inline code, in order."""
    position = 0
    for start, end in [*_blocks(text), (len(text), len(text))]:
        yield from _inline(text, position, start)
        if end > start:
            yield start, end
        position = end
