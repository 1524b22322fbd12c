"""How trainings end is counted in Redis, for /metrics: every process may end one, and only web servers are asked."""

from redis.exceptions import RedisError
from sqlalchemy.orm import Session
from structlog import get_logger

from app.core.db import after_commit
from app.core.events import on
from app.core.redis import get_redis
from app.jobs.events import JobEnded
from app.jobs.models import Job, JobState

log = get_logger()

ENDED = "sophora:metrics:ended"
SECONDS = "sophora:metrics:seconds"
# Upper bounds of a histogram's buckets, in seconds.
BUCKETS = (5, 15, 30, 60, 120, 300, 600, 1800, 3600)


@on(JobEnded)
def _job_ended(session: Session, *, job: Job) -> None:
    recipe, state, seconds = job.recipe, job.state, None
    if state == JobState.SUCCEEDED and job.started_at and job.finished_at:
        seconds = (job.finished_at - job.started_at).total_seconds()
    after_commit(session, lambda: _add(recipe, state, seconds))


def _add(recipe: str, state: str, seconds: float | None) -> None:
    try:
        with get_redis().pipeline(transaction=False) as pipe:
            pipe.hincrby(ENDED, f"{recipe}|{state}", 1)
            if seconds is not None:
                pipe.hincrbyfloat(SECONDS, f"{recipe}|sum", seconds)
                bound = next((bound for bound in BUCKETS if seconds <= bound), "+Inf")
                pipe.hincrby(SECONDS, f"{recipe}|{bound}", 1)
            pipe.execute()
    except RedisError as error:
        log.debug("the end of a training is not counted", error=str(error))
