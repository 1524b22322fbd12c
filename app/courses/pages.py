"""What the pages of a course show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.courses.models import Course, Lesson, LessonRevision
from app.jobs.models import Job
from app.jobs.pages import LabForm


@dataclass(frozen=True)
class LessonEntry:
    """A lesson in a list, and how far its reader is."""

    lesson: Lesson
    address: str
    is_read: bool
    labs_done: int
    labs: int

    @property
    def is_done(self) -> bool:
        return self.is_read and self.labs_done == self.labs


@dataclass(frozen=True)
class ModuleEntry:
    title: Mapping[str, str]
    lessons: list[LessonEntry]


@dataclass(frozen=True)
class CoursePage:
    """A course with its modules; `next` is the lesson to continue with."""

    course: Course
    modules: list[ModuleEntry]
    next: LessonEntry | None
    done: int
    total: int


@dataclass(frozen=True)
class HomePage:
    courses: list[CoursePage]


@dataclass(frozen=True)
class LabPlace:
    """A lab in a lesson: its form, the reader's jobs from it, whether its goal is reached."""

    lab: Mapping[str, Any]
    form: LabForm
    jobs: Sequence[Job]
    is_done: bool


@dataclass(frozen=True)
class QuestionPlace:
    """A question without its answer."""

    key: str
    kind: str
    prompt_html: str
    options: list[dict[str, Any]]
    code: str | None


@dataclass(frozen=True)
class LessonPage:
    course: Course
    lesson: Lesson
    revision: LessonRevision
    segments: Sequence[Mapping[str, Any]]
    contents: Sequence[Mapping[str, Any]]
    terms: Sequence[Mapping[str, Any]]
    labs: Mapping[str, LabPlace]
    previous: Lesson | None
    next: Lesson | None
    is_read: bool
    figures: list[str]
