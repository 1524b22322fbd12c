"""The files a course is written in, as typed objects (see docs/content-format.md)."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from app.core.text import Bilingual, Slug, Strict, Term
from app.labs.sources import LabSource
from app.publishing import toml_reading

LESSON_FILES = ("lesson.toml", "zh.md", "en.md", "quiz.toml")
TEXT_FILES = ("zh.md", "en.md")
# A valid file name on every system, which cannot lead out of the folder.
PICTURE = re.compile(r"figures/[A-Za-z0-9][\w.-]{0,99}\.(svg|png|jpe?g|webp|gif)", re.ASCII)


class ModuleSource(Strict):
    slug: Slug
    title: Bilingual
    lessons: list[Slug]


class CourseSource(Strict):
    slug: Slug
    title: Bilingual
    summary: Bilingual
    # The number of the first lesson: 0 if the course begins with an introduction.
    first_number: Annotated[int, Field(ge=0, le=1000)] = 1
    modules: list[ModuleSource]


class LessonSource(Strict):
    title: Bilingual
    # The one question the lesson answers; an imported lesson may have none.
    question: Bilingual | None = None
    minutes: Annotated[int, Field(ge=1, le=600)]
    needs: list[Slug] = []
    figures: list[Slug] = []
    labs: list[LabSource] = []
    terms: list[Term] = []

    @model_validator(mode="after")
    def keys_differ(self) -> "LessonSource":
        for noun, keys in (
            ("lab", [lab.key for lab in self.labs]),
            ("term", [term.key for term in self.terms]),
        ):
            doubled = {key for key in keys if keys.count(key) > 1}
            if doubled:
                raise ValueError(f"the {noun} key {sorted(doubled)[0]!r} is used twice")
        return self


class Option(Strict):
    text: Bilingual
    correct: bool = False
    why: Bilingual


class QuestionSource(Strict):
    key: Slug
    kind: Literal["single", "multiple", "number", "order", "code"]
    prompt: Bilingual
    options: list[Option] = []
    items: list[Bilingual] = []
    answer: float | None = None
    tolerance: float = 0
    check: str | None = None
    code: str | None = None
    answers: list[str] = []
    why: Bilingual | None = None

    @model_validator(mode="after")
    def has_what_its_kind_needs(self) -> "QuestionSource":
        correct = sum(option.correct for option in self.options)
        faults = {
            "single": correct != 1 and 'a "single" question needs exactly one correct option',
            "multiple": correct < 1 and 'a "multiple" question needs a correct option',
            "number": self.answer is None and 'a "number" question needs `answer`',
            "order": len(self.items) < 2 and 'an "order" question needs at least two `items`',
            "code": (not self.code or not self.answers) and 'a "code" question needs `code` and `answers`',
        }
        if faults[self.kind]:
            raise ValueError(str(faults[self.kind]))
        if self.kind in {"number", "order", "code"} and self.why is None:
            raise ValueError("a question without options needs `why`")
        return self


class QuizSource(Strict):
    questions: list[QuestionSource] = []

    @model_validator(mode="after")
    def keys_differ(self) -> "QuizSource":
        keys = [question.key for question in self.questions]
        doubled = {key for key in keys if keys.count(key) > 1}
        if doubled:
            raise ValueError(f"the key {sorted(doubled)[0]!r} is used twice")
        return self


def parse_course(text: str) -> CourseSource:
    """Raises tomllib.TOMLDecodeError or pydantic.ValidationError."""
    return CourseSource.model_validate(toml_reading.loads(text))


def parse_lesson(text: str) -> LessonSource:
    """Raises tomllib.TOMLDecodeError or pydantic.ValidationError."""
    return LessonSource.model_validate(toml_reading.loads(text))


def parse_quiz(text: str) -> QuizSource:
    """Raises tomllib.TOMLDecodeError or pydantic.ValidationError."""
    return QuizSource.model_validate(toml_reading.loads(text))


@dataclass(frozen=True)
class LessonFiles:
    """A lesson's folder as bytes. `unknown` are files without a role in it."""

    slug: str
    files: Mapping[str, bytes]
    pictures: Mapping[str, bytes]
    unknown: tuple[str, ...] = ()

    @cached_property
    def sources(self) -> dict[str, str]:
        """The texts, exactly. Raises UnicodeDecodeError."""
        return {name: content.decode("utf-8") for name, content in self.files.items()}

    @cached_property
    def digest(self) -> str:
        return digest(self.files, self.pictures)


@dataclass(frozen=True)
class CourseFiles:
    """A course's folder, read once. `lessons` has every lesson listed in course.toml that has a folder."""

    folder: Path
    text: str
    course: CourseSource
    lessons: Mapping[str, LessonFiles]

    @property
    def listed(self) -> list[str]:
        return [slug for module in self.course.modules for slug in module.lessons]

    def digest(self) -> str:
        """SHA-256 over every file of the course."""
        names = [self.text, *(f"{slug} {files.digest}" for slug, files in sorted(self.lessons.items()))]
        return hashlib.sha256("\0".join(names).encode()).hexdigest()


def read_course(folder: Path) -> CourseFiles:
    """Raises OSError, UnicodeDecodeError, and what `parse_course` raises."""
    text = (folder / "course.toml").read_bytes().decode("utf-8")
    course = parse_course(text)
    listed = dict.fromkeys(slug for module in course.modules for slug in module.lessons)
    return CourseFiles(
        folder,
        text,
        course,
        {slug: read_lesson(folder / slug) for slug in listed if (folder / slug).is_dir()},
    )


def read_lesson(folder: Path) -> LessonFiles:
    """Missing files are missing in the result."""
    files, pictures, unknown = {}, {}, []
    for path in sorted(
        path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")
    ):
        name = path.relative_to(folder).as_posix()
        if name in LESSON_FILES:
            files[name] = path.read_bytes()
        elif PICTURE.fullmatch(name):
            pictures[name] = path.read_bytes()
        else:
            unknown.append(name)
    return LessonFiles(folder.name, files, pictures, tuple(unknown))


def digest(files: Mapping[str, bytes], pictures: Mapping[str, bytes]) -> str:
    """SHA-256 over all files of a lesson, by name."""
    return digest_of_hashes(
        {name: hashlib.sha256(content).digest() for name, content in {**files, **pictures}.items()}
    )


def digest_of_hashes(hashes: Mapping[str, bytes]) -> str:
    """The same from the SHA-256 of each file."""
    total = hashlib.sha256()
    for name in sorted(hashes):
        total.update(name.encode() + b"\0" + hashes[name])
    return total.hexdigest()
