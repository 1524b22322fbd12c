"""The process that trains one job: forked from a server that has imported TensorFlow, and ended with the job.

It is forked before its job arrives and runs TensorFlow's first operations then, so that no student waits for them.
"""

import logging
import os
import signal
import threading
import traceback
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING
from uuid import UUID

from app import features  # noqa: F401 - the tables and listeners of all
from app.core.db import session_scope
from app.jobs.result.reasons import FAULTY, OUT_OF_MEMORY
from app.jobs.service import announce_state
from app.recipes.recipe import recipe_digest
from worker.channel import AttemptSuperseded, JobSpec, TrainingCancelled
from worker.claim import Failure, interrupt
from worker.faults import EXIT_CODES, SiteFault, kind_of
from worker.memory_limit import limit_memory

if TYPE_CHECKING:
    from worker.database_channel import DatabaseChannel

DONE, STOPPED, SUPERSEDED, FAILED = 0, 10, 11, 12
# For the fork server: everything heavy is imported once, but no TensorFlow operation runs before the fork.
PRELOAD = ["worker.child", "worker.lean_keras", "worker.preload", "worker.warm_up", "worker.freeze"]

log = logging.getLogger(__name__)


def run(jobs: Connection, threads: int) -> None:
    """Warm TensorFlow up, wait for one job, train it, and exit with a code for the supervisor.

    `threads` cannot be changed after TensorFlow's first operation: a job that needs another number gets another child.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    mine: list[JobSpec] = []
    threading.Thread(target=_die_with_supervisor, args=(mine,), name="supervisor-watch", daemon=True).start()

    from worker.database_channel import DatabaseChannel
    from worker.runner import train
    from worker.warm_up import warm_up

    warm_up(threads)
    try:
        spec: JobSpec = jobs.recv()
    except EOFError:  # the worker ends
        os._exit(STOPPED)
    mine.append(spec)
    # Only now: while waiting, SIGTERM simply ends the child.
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())

    channel = DatabaseChannel(spec, stop)
    try:
        _check_recipe(spec)
        if spec.memory_mb:
            limit_memory(spec.memory_mb)
        train(channel)
        code = DONE
    except TrainingCancelled:
        code = _flush(channel)
    except AttemptSuperseded:
        code = SUPERSEDED
    except Exception as error:  # whatever a recipe raises belongs in the job's log
        code = _fail(channel, error)
    # Exit without joining TensorFlow's threads.
    os._exit(code)


def _check_recipe(spec: JobSpec) -> None:
    """The files may have changed since the worker checked."""
    if spec.recipe_digest and recipe_digest(spec.recipe) != spec.recipe_digest:
        raise SiteFault("recipe", f"the recipe {spec.recipe!r} is not the one that the job was sent for")


def _flush(channel: "DatabaseChannel") -> int:
    try:
        channel.flush()
    except Exception:  # a log line must not prevent the requested end
        traceback.print_exc()
    return STOPPED


def _fail(channel: "DatabaseChannel", error: Exception) -> int:
    """Infrastructure failures go only to the worker's log; the supervisor gives the job back."""
    kind = "recipe" if isinstance(error, ImportError) else kind_of(error)
    if kind:
        traceback.print_exc()
        return EXIT_CODES[kind]
    for line in traceback.format_exc().splitlines():
        channel.log(line)
    try:
        channel.fail(_reason(error, channel.spec.memory_mb))
    except AttemptSuperseded:
        return SUPERSEDED
    except Exception as fault:  # even reporting can hit an infrastructure failure
        traceback.print_exc()
        return EXIT_CODES.get(kind_of(fault) or "", 1)
    return FAILED


def _reason(error: Exception, limit_mb: int | None) -> Failure:
    from worker.start import StartError

    if isinstance(error, StartError):
        return Failure(str(error))
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return Failure(OUT_OF_MEMORY, {"limit_mb": limit_mb} if limit_mb else {})
    said = f"{type(error).__name__}: {error}".splitlines()[0][:120]
    return Failure(FAULTY, {"error": said})


def _die_with_supervisor(mine: list[JobSpec]) -> None:
    """A child whose worker was killed must not continue. It returns its job to the queue, so that nobody waits for the lease to
    expire.
    """
    parent = parent_process()
    if parent is None:
        return
    parent.join()
    try:
        for spec in mine:
            _send_back(spec)
    except Exception:  # then the lease expires
        traceback.print_exc()
    os._exit(1)


def _send_back(spec: JobSpec) -> None:
    with session_scope() as session:
        state = interrupt(session, UUID(spec.id), spec.attempt, "its worker was killed")
    announce_state(UUID(spec.id), state)
