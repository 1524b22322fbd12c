"""View models of insight."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.classes.progress import StudentRecord
from app.classes.service import Place
from app.courses.pages import LessonEntry


@dataclass(frozen=True)
class LessonRow:
    """How many students have read the lesson, and how many have finished it: read, all questions right, all labs reached."""

    entry: LessonEntry
    read: int
    finished: int


@dataclass(frozen=True)
class QuestionRow:
    """`asked` students have answered, `wrong` of them not rightly at first; `mistakes` are what they chose, or typed, then."""

    lesson: LessonEntry
    key: str
    prompt: Mapping[str, str]
    asked: int
    wrong: int
    mistakes: Sequence[tuple[Mapping[str, str] | str, int]]

    @property
    def rate(self) -> float:
        return self.wrong / self.asked


@dataclass(frozen=True)
class LabRow:
    lesson: LessonEntry
    key: str
    lab: Mapping[str, Any]
    tried: int
    reached: int


@dataclass(frozen=True)
class Quiet:
    """`days` since the last act in the course; None for who has not begun."""

    user_id: UUID
    name: str
    days: int | None


@dataclass(frozen=True)
class InsightPage:
    place: Place
    students: Sequence[StudentRecord]
    lessons: Sequence[LessonRow]
    questions: Sequence[QuestionRow]
    labs: Sequence[LabRow]
    quiet: Sequence[Quiet]
    quiet_after: int
    rule: str
