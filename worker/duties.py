"""The tasks of a maintenance process. Each is a screen at most: the work is in the modules it calls. None needs TensorFlow."""

import threading
import time

from structlog import get_logger

from app import features  # noqa: F401 - who listens; relationships between features need all tables known  # noqa: F401 - who listens; relationships between features need all tables known
from app.authoring.publication import publish_due
from app.board.own.editing import tidy
from app.core.config import get_settings
from app.core.db import session_scope
from app.core.housekeeping import make_room
from app.core.redis import get_redis
from app.jobs import tickets, workers
from app.jobs.leftovers import forget_checkpoints
from app.jobs.service import announce_state
from app.notifications.cleanup import tell_of_reviews, tidy_up
from app.notifications.delivery import deliver_mail
from worker import alive, claim, recipe_versions, roll
from worker.celery_app import app
from worker.channel import AttemptSuperseded
from worker.faults import kind_of
from worker.task_names import DELIVER_MAIL, TIDY_BOARD, TIDY_JOBS, TIDY_NOTIFICATIONS

log = get_logger()

mailing = threading.Lock()
# When the database was last found away, by this process's monotonic clock.
_database_away = -1e9


@app.task(name=tickets.SWEEP)
def sweep() -> None:
    """Queue again the jobs whose lease ran out, replace tickets that were lost (Redis was restarted, say), publish what is due."""
    global _database_away
    alive.has_swept()
    try:
        _end_lost_attempts()
        _send_missing_tickets()
        publish_due()
    except Exception as error:
        if kind_of(error) != "database":
            raise
        _database_away = time.monotonic()
        log.error("the database is away", error=str(error))


def _end_lost_attempts() -> None:
    with session_scope(writes=False) as session:
        dead = claim.expired(session)
    # Nobody could renew a lease while the database was away: everybody gets the time to do so now.
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
    """As many as there are jobs that could start now: no more than wait, no more than the workers have places for."""
    live = roll.known_digests(get_redis())
    with session_scope() as session:
        recipe_versions.care(session, live)
    for queue in tickets.QUEUES:
        slots = max(1, workers.count_slots(get_redis(), queue))
        with session_scope(writes=False) as session:
            waiting = claim.count_queued(session, queue, live, limit=slots)
        for _ in range(waiting - tickets.waiting_tickets(queue)):
            tickets.send_ticket(queue)


@app.task(name=TIDY_BOARD)
def tidy_board() -> None:
    """Remove what the board keeps no longer; see app.board.own.editing."""
    with session_scope() as session:
        tidy(session)


@app.task(name=TIDY_JOBS)
def tidy_jobs() -> None:
    """Remove files of jobs that ended, and on a disk with little room what can be made again."""
    with session_scope() as session:
        forget_checkpoints(session)
    make_room()


@app.task(name=DELIVER_MAIL)
def send_mail() -> None:
    """Mail that is due; see app.notifications.delivery. One thread at a time: a slow server holds up no more than mail."""
    if mailing.acquire(blocking=False):
        try:
            deliver_mail()
        finally:
            mailing.release()


@app.task(name=TIDY_NOTIFICATIONS)
def tidy_notifications() -> None:
    """Say that there is something to review; let old notifications go."""
    tell_of_reviews()
    tidy_up()
