from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.jobs.models import Job, Sweep


@dataclass(frozen=True)
class JobSubmitted:
    """A training was submitted by its owner; of a sweep, this is said of its first."""

    job: Job


@dataclass(frozen=True)
class JobEnded:
    """A training has succeeded, failed or been cancelled; sent once, by the worker or the web server."""

    job: Job


@dataclass(frozen=True)
class JobDeleted:
    """A training is about to be deleted by its owner."""

    job: Job


@dataclass(frozen=True)
class SweepEnded:
    """The last training of a sweep has ended. `best` is the one with the best result, None if none succeeded."""

    sweep: Sweep
    last: Job
    best: Job | None
    details: Mapping[str, Any]
