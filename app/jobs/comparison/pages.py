"""View models of the comparison."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.core.text import Bilingual
from app.jobs.comparison.curves import CurvePlot
from app.jobs.models import Job
from app.recipes.recipe import Recipe

LETTERS = "ABCDE"
MOST = len(LETTERS)


@dataclass(frozen=True)
class ComparedRun:
    letter: str
    job: Job
    recipe: Recipe | None
    is_own: bool
    # The address without this one.
    without: str


@dataclass(frozen=True)
class ComparedSetting:
    """A setting and its value in each run, in words; None where a run's recipe has no such setting."""

    name: str
    label: Bilingual | None
    values: Sequence[str | bool | Bilingual | None]

    @property
    def differs(self) -> bool:
        return any(value != self.values[0] for value in self.values)


@dataclass(frozen=True)
class ComparedValue:
    """A metric of one run, and its difference from the first run's; None where there is nothing to compare."""

    value: float | None
    text: str
    difference: str | None = None


@dataclass(frozen=True)
class ComparedMetric:
    name: str
    label: str | Bilingual
    values: Sequence[ComparedValue]


@dataclass(frozen=True)
class ComparisonPage:
    runs: Sequence[ComparedRun]
    settings: Sequence[ComparedSetting]
    metrics: Sequence[ComparedMetric]
    plots: Sequence[CurvePlot]
    # Of each epoch: per run the validation loss and accuracy, as far as it has them.
    epochs: Sequence[tuple[int, Sequence[tuple[float | None, float | None]]]]
    others: Sequence[Job]
    address: str
    # More were asked for than fit beside each other.
    is_cut: bool = False

    @property
    def different(self) -> list[ComparedSetting]:
        return [setting for setting in self.settings if setting.differs]

    @property
    def same(self) -> list[ComparedSetting]:
        return [setting for setting in self.settings if not setting.differs]

    @property
    def same_recipe(self) -> bool:
        return len({run.job.recipe for run in self.runs}) == 1

    def with_(self, job_id: UUID) -> str:
        return f"{self.address},{job_id}"


def compare_address(job_ids: Sequence[UUID], path: str = "/jobs/compare") -> str:
    return f"{path}?ids={','.join(str(job_id) for job_id in job_ids)}"
