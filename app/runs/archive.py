"""A training as one ZIP: its files, its history as CSV, its curves for TensorBoard. It is made while it is sent."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

from anyio import to_thread
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.csv_text import csv_text
from app.core.storage import Files
from app.core.streamed_zip import StreamedZip
from app.jobs import queries
from app.jobs.models import Job, JobEpoch
from app.jobs.service import get_readable_job
from app.runs.event_file import events_of_training

Stored = tuple[str, str]


def small_files(session: Session, user: User, job_id: UUID) -> tuple[dict[str, bytes], list[Stored]]:
    """What is made from the database, by name; and (name, key) of the stored files. Raises NotFound."""
    job = get_readable_job(session, user, job_id)
    epochs = queries.epochs_of(session, job.id)
    events_name, events = events_of_training(job, epochs)
    made = {
        "training.json": json.dumps(_facts(job), ensure_ascii=False, indent=1).encode(),
        "history.csv": csv_text(_history(epochs)).encode(),
        f"tensorboard/{job.id}/{events_name}": events,
    }
    return made, [(each.name, each.key) for each in queries.artefacts(session, job)]


async def zipped(made: dict[str, bytes], stored: Sequence[Stored], files: Files) -> AsyncIterator[bytes]:
    """The chunks of the ZIP: one file at a time is held. Raises FilesAway midway: then the download fails visibly."""
    with StreamedZip() as archive:
        for name, content in made.items():
            await to_thread.run_sync(archive.writestr, name, content)
            yield archive.taken()
        for name, key in stored:
            found = await files.fetch(key)
            if found is not None:
                await to_thread.run_sync(archive.writestr, name, found)
                yield archive.taken()
    yield archive.taken()


def _facts(job: Job) -> dict[str, Any]:
    report = job.report or {}
    return {
        "id": str(job.id),
        "recipe": job.recipe,
        "hyperparameters": job.hyperparameters,
        "state": job.state,
        "metrics": report.get("metrics", {}),
        "versions": report.get("versions", {}),
        "weights_sha256": report.get("weights_sha256"),
    }


def _history(epochs: Sequence[JobEpoch]) -> list[list[object]]:
    names = list(dict.fromkeys(name for each in epochs for name in each.metrics))
    rows: list[list[object]] = [["epoch", *names, "seconds"]]
    return rows + [
        [each.epoch, *(each.metrics.get(name) for name in names), round(each.seconds, 3)] for each in epochs
    ]
