from dataclasses import dataclass

from app.jobs.models import Job


@dataclass(frozen=True)
class JobSubmitted:
    """A training was submitted by its owner."""

    job: Job


@dataclass(frozen=True)
class JobEnded:
    """A training has succeeded, failed or been cancelled; sent once, by the worker or the web server."""

    job: Job


@dataclass(frozen=True)
class JobDeleted:
    """A training is about to be deleted by its owner."""

    job: Job
