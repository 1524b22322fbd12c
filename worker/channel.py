"""The interface between a training run and the rest of Sophora.

`worker.runner.train` uses only a `Channel`: it never sees the database, Redis or the file store. `ConsoleChannel`
keeps everything in memory and logs to standard output, for notebooks, benchmarks and tests of recipes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Phase = Literal["preparing", "training", "evaluating"]
Hyperparameters = dict[str, int | float | str | bool]


class AttemptSuperseded(Exception):
    """Another attempt owns the job now (or it ended): this run must stop and write nothing more."""


class TrainingCancelled(Exception):
    """The student cancelled, or the worker is shutting down: the run stopped at a batch on request."""


@dataclass(frozen=True)
class Start:
    """The trained weights that a job starts from: their file in the store and their digest. `learning` is how many of the last
    layers learn, 0 for all.
    """

    key: str
    weights_sha256: str
    learning: int = 0


@dataclass(frozen=True)
class JobSpec:
    """What to train. `hyperparameters` were validated against the recipe's recipe.toml.

    `threads` is TensorFlow's number of intra-op threads (None: as configured, by default one per core);
    `recipe_digest` identifies the recipe's version; `memory_mb` is what the training may allocate; `start` is None for a training
    from scratch.
    """

    id: str
    attempt: int
    recipe: str
    hyperparameters: Hyperparameters
    threads: int | None = None
    recipe_digest: str | None = None
    memory_mb: int | None = None
    start: Start | None = None


@dataclass(frozen=True)
class Point:
    """Live training metrics at the end of optimiser step `step` (1-based, counted over the whole job)."""

    step: int
    epoch: int
    metrics: dict[str, float | None]


@dataclass(frozen=True)
class EpochRecord:
    """What is stored of a finished epoch (1-based).

    `metrics` holds loss, accuracy, val_loss, val_accuracy (None if not finite); `points` the permanent live points of this
    epoch; `checkpoint` the npz bytes from which the next epoch can start; `extra` small
    JSON-able data that a job page draws (a decision boundary, for example).
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
        """Report the run's phase. Before "training" both counts are required."""

    def points(self, points: Sequence[Point]) -> None:
        """Send live points to watchers. Drops them silently if they cannot be delivered."""

    def epoch(self, record: EpochRecord) -> None:
        """Store a finished epoch with its checkpoint. Raises AttemptSuperseded."""

    def latest_checkpoint(self) -> tuple[int, bytes] | None:
        """The last stored epoch and its checkpoint, to resume from; None at the first attempt."""

    def start_weights(self) -> bytes | None:
        """The model.keras that `spec.start` names; None if it is gone."""

    def publish(self, name: str, content: bytes) -> None:
        """Store an artefact (`model.keras`) of this attempt."""

    def keep_data(self, dataset: str) -> None:
        """Make the arrays of a file-based data set downloadable for notebooks."""

    def succeed(self, report: dict[str, Any]) -> None:
        """Finish the job successfully. Raises AttemptSuperseded."""

    def should_stop(self) -> bool:
        """True once the run was asked to stop. Cheap: call it every batch; then raise TrainingCancelled."""

    def log(self, line: str) -> None:
        """Add a line to the job's log."""


class ConsoleChannel:
    """A channel without a server: everything a run reports stays in lists."""

    def __init__(
        self,
        spec: JobSpec,
        *,
        checkpoint: tuple[int, bytes] | None = None,
        start_weights: bytes | None = None,
        quiet: bool = True,
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
        self._start_weights = start_weights

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

    def start_weights(self) -> bytes | None:
        return self._start_weights

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
