"""View models of a course's glossary and of its map of knowledge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core.text import Term
from app.courses.models import Course
from app.courses.pages import LessonEntry


@dataclass(frozen=True)
class LessonTerms:
    """The terms that a lesson defines; those of a search only."""

    entry: LessonEntry
    terms: Sequence[Term]


@dataclass(frozen=True)
class GlossaryPage:
    """`total` counts the terms of the whole course, `found` those that match `query`."""

    course: Course
    query: str
    lessons: Sequence[LessonTerms]
    found: int
    total: int


@dataclass(frozen=True)
class Row:
    """A line of the map: a module's title, or a lesson. `role` in what the chosen lesson needs: "", "needed" or "chosen"."""

    title: Mapping[str, str]
    entry: LessonEntry | None = None
    role: str = ""


@dataclass(frozen=True)
class Arc:
    """From a lesson to one that it needs: an SVG path over WIDTH x ROW per row. `is_marked` if the chosen lesson needs it."""

    path: str
    is_marked: bool


@dataclass(frozen=True)
class MapPage:
    """`chosen` is the lesson whose needs are shown, `needed` are they in order, and `next` the first that is not done yet."""

    course: Course
    rows: Sequence[Row]
    arcs: Sequence[Arc]
    width: int
    row_height: int
    chosen: LessonEntry | None
    needed: Sequence[LessonEntry]
    next: LessonEntry | None

    @property
    def missing(self) -> list[LessonEntry]:
        return [entry for entry in self.needed if not entry.is_done]

    @property
    def minutes(self) -> int:
        """The reading time of what is missing."""
        return sum(entry.lesson.shown.minutes for entry in self.missing)
