"""View models of the editing pages."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.authoring.checking import TextFault
from app.authoring.drafts import LessonText
from app.authoring.models import DeletedLesson, PublicationOrder
from app.authoring.presence import Editor
from app.authoring.revisions import FileDiff
from app.courses.models import Course, CourseState, Lesson, LessonRevision, Module
from app.recipes.recipe import Recipe
from app.web.fields import number_from

_OF_MANY = re.compile(r"^$|(^|-)\d+$|^(options|items|guess|guess-options|goal|goal-conditions|measured)$")


class LessonState(StrEnum):
    """A lesson's publication state: CHANGED is published, with a draft that differs."""

    NEW = "new"
    PUBLISHED = "published"
    CHANGED = "changed"
    UNPUBLISHED = "unpublished"


@dataclass(frozen=True)
class LessonRow:
    """`number` is the one that readers see; empty for a lesson hidden from them."""

    lesson: Lesson
    number: str
    title: Mapping[str, str]
    state: LessonState
    publish_at: datetime | None
    failed: bool


@dataclass(frozen=True)
class ModuleRows:
    module: Module
    lessons: list[LessonRow]


@dataclass(frozen=True)
class CourseRows:
    """`loose` are lessons in no module. `is_main`: the course that opens the home page."""

    course: Course
    modules: list[ModuleRows]
    loose: list[LessonRow]
    is_main: bool = False

    @property
    def is_read(self) -> bool:
        """Whether readers can find the course: a lesson is published, and the course is not hidden."""
        rows = (row for module in self.modules for row in module.lessons)
        return self.course.state != CourseState.HIDDEN and any(row.number for row in rows)


@dataclass(frozen=True)
class CoursesPage:
    courses: list[CourseRows]
    deleted: Sequence[DeletedLesson]


@dataclass(frozen=True)
class TitlesPage:
    """A form with titles in both languages: of a course, a module or a new lesson. `kind` selects its fields."""

    kind: str
    heading: str
    action: str
    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PictureEntry:
    """`is_used`: one of the two texts refers to it."""

    name: str
    address: str
    is_used: bool


@dataclass(frozen=True)
class Changed:
    """What publishing changes in a file: lines added and lines removed."""

    name: str
    added: int
    removed: int


@dataclass(frozen=True)
class ModuleChoice:
    """A possible destination of a lesson: a module, with its course."""

    id: UUID
    title: Mapping[str, str]
    course: Mapping[str, str]


@dataclass(frozen=True)
class EditorPage:
    """`removed` was taken out of the draft lately, each as (what it is, its name), and can be brought back.

    `theirs` is what somebody else saved in between: then `sources` is what was typed on top of an older version."""

    lesson: Lesson
    number: str
    title: Mapping[str, str]
    state: LessonState
    text: LessonText
    sources: Mapping[str, str]
    faults: Sequence[TextFault]
    gaps: Sequence[TextFault]
    pictures: Sequence[PictureEntry]
    others: Sequence[Editor]
    saved_by: str | None
    order: PublicationOrder | None
    can_bring_back: bool
    removed: Sequence[tuple[str, str]]
    questions: Sequence[str]
    labs: Sequence[str]
    terms: Sequence[str]
    changes: Sequence[Changed]
    places: Sequence[ModuleChoice]
    most_picture_bytes: int
    errors: Mapping[str, str] = field(default_factory=dict)
    theirs: Mapping[str, str] | None = None
    message: str | None = None

    @property
    def address(self) -> str:
        return f"/authoring/lessons/{self.lesson.id}"

    @property
    def is_base_old(self) -> bool:
        """True if a newer revision was published since this draft was begun."""
        draft, base = self.text.draft, self.text.base
        return bool(draft and base and draft.base_revision_id != base.id)


@dataclass(frozen=True)
class DeletionPage:
    """What is deleted with a lesson (`notes`, and what its `readers` have done in it), and what stays (`trainings`, `comments`)."""

    lesson: Lesson
    title: Mapping[str, str]
    notes: int
    readers: int
    trainings: int
    comments: int
    is_published: bool
    error: str | None = None


@dataclass(frozen=True)
class RevisionRow:
    revision: LessonRevision
    author: str | None
    is_published: bool


@dataclass(frozen=True)
class RevisionsPage:
    lesson: Lesson
    title: Mapping[str, str]
    revisions: Sequence[RevisionRow]
    has_draft: bool
    can_bring_back: bool


@dataclass(frozen=True)
class DiffPage:
    """What changes from `before` to `after`; each is the number of a revision, or "draft"."""

    lesson: Lesson
    title: Mapping[str, str]
    before: str
    after: str
    files: Sequence[FileDiff]
    pictures: Mapping[str, Sequence[str]]
    choices: Sequence[str]


@dataclass(frozen=True)
class PartPage:
    """The form of a question or a lab; `key` is None for a new one. Fields are named by their path: `options-0-text-zh`."""

    lesson: Lesson
    key: str | None
    values: Mapping[str, str]
    errors: Mapping[str, str]

    @property
    def address(self) -> str:
        return f"/authoring/lessons/{self.lesson.id}"

    def rows(self, name: str, spare: int, least: int = 0) -> range:
        """The rows of a list in the form: the filled ones and `spare` empty ones."""
        numbers = [
            number_from(field[len(name) + 1 :].split("-")[0], otherwise=-1)
            for field in self.values
            if field.startswith(f"{name}-")
        ]
        return range(min(50, max(max(numbers, default=-1) + 1 + spare, least)))

    @property
    def general_errors(self) -> list[str]:
        """Errors of the whole, or of a row or list, which no single field can show."""
        return [sentence for name, sentence in self.errors.items() if _OF_MANY.search(name)]


@dataclass(frozen=True)
class QuestionPage(PartPage):
    pass


@dataclass(frozen=True)
class TermPage(PartPage):
    pass


@dataclass(frozen=True)
class NeedChoice:
    """A lesson that may come before the one whose form offers it. `is_wrong`: it is named there, and does not."""

    slug: str
    title: Mapping[str, str]
    is_chosen: bool
    is_published: bool = True
    is_wrong: bool = False


@dataclass(frozen=True)
class AboutPage:
    """The form of lesson.toml's fields about the lesson as a whole."""

    lesson: Lesson
    values: Mapping[str, str]
    errors: Mapping[str, str]
    needs: Sequence[NeedChoice]
    # (name, whether the lesson has it, whether there is none of that name)
    figures: Sequence[tuple[str, bool, bool]]

    @property
    def address(self) -> str:
        return f"/authoring/lessons/{self.lesson.id}"


@dataclass(frozen=True)
class LabPage(PartPage):
    """`recipe` is None until one is chosen."""

    recipe: Recipe | None
    recipes: Mapping[str, Recipe]
