"""The bundled lessons as seen by this folder's tests."""

import re
from dataclasses import dataclass
from pathlib import Path

from app.core.config import ROOT
from app.publishing.sources import LessonSource, QuizSource, parse_course, parse_lesson, parse_quiz

COURSE = ROOT / "content" / "deep-learning"
LESSONS = [
    slug
    for module in parse_course((COURSE / "course.toml").read_text(encoding="utf-8")).modules
    for slug in module.lessons
]
LANGUAGES = ("zh", "en")

_FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_DISPLAYED = re.compile(r"\$\$.+?\$\$", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: its first line in the file, its text, and the ```text block right after it, if there is one."""

    line: int
    kind: str
    text: str
    printed: str | None = None


def folder(slug: str) -> Path:
    return COURSE / slug


def lesson(slug: str) -> LessonSource:
    return parse_lesson((folder(slug) / "lesson.toml").read_text(encoding="utf-8"))


def quiz(slug: str) -> QuizSource:
    return parse_quiz((folder(slug) / "quiz.toml").read_text(encoding="utf-8"))


def text(slug: str, language: str) -> str:
    return (folder(slug) / f"{language}.md").read_text(encoding="utf-8")


def blocks(source: str, kind: str) -> list[Block]:
    """The fenced blocks of one kind, in order."""
    fences = list(_FENCE.finditer(source))
    found = []
    for number, fence in enumerate(fences):
        following = fences[number + 1] if number + 1 < len(fences) else None
        printed = following[2] if following and following[1] == "text" else None
        if fence[1] == kind:
            found.append(Block(source[: fence.start()].count("\n") + 2, kind, fence[2], printed))
    return found


def without_code(source: str) -> str:
    return _FENCE.sub("", source)


def chinese_characters(source: str) -> int:
    """Number of Han characters outside code: what a reader reads."""
    return len(re.findall(r"[一-鿿]", without_code(source)))


def displayed_formulas(source: str) -> list[float]:
    """The fraction of the text, from 0 to 1, before each display formula: by Han characters and words."""
    prose = without_code(source)
    return [_read(prose[: match.start()]) / _read(prose) for match in _DISPLAYED.finditer(prose)]


def _read(prose: str) -> int:
    return len(re.findall(r"[一-鿿]|[A-Za-z]{2,}", re.sub(r"\$[^$]*\$", "", prose)))


def placed(source: str, kind: str) -> list[str]:
    """The names after `::: kind`, in order: labs, quiz questions, interactive figures."""
    return [
        name
        for names in re.findall(rf"^::: {kind} (.+)$", source, re.MULTILINE)
        for name in names.split()
        if not name.startswith("run=")
    ]


def drawings(source: str) -> list[str]:
    """The files of the pictures."""
    return re.findall(r"^!\[[^\]]+\]\((\S+)", source, re.MULTILINE)


def terms(source: str) -> list[str]:
    """The keys of the terms marked in the text."""
    return re.findall(r"\]\{term=([a-z0-9-]+)\}", source)
