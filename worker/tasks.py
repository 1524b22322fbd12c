"""The task of a training worker. A ticket says that there is work; the database says which job is next."""

import threading
from collections.abc import Mapping

from celery import current_task
from structlog import get_logger

from app import features  # noqa: F401 - the tables and listeners of all
from app.core.db import session_scope
from app.jobs.queue import tickets
from worker import claim, report
from worker.celery_app import app
from worker.faults import SiteFault, kind_of
from worker.readiness import Readiness
from worker.supervisor import Supervisor, prepare_child

log = get_logger()

shutdown = threading.Event()
readiness = Readiness()


@app.task(name=tickets.RUN_NEXT_JOB)
def run_next_job(queue: str) -> None:
    """Handle a ticket: train the next job. There are as many threads as slots, so only a free slot takes a ticket.

    A worker that may not claim now passes the ticket on, and keeps its slot closed until it may.
    """
    if readiness.pause_left() > 0:
        tickets.send_ticket(queue)
    has_trained = False
    while not shutdown.is_set():
        shutdown.wait(readiness.pause_left())
        try:
            claimed = _claim(queue)
        except SiteFault:
            continue
        if claimed is None:
            break
        with report.training(str(claimed.job_id), claimed.attempt):
            Supervisor(claimed, shutdown, readiness).run()
        has_trained = True
    if shutdown.is_set():
        tickets.send_ticket(queue)
    elif has_trained:
        prepare_child()


def has_work(queue: str, known: Mapping[str, str], worker: str) -> bool:
    """True if a job waits that this worker can train."""
    with session_scope(writes=False) as session:
        return claim.has_queued(session, queue, known, worker)


def _claim(queue: str) -> claim.Claim | None:
    """The next job that can be trained here. Raises SiteFault if none can be: the pause has then begun."""
    if shutdown.is_set():
        return None
    known = readiness.known_recipes()
    # Without a task it is called by hand.
    worker = current_task.request.hostname if current_task else ""
    try:
        with session_scope() as session:
            return claim.claim_next(session, queue, known, worker)
    except Exception as error:
        if (kind := kind_of(error)) is None:
            raise
        readiness.has_faulted(kind)
        raise SiteFault(kind, str(error)) from error
