"""Idle workers poll once a second, so that a lost ticket never keeps a job waiting.

The worker registers itself, and if a job waits that it can train it sends a ticket to a queue of its own, so that no other takes
it.
"""

import threading
from typing import Any

from celery.worker import state
from structlog import get_logger

from app.core.config import get_settings
from app.core.redis import get_redis
from app.jobs.queue import tickets
from worker import roll
from worker.faults import SiteFault
from worker.tasks import has_work, readiness, shutdown

LOOK_SECONDS = 0.75

log = get_logger()
_started: list[threading.Thread] = []


def begin(consumer: Any, queues: list[str]) -> None:
    """Also take tickets from one's own queue; start polling, once per process."""
    own = f"worker.{consumer.hostname}"
    consumer.call_soon(consumer.add_task_queue, own)
    if not _started:
        _started.append(
            threading.Thread(target=_look, args=(consumer.hostname, own, queues), name="lookout", daemon=True)
        )
        _started[0].start()


def _look(name: str, own: str, queues: list[str]) -> None:
    slots = get_settings().job_slots
    while not shutdown.wait(LOOK_SECONDS):
        try:
            _look_once(name, own, queues, slots)
        except SiteFault:
            continue  # it is logged, and the pause has begun
        except Exception as error:  # Redis or the database is unreachable: the next poll may succeed
            log.debug("lookout", error=str(error))
    try:
        roll.sign_off(get_redis(), name, slots, queues)
    except Exception as error:
        log.debug("lookout", error=str(error))


def _look_once(name: str, own: str, queues: list[str], slots: int) -> None:
    if readiness.pause_left() > 0:
        return
    is_idle = len(state.reserved_requests) < slots
    # A training worker notices by itself when something is unreachable.
    known = readiness.known_recipes() if is_idle else readiness.last_known
    roll.sign(get_redis(), name, slots, queues, known.values())
    if not is_idle or tickets.waiting_tickets(own):
        return
    for queue in queues:
        if has_work(queue, known, name):
            tickets.send_ticket(queue, to=own)
