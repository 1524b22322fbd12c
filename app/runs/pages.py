"""View models of the pages between runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from app.accounts.names import PublicName
from app.jobs.comparison.curves import CurvePlot
from app.jobs.comparison.pages import ComparedMetric, ComparedSetting
from app.jobs.models import Job, JobState
from app.recipes.recipe import Recipe


class Sort(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"
    BEST = "best"


# Where the next page goes on: after this row, by what the list is sorted by.
Cursor = tuple[datetime | float, UUID]


@dataclass(frozen=True)
class RunFilter:
    """Which of one's trainings are listed, and how. Empty fields choose nothing."""

    text: str = ""
    recipe: str = ""
    lesson: UUID | None = None
    state: str = ""
    tag: str = ""
    archived: bool = False
    sort: Sort = Sort.NEWEST

    @property
    def chooses(self) -> bool:
        return replace(self, sort=Sort.NEWEST) != RunFilter()

    def address(self, **changes: Any) -> str:
        wanted = replace(self, **changes)
        fields = {
            "q": wanted.text,
            "recipe": wanted.recipe,
            "lesson": str(wanted.lesson or ""),
            "state": wanted.state,
            "tag": wanted.tag,
            "archived": "true" if wanted.archived else "",
            "sort": "" if wanted.sort == Sort.NEWEST else wanted.sort,
        }
        query = urlencode({name: value for name, value in fields.items() if value})
        return f"/jobs?{query}" if query else "/jobs"


@dataclass(frozen=True)
class RunRow:
    job: Job
    recipe: Recipe | None
    # The loss of each epoch as the path of an SVG; see app.jobs.curves.
    curve: str


@dataclass(frozen=True)
class RunsPage:
    rows: Sequence[RunRow]
    wanted: RunFilter
    recipes: Mapping[str, Recipe]
    # (id, title) of the lessons in whose labs one has trained.
    lessons: Sequence[tuple[UUID, Mapping[str, str]]]
    # The address of the next page.
    further: str = ""
    is_first: bool = True
    states: Sequence[JobState] = field(default=tuple(JobState))


@dataclass(frozen=True)
class GalleryPage:
    """Shared trainings, the latest first, with the names of their owners as readers see them."""

    rows: Sequence[tuple[RunRow, PublicName]]
    recipes: Mapping[str, Recipe]
    recipe: str
    further: str
    is_first: bool


@dataclass(frozen=True)
class LinkPage:
    """`address` is that of a link just made: nobody can read it again."""

    job: Job
    recipe: Recipe | None
    since: datetime | None
    address: str = ""


@dataclass(frozen=True)
class SharedPage:
    """A training as whoever has its link sees it."""

    job: Job
    recipe: Recipe | None
    settings: Sequence[ComparedSetting]
    metrics: Sequence[ComparedMetric]
    plots: Sequence[CurvePlot]


@dataclass(frozen=True)
class DeletionPage:
    job: Job
    recipe: Recipe | None
