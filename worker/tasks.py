"""Celery's tasks. Each is a screen at most: the work is in the modules it calls."""

import threading

from structlog import get_logger

from app import models_registry  # noqa: F401 - relationships between features need all tables known, and search its hooks
from app.authoring.publication import publish_due
from app.board.editing import TIDY_BOARD, tidy
from app.config import get_settings
from app.db import session_scope
from app.housekeeping import make_room
from app.jobs import tickets
from app.jobs.leftovers import TIDY_JOBS, forget_checkpoints
from app.jobs.models import JobState
from app.jobs.service import announce_state
from app.notifications.delivery import DELIVER_MAIL, deliver_mail
from app.notifications.upkeep import TIDY_NOTIFICATIONS, tell_of_reviews, tidy_up
from worker import alive, claim
from worker.celery_app import app
from worker.channel import AttemptSuperseded
from worker.supervisor import Supervisor, prepare_child

log = get_logger()

shutdown = threading.Event()
mailing = threading.Lock()
slots = threading.BoundedSemaphore(get_settings().job_slots)


@app.task(name=tickets.RUN_NEXT_JOB)
def run_next_job(queue: str) -> None:
    """A ticket came: there is work. Do all there is while this process has a free slot.

    A ticket that finds no slot is not lost work: whoever holds the slot looks again before it leaves.
    """
    while not shutdown.is_set() and slots.acquire(blocking=False):
        try:
            while (claimed := _claim(queue)) is not None:
                Supervisor(claimed, shutdown).run()
        finally:
            slots.release()
        if not shutdown.is_set():
            prepare_child()
        with session_scope(writes=False) as session:
            if not claim.has_queued(session, queue):
                return


@app.task(name=tickets.SWEEP)
def sweep() -> None:
    """Queue again the jobs whose lease ran out, replace tickets that were lost (Redis was restarted, say), publish what is due."""
    alive.has_swept()
    with session_scope(writes=False) as session:
        dead = claim.expired(session)
        waiting = [queue for queue in tickets.QUEUES if claim.has_queued(session, queue)]
    for job_id, attempt, queue in dead:
        try:
            with session_scope() as session:
                state = claim.interrupt(session, job_id, attempt, "its worker fell silent")
        except AttemptSuperseded:
            continue
        log.warning("lease ran out", job=str(job_id), attempt=attempt, state=state)
        announce_state(job_id, state)
        if state == JobState.QUEUED:
            waiting.append(queue)
    for queue in dict.fromkeys(waiting):
        if tickets.waiting_tickets(queue) == 0:
            tickets.send_ticket(queue)
    publish_due()


@app.task(name=TIDY_BOARD)
def tidy_board() -> None:
    """Remove what the board keeps no longer; see app.board.editing."""
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


def _claim(queue: str) -> claim.Claim | None:
    if shutdown.is_set():
        return None
    with session_scope() as session:
        return claim.claim_next(session, queue)
