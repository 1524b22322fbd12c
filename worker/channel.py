"""What a training run may say to the rest of Sophora, and its twins.

`worker.runner.train` talks to a `Channel` only: it never sees the database, Redis or the file store. `ConsoleChannel`
keeps all in memory and a log on standard output, for notebooks, benchmarks and tests of recipes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Phase = Literal["preparing", "training", "evaluating"]
Hyperparameters = dict[str, int | float | str | bool]


class AttemptSuperseded(Exception):
    """Another attempt owns the job now (or it ended): this run must stop and write nothing more."""


class TrainingCancelled(Exception):
    """The student cancelled, or the worker shuts down: the run stopped at a batch on request."""


@dataclass(frozen=True)
class JobSpec:
    """What to train. `hyperparameters` were validated against the recipe's recipe.toml.

    `threads` is how many TensorFlow uses within one operation (None: as it was set up, one a core by default);
    `recipe_digest` says which version of the recipe is meant; `memory_mb` is what the training may allocate.
    """

    id: str
    attempt: int
    recipe: str
    hyperparameters: Hyperparameters
    threads: int | None = None
    recipe_digest: str | None = None
    memory_mb: int | None = None


@dataclass(frozen=True)
class Point:
    """Live training metrics at the end of optimiser step `step` (1-based, counted over the whole job)."""

    step: int
    epoch: int
    metrics: dict[str, float | None]


@dataclass(frozen=True)
class EpochRecord:
    """What is kept of a finished epoch (1-based).

    `metrics` holds loss, accuracy, val_loss, val_accuracy (None where not finite); `points` the live points of this
    epoch that are kept for good; `checkpoint` the npz bytes from which the next epoch can start; `extra` small
    JSON-able things that a job page draws (a decision boundary, say).
    """

    epoch: int
    metrics: dict[str, float | None]
    seconds: float
    points: Sequence[Point]
    checkpoint: bytes
    extra: dict[str, Any] = field(default_factory=dict)


class Channel(Protocol):
    spec: JobSpec

    def phase(self, phase: Phase, *, epochs: int = 0, steps_per_epoch: int = 0) -> None:
        """Say where the run stands. Before "training" give both counts."""

    def points(self, points: Sequence[Point]) -> None:
        """Send live points to those who watch. Loses them silently when nobody can take them."""

    def epoch(self, record: EpochRecord) -> None:
        """Store a finished epoch with its checkpoint. Raises AttemptSuperseded."""

    def latest_checkpoint(self) -> tuple[int, bytes] | None:
        """The last stored epoch and its checkpoint, to resume from; None at the first attempt."""

    def publish(self, name: str, content: bytes) -> None:
        """Store an artefact (`model.keras`) of this attempt."""

    def keep_data(self, dataset: str) -> None:
        """See that notebooks can download the arrays of a data set that is read from files."""

    def succeed(self, report: dict[str, Any]) -> None:
        """End the job well. Raises AttemptSuperseded."""

    def should_stop(self) -> bool:
        """True once the run was asked to end. Cheap: call it every batch; then raise TrainingCancelled."""

    def log(self, line: str) -> None:
        """Add a line to the job's log."""


class ConsoleChannel:
    """The twin that needs no server: everything a run says stays in lists."""

    def __init__(
        self, spec: JobSpec, *, checkpoint: tuple[int, bytes] | None = None, quiet: bool = True
    ) -> None:
        self.spec = spec
        self.quiet = quiet
        self.phases: list[str] = []
        self.live: list[Point] = []
        self.epochs: list[EpochRecord] = []
        self.artefacts: dict[str, bytes] = {}
        self.report: dict[str, Any] | None = None
        self.lines: list[str] = []
        self.stop_requested = False
        self._checkpoint = checkpoint

    def phase(self, phase: Phase, *, epochs: int = 0, steps_per_epoch: int = 0) -> None:
        self.phases.append(phase)
        self.log(f"{phase} {epochs or ''} {steps_per_epoch or ''}".rstrip())

    def points(self, points: Sequence[Point]) -> None:
        self.live.extend(points)

    def epoch(self, record: EpochRecord) -> None:
        self.epochs.append(record)
        self._checkpoint = (record.epoch, record.checkpoint)

    def latest_checkpoint(self) -> tuple[int, bytes] | None:
        return self._checkpoint

    def publish(self, name: str, content: bytes) -> None:
        self.artefacts[name] = content

    def keep_data(self, dataset: str) -> None:
        """Nobody downloads anything from here."""

    def succeed(self, report: dict[str, Any]) -> None:
        self.report = report

    def should_stop(self) -> bool:
        return self.stop_requested

    def log(self, line: str) -> None:
        self.lines.append(line)
        if not self.quiet:
            print(line, flush=True)  # noqa: T201 - this twin's purpose
