"""All of a user's trainings as a folder for `tensorboard --logdir`."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, defer, selectinload

from app.jobs.models import Job
from app.runs.event_file import events_of_training

AT_ONCE = 50


def write_logdir(session: Session, user_id: UUID, folder: Path) -> int:
    """One folder a training, named by recipe, lab and time, so that TensorBoard lists them in order. How many there were.

    What an earlier call wrote there is replaced.
    """
    written = 0
    for job in _trainings(session, user_id):
        name, content = events_of_training(job, job.epochs)
        run = folder / "-".join(
            filter(None, (job.recipe, job.lab_key, f"{job.created_at:%Y%m%d-%H%M%S}", job.id.hex[:8]))
        )
        run.mkdir(parents=True, exist_ok=True)
        (run / name).write_bytes(content)
        written += 1
    return written


def _trainings(session: Session, user_id: UUID) -> Iterator[Job]:
    """Those with a finished epoch, a few at a time."""
    statement = select(Job).where(Job.user_id == user_id, Job.epochs.any()).order_by(Job.created_at, Job.id)
    statement = statement.options(defer(Job.report), selectinload(Job.epochs))
    for start in count(step=AT_ONCE):
        found = session.scalars(statement.offset(start).limit(AT_ONCE)).all()
        yield from found
        if len(found) < AT_ONCE:
            return
