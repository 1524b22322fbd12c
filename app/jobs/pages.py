"""View models of the job pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.i18n import in_language
from app.core.text import Bilingual
from app.jobs.models import Job, JobArtefact, JobEpoch, JobLogLine
from app.jobs.queue.held import HELD_BY
from app.jobs.queue.waiting import QueuePosition
from app.jobs.result.failures import FailureText
from app.jobs.result.headline import Headline
from app.jobs.verdict.words import VerdictText
from app.labs.forecast import Forecast
from app.labs.pages import LabForm
from app.recipes.dataset import Dataset, described
from app.recipes.program import ProgramLine
from app.recipes.recipe import Recipe

# A waiting page polls its queue position every SECONDS_A_PLACE seconds per job before its own, within these bounds.
SECONDS_A_PLACE, SOONEST_SECONDS, LATEST_SECONDS = 2, 5, 120


@dataclass(frozen=True)
class StatusLine:
    """A job's status for one sentence. `fraction` is the training's progress, 0..1."""

    job: Job
    place: QueuePosition | None
    epochs: int
    epochs_done: int
    seconds_left: float | None
    # No worker is online.
    lacks_worker: bool = False

    @property
    def ask_again_after(self) -> int:
        """Polling interval in seconds of a waiting page: the further back, the longer. The start itself is a live event."""
        if self.place is None:
            return SOONEST_SECONDS
        return min(LATEST_SECONDS, max(SOONEST_SECONDS, SECONDS_A_PLACE * self.place.position))

    @property
    def held(self) -> str | None:
        """A msgid: the unavailable service the job waits for."""
        return HELD_BY.get(self.job.held_by or "")


@dataclass(frozen=True)
class JobPage:
    job: Job
    recipe: Recipe | None
    status: StatusLine
    epochs: Sequence[JobEpoch]
    live: dict[str, Any]
    stream_id: str
    settings: list["SettingValue"]
    report: dict[str, Any] | None
    artefacts: Sequence[JobArtefact]
    log: Sequence[JobLogLine]
    guess: "GuessComparison | None" = None
    figures: "LabFigures | None" = None
    can_repeat: bool = False
    verdict: VerdictText | None = None
    headline: Headline | None = None
    failure: FailureText | None = None

    def label(self, name: str) -> str:
        """The localised name of a class or column; its raw name if the data set no longer has it."""
        data = described(self.recipe.dataset) if self.recipe else None
        return in_language(data.labels[name]) if data and name in data.labels else name

    @property
    def try_out_model(self) -> str:
        """The address of the trained model's file, for a recipe with a try-out; empty without one."""
        is_there = self.recipe and self.recipe.try_out and self.artefacts
        return f"/jobs/{self.job.id}/files/model.tflite" if is_there else ""

    @property
    def live_figure(self) -> dict[str, Any] | None:
        """What the recipe drew after the latest epoch."""
        kind = self.recipe.live_figure if self.recipe else None
        return self.epochs[-1].extra.get(kind) if self.epochs and kind else None

    @property
    def own_epochs(self) -> list[dict[str, Any]]:
        """What a recipe's own figure draws of each epoch."""
        return [
            {"epoch": each.epoch, "data": each.extra["own"]} for each in self.epochs if "own" in each.extra
        ]


@dataclass(frozen=True)
class SettingValue:
    """A setting of the job. Without a label the recipe no longer has it, and its name is shown instead.

    `before`: its value in the owner's previous run, or in the lab's form, if that is another one.
    """

    name: str
    label: Bilingual | None
    value: str | bool | Bilingual
    before: str | bool | Bilingual | None = None


@dataclass(frozen=True)
class GuessComparison:
    """A student's guess and the outcome: a measured number, or the correct choice once this job demonstrates it."""

    question: dict[str, str]
    guess: str
    kind: str
    measured: str | None = None
    distance: str | None = None
    is_right: bool | None = None
    answer: str | None = None
    # What to train with before a choice can be judged: (setting, value) in words, otherwise what reaches the goal.
    judged_with: Sequence[tuple[str, str]] = ()
    waits_for_goal: bool = False


