"""Queued jobs whose recipe version no worker has: their page says so, and after a while they are moved to the current version.

A job stores the digest of its recipe, so that a worker with older or newer files does not train something else by mistake. After
the site itself was upgraded, nobody has the old version any more; such a job starts anew with the current one.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session
from structlog import get_logger

from app.core.database_clock import database_now
from app.jobs.models import Job, JobEpoch, JobLogLine, JobState
from app.recipes.recipe import recipe_digest

# By then a worker started together with the job's submission has registered.
SAID_AFTER = timedelta(seconds=15)
# Long enough for a site that upgrades its workers one after the other.
TAKEN_ANEW_AFTER = timedelta(minutes=10)
CHANGED = "The recipe was changed since this training was sent. It starts from its first epoch, with the recipe as it is now."

log = get_logger()


def care(session: Session, live: set[str], taken_anew_after: timedelta = TAKEN_ANEW_AFTER) -> None:
    """`live` are the digests that workers have now; without any worker nothing can be concluded."""
    if not live:
        return
    lost = (
        Job.state == JobState.QUEUED,
        Job.recipe_digest.not_in(live),
        Job.created_at < database_now(-SAID_AFTER.total_seconds()),
    )
    if not session.scalar(select(exists().where(*lost))):
        return
    session.execute(
        update(Job)
        .where(*lost, Job.held_by.is_(None))
        .values(held_by="recipe")
        .execution_options(synchronize_session=False)
    )
    recipes = session.scalars(select(Job.recipe).where(*lost).distinct()).all()
    log.error("jobs wait for recipes that no worker has", recipes=recipes)
    old = Job.created_at < database_now(-taken_anew_after.total_seconds())
    for slug in recipes:
        try:
            digest = recipe_digest(slug)
        except OSError:
            continue
        if digest in live:
            _take_anew(
                session, session.scalars(select(Job.id).where(*lost, old, Job.recipe == slug)).all(), digest
            )


def _take_anew(session: Session, job_ids: Sequence[UUID], digest: str) -> None:
    """Epochs of the older recipe must not be resumed with the newer one."""
    for job_id in job_ids:
        attempt = session.scalar(
            update(Job)
            .where(Job.id == job_id, Job.state == JobState.QUEUED)
            .values(recipe_digest=digest, held_by=None)
            .returning(Job.attempt)
            .execution_options(synchronize_session=False)
        )
        if attempt is not None:
            session.execute(delete(JobEpoch).where(JobEpoch.job_id == job_id))
            session.add(JobLogLine(job_id=job_id, attempt=attempt, line=CHANGED))
