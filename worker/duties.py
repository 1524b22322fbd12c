"""The tasks of a maintenance process: those that features declare, and the sweep. None needs TensorFlow."""

import time

from structlog import get_logger

from app import features
from app.core.config import get_settings
from app.core.db import session_scope
from app.core.redis import get_redis
from app.core.tasks import PeriodicTask, periodic
from app.jobs.queue import tickets, workers
from app.jobs.service import announce_state
from worker import alive, claim, recipe_versions
from worker.celery_app import MAINTENANCE, app
from worker.channel import AttemptSuperseded
from worker.faults import kind_of

log = get_logger()

# When the database was last found unreachable, by this process's monotonic clock.
_database_away = -1e9


@periodic("sweep", every=lambda: get_settings().job_sweep_seconds)
def sweep() -> None:
    """Requeue jobs whose lease expired, and replace lost tickets (after a Redis restart, for example)."""
    global _database_away
    alive.has_swept()
    try:
        _end_lost_attempts()
        _send_missing_tickets()
    except Exception as error:
        if kind_of(error) != "database":
            raise
        _database_away = time.monotonic()
        log.error("the database is away", error=str(error))


def _end_lost_attempts() -> None:
    with session_scope(writes=False) as session:
        dead = claim.expired(session)
    # No lease could be renewed while the database was unreachable: allow time for that first.
    if time.monotonic() - _database_away < get_settings().job_lease_seconds:
        return
    for job_id, attempt, _ in dead:
        try:
            with session_scope() as session:
                state = claim.interrupt(session, job_id, attempt, "its worker fell silent")
        except AttemptSuperseded:
            continue
        log.warning("lease ran out", job=str(job_id), attempt=attempt, state=state)
        announce_state(job_id, state)


def _send_missing_tickets() -> None:
    """As many as there are jobs that could start now, limited by the workers' free slots."""
    live = workers.known_digests(get_redis())
    with session_scope() as session:
        recipe_versions.care(session, live)
    for queue in tickets.QUEUES:
        slots = max(1, workers.count_slots(get_redis(), queue))
        with session_scope(writes=False) as session:
            waiting = claim.count_queued(session, queue, live, limit=slots)
        for _ in range(waiting - tickets.waiting_tickets(queue)):
            tickets.send_ticket(queue)


def _as_celery_task(task: PeriodicTask) -> None:
    """Runs on schedule from now on. While the database is unreachable its next run catches up."""

    @app.task(name=task.name)
    def run() -> None:
        try:
            task.run()
        except Exception as error:
            if kind_of(error) != "database":
                raise
            log.error("the database is away", task=task.name, error=str(error))

    app.conf.beat_schedule[task.name] = {
        "task": task.name,
        "schedule": task.every(),
        "options": {"queue": MAINTENANCE},
    }


for _task in (sweep, *features.tasks()):
    _as_celery_task(_task)
