"""The files a course is written in, as typed objects (docs/content-format.md describes them)."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from app.jobs.goals import Condition
from app.text import Bilingual, Slug, Strict

LESSON_FILES = ("lesson.toml", "zh.md", "en.md", "quiz.toml")


class ModuleSource(Strict):
    slug: Slug
    title: Bilingual
    lessons: list[Slug]


class CourseSource(Strict):
    slug: Slug
    title: Bilingual
    summary: Bilingual
    modules: list[ModuleSource]


class Choice(Strict):
    value: str
    label: Bilingual


class Guess(Strict):
    """A question that is asked before the job is sent."""

    question: Bilingual
    kind: Literal["number", "choice"]
    metric: str | None = None
    options: list[Choice] = []

    @model_validator(mode="after")
    def has_what_its_kind_needs(self) -> "Guess":
        if self.kind == "number" and not self.metric:
            raise ValueError('a guess of kind "number" needs `metric`')
        if self.kind == "choice" and len(self.options) < 2:
            raise ValueError('a guess of kind "choice" needs at least two `options`')
        return self


class Goal(Strict):
    text: Bilingual
    conditions: Annotated[list[Condition], Field(min_length=1)]


class Measured(Strict):
    text: Bilingual
    explain: Bilingual


class LabSource(Strict):
    key: Slug
    recipe: Slug
    title: Bilingual
    task: Bilingual
    defaults: dict[str, Any] = {}
    fixed: dict[str, Any] = {}
    hidden: list[str] = []
    shown: list[str] = []
    guess: Guess | None = None
    goal: Goal | None = None
    measured: Measured | None = None


class Term(Strict):
    key: Slug
    zh: str
    en: str
    definition: Bilingual


class LessonSource(Strict):
    title: Bilingual
    question: Bilingual
    minutes: Annotated[int, Field(ge=1, le=600)]
    needs: list[Slug] = []
    figures: list[Slug] = []
    labs: list[LabSource] = []
    terms: list[Term] = []


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
    return CourseSource.model_validate(tomllib.loads(text))


def parse_lesson(text: str) -> LessonSource:
    """Raises tomllib.TOMLDecodeError or pydantic.ValidationError."""
    return LessonSource.model_validate(tomllib.loads(text))


def parse_quiz(text: str) -> QuizSource:
    """Raises tomllib.TOMLDecodeError or pydantic.ValidationError."""
    return QuizSource.model_validate(tomllib.loads(text))


def read_lesson_folder(folder: Path) -> tuple[dict[str, str], dict[str, bytes]]:
    """The texts and the pictures of a lesson's folder. A file that is missing is missing in the result."""
    texts = {name: (folder / name).read_bytes().decode("utf-8") for name in LESSON_FILES if (folder / name).exists()}
    figures = sorted(path for path in (folder / "figures").glob("*") if path.is_file())
    return texts, {f"figures/{path.name}": path.read_bytes() for path in figures}
