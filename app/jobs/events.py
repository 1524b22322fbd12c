from dataclasses import dataclass

from app.jobs.models import Job


@dataclass(frozen=True)
class JobSubmitted:
    """A training was sent by its owner."""

    job: Job


@dataclass(frozen=True)
class JobEnded:
    """A training has succeeded, failed or was cancelled; sent by the worker or the web, once."""

    job: Job
