"""View model of a sweep's page."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.text import Bilingual
from app.jobs.comparison.pages import MOST
from app.jobs.models import Job, Sweep
from app.jobs.sweeps.plot import SweepPlot
from app.recipes.recipe import Recipe

Words = str | bool | Bilingual


@dataclass(frozen=True)
class SweepAxis:
    """`label` is None if the recipe no longer has the setting."""

    name: str
    label: Bilingual | None
    values: Sequence[Words]


@dataclass(frozen=True)
class SweepRun:
    """`result` is of the latest epoch, on the validation set, while `is_final` is false."""

    job: Job
    values: Sequence[Words]
    epochs_done: int
    epochs: int
    result: str
    is_final: bool
    is_best: bool
    # The loss of each epoch as the path of an SVG; see app.jobs.curves.
    curve: str


@dataclass(frozen=True)
class SweepPage:
    sweep: Sweep
    recipe: Recipe | None
    axes: Sequence[SweepAxis]
    runs: Sequence[SweepRun]
    metric: str
    metric_label: str | Bilingual
    plot: SweepPlot | None
    # Of the second setting: (letter of its line, value).
    lines: Sequence[tuple[str, Words]]

    @property
    def best(self) -> SweepRun | None:
        return next((run for run in self.runs if run.is_best), None)

    @property
    def ended(self) -> int:
        return sum(run.job.is_final for run in self.runs)

    @property
    def is_over(self) -> bool:
        return self.ended == len(self.runs)

    @property
    def job(self) -> Job:
        """Any of them: lab and lesson are the same for all."""
        return self.runs[0].job

    @property
    def to_compare(self) -> str:
        """The address that compares the best ones, as many as fit beside each other; empty for fewer than two."""
        finished = [run.job for run in self.runs if run.is_final]
        best = self.best
        if best is None or len(finished) < 2:
            return ""
        chosen = [best.job.id, *(job.id for job in finished if job.id != best.job.id)][:MOST]
        return "/jobs/compare?ids=" + ",".join(map(str, chosen))
