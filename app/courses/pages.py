"""View models of the course pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.courses.editions import Edition
from app.courses.models import Course, Lesson
from app.jobs.lab_runs import LabRun
from app.jobs.models import Job
from app.labs.pages import LabForm
from app.quizzes.pages import QuestionView


def as_number(number: int) -> str:
    """A lesson's number, padded so that lists align: 07."""
    return f"{number:02d}"


@dataclass(frozen=True)
class LessonEntry:
    """A lesson in a list, with its reader's progress; `is_open` if there is a reading position. `number` counts within the course."""

    lesson: Lesson
    number: str
    address: str
    is_read: bool
    labs_done: int
    labs: int
    questions_done: int
    questions: int
    is_open: bool

    @property
    def is_done(self) -> bool:
        return self.is_read and self.labs_done == self.labs and self.questions_done == self.questions

    @property
    def is_started(self) -> bool:
        return bool(self.is_open or self.is_read or self.labs_done or self.questions_done)


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

    @property
    def is_begun(self) -> bool:
        return any(entry.is_started for module in self.modules for entry in module.lessons)


@dataclass(frozen=True)
class GoOn:
    """Where a reader continues today: `section` is the heading of the position, empty at a lesson's beginning."""

    page: CoursePage
    entry: LessonEntry
    address: str
    section: str = ""


@dataclass(frozen=True)
class RunningJob:
    """A running or queued training; `curve` is its loss as a small SVG path, empty before the second epoch."""

    job: Job
    title: str
    epochs_done: int
    epochs: int
    curve: str


@dataclass(frozen=True)
class FirstLab:
    """The first training that a course offers; `trial` is where a visitor starts it, "" where it is for members."""

    title: Mapping[str, str]
    task_html: Mapping[str, str]
    entry: LessonEntry
    address: str
    trial: str


@dataclass(frozen=True)
class HomePage:
    """The main course, then the others; `go_on` and `job` for a reader, `first_lab` for a visitor."""

    main: CoursePage | None
    others: Sequence[CoursePage]
    archived: Sequence[CoursePage]
    go_on: GoOn | None
    job: RunningJob | None
    first_lab: FirstLab | None


@dataclass(frozen=True)
class LabView:
    """A lab in a lesson: its form, the reader's jobs from it, whether its goal is reached.

    Without a form it is no longer offered: its recipe, or a setting that it names, is gone.
    """

    lab: Mapping[str, Any]
    form: LabForm | None
    runs: Sequence[LabRun]
    is_done: bool
    # The finished ones, for figures that show them.
    points: Sequence[Mapping[str, Any]] = ()
    # Where a visitor starts it as it stands; "" where it is for members.
    trial: str = ""
    # Of the curve of everybody's trainings; "" for visitors, and where nothing can be varied.
    curve: str = ""


@dataclass(frozen=True)
class Neighbour:
    """The lesson before or after this one."""

    address: str
    title: Mapping[str, str]


@dataclass(frozen=True)
class LastPosition:
    """The reading position: a heading, and the fraction of its section scrolled past."""

    anchor: str
    title: str
    fraction: float


@dataclass(frozen=True)
class Completion:
    """A reader's progress in a lesson: read to the end, questions answered correctly, labs' goals reached."""

    is_read: bool
    questions: Sequence[QuestionView]
    labs: Sequence[LabView]

    @property
    def missing_questions(self) -> list[QuestionView]:
        return [question for question in self.questions if not question.is_passed]

    @property
    def missing_labs(self) -> list[LabView]:
        return [lab for lab in self.labs if lab.form and not lab.is_done]

    @property
    def is_complete(self) -> bool:
        return self.is_read and not self.missing_questions and not self.missing_labs


@dataclass(frozen=True)
class LessonPage:
    course: Course
    lesson: Lesson
    # Empty for a lesson not among the published ones yet.
    number: str
    address: str
    revision: Edition
    segments: Sequence[Mapping[str, Any]]
    contents: Sequence[Mapping[str, Any]]
    terms: Sequence[Mapping[str, Any]]
    labs: Mapping[str, LabView]
    questions: Mapping[str, QuestionView]
    previous: Neighbour | None
    next: Neighbour | None
    place: LastPosition | None
    completion: Completion
    figures: list[str]
    # "zh" or "en": the reader's language, unless the lesson exists only in the other one.
    language: str
