"""The process that trains one job: forked from a server that has imported TensorFlow, and gone with the job.

It is forked before its job comes and runs TensorFlow's first operations then, so that no student waits for them.
"""

import logging
import os
import signal
import threading
import traceback
from multiprocessing import parent_process
from multiprocessing.connection import Connection

from sqlalchemy.exc import OperationalError

from app.i18n import N_
from worker.channel import AttemptSuperseded, JobSpec, TrainingCancelled
from worker.claim import Failure

DONE, STOPPED, SUPERSEDED, FAILED = 0, 10, 11, 12
# Sent when the fork server starts: everything heavy is imported once, nothing of TensorFlow is run before the fork.
PRELOAD = ["worker.child", "worker.preload", "worker.warm_up"]

OUT_OF_MEMORY = N_(
    "The training needed more memory than there is. Try a smaller batch size, or a smaller network."
)
FAULTY = N_("The training stopped with an error: {error}. The log below has the details.")

log = logging.getLogger(__name__)


def run(jobs: Connection) -> None:
    """Warm TensorFlow up, wait for one job, train it, and leave with an exit code for the supervisor."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_supervisor, name="supervisor-watch", daemon=True).start()

    from worker.database_channel import DatabaseChannel
    from worker.runner import train
    from worker.warm_up import warm_up

    warm_up()
    try:
        spec: JobSpec = jobs.recv()
    except EOFError:  # the worker ends
        os._exit(STOPPED)
    # Only now: while it waits, a SIGTERM simply ends it.
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())

    channel = DatabaseChannel(spec, stop)
    try:
        train(channel)
        code = DONE
    except TrainingCancelled:
        channel.flush()
        code = STOPPED
    except AttemptSuperseded:
        code = SUPERSEDED
    except Exception as error:  # whatever a recipe raises belongs into the job's log
        code = _fail(channel, error)
    # TensorFlow's threads need no goodbye.
    os._exit(code)


def _fail(channel, error: Exception) -> int:
    if isinstance(error, OperationalError):
        # The database was away: the lease runs out and the job is tried again.
        traceback.print_exc()
        return 1
    for line in traceback.format_exc().splitlines():
        channel.log(line)
    is_memory = isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"
    said = f"{type(error).__name__}: {error}".splitlines()[0][:120]
    reason = Failure(OUT_OF_MEMORY) if is_memory else Failure(FAULTY, {"error": said})
    try:
        channel.fail(reason)
    except AttemptSuperseded:
        return SUPERSEDED
    return FAILED


def _die_with_supervisor() -> None:
    """A child whose worker was killed must not train on: the job will be claimed again."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