@dataclass(frozen=True)
class LabFigures:
    """Values measured beforehand: for this job's settings, and all of them, which reveal what the goal leaves to find out."""

    ranges: Sequence[dict[str, str]]
    measured: Mapping[str, dict[str, str]] | None
    gives_away: bool


@dataclass(frozen=True)
class ClonePage:
    job: Job
    form: LabForm


@dataclass(frozen=True)
class RecipesPage:
    """Each recipe on offer, with its data set if it has one."""

    recipes: Sequence[tuple[Recipe, Dataset | None]]


@dataclass(frozen=True)
class RecipePage:
    recipe: Recipe
    data: Dataset | None
    form: LabForm


@dataclass(frozen=True)
class PreviewPage:
    """What follows a form's settings: the forecast, and the program if the reader has it open."""

    forecast: Forecast
    program: Sequence[ProgramLine]


@dataclass(frozen=True)
class PlotLine:
    """A straight line across a plot, in its coordinates."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True)
class FitLinePlot:
    """Points and lines of a one-variable regression in a plot of 600 x 360; `ticks_x` and `ticks_y` are (place, label)."""

    points: list[tuple[float, float]]
    line: PlotLine | None
    least_squares: PlotLine | None
    ticks_x: list[tuple[float, str]]
    ticks_y: list[tuple[float, str]]


PLOT_WIDTH, PLOT_HEIGHT = 600, 360


def fit_line_plot(figure: Mapping[str, Any]) -> FitLinePlot:
    """Scale a report's "fit-line" figure to the plot. Non-finite points and lines are left out."""
    points = [(x, y) for x, y, *_ in figure["points"] if x is not None and y is not None]
    left, right = _span([x for x, _ in points])
    low, high = _span([y for _, y in points])
    low, high = low - 0.1 * (high - low), high + 0.1 * (high - low)

    def place(x: float, y: float) -> tuple[float, float]:
        across = (x - left) / (right - left)
        # A diverged line leaves the plot; SVG does not accept arbitrarily large numbers.
        up = max(-9.0, min(10.0, (y - low) / (high - low)))
        return round(across * PLOT_WIDTH, 1), round((1 - up) * PLOT_HEIGHT, 1)

    def across(line: Mapping[str, float | None]) -> PlotLine | None:
        weight, bias = line["weight"], line["bias"]
        if weight is None or bias is None:
            return None
        return PlotLine(*place(left, weight * left + bias), *place(right, weight * right + bias))

    return FitLinePlot(
        [place(x, y) for x, y in points],
        across(figure["line"]),
        across(figure["least_squares"]),
        [(place(x, low)[0], text) for x, text in _ticks(left, right)],
        [(place(left, y)[1], text) for y, text in _ticks(low, high)],
    )


def _ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Three tick labels with as many significant digits as distinguish them, at least three."""
    values = (low, (low + high) / 2, high)
    texts = next(
        texts
        for digits in range(3, 18)
        if len(set(texts := [f"{value:.{digits}g}" for value in values])) == 3 or digits == 17
    )
    return list(zip(values, texts, strict=True))


def _span(values: Sequence[float]) -> tuple[float, float]:
    """From the lowest to the highest value; around a single value, or none, wide enough for three distinct ticks."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if high - low > 1e-6 * max(abs(low), abs(high)):
        return low, high
    room = 0.5 * (abs(low) or 1)
    return low - room, high + room


def live_data(job: Job, epochs: Sequence[JobEpoch], before: Sequence[JobEpoch] = ()) -> dict[str, Any]:
    """The initial data of the page's script; the stream adds to it. `before`: of the run that it is compared with."""
    return {
        "state": job.state,
        "phase": job.phase,
        "epochs": int(job.hyperparameters.get("epochs", 0)),
        "steps_per_epoch": job.steps_per_epoch or 0,
        "points": [
            {"step": step, "epoch": e.epoch, "metrics": metrics} for e in epochs for step, metrics in e.points
        ],
        "epoch_records": [{"epoch": e.epoch, "metrics": e.metrics, "seconds": e.seconds} for e in epochs],
        "previous": [{"epoch": e.epoch, "metrics": e.metrics} for e in before],
    }
