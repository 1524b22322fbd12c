"""How long a training waits while a worker is idle: with one worker and with three, after SIGKILL and after SIGTERM. Goal: at most 1
s.

Real workers, one slot each, without maintenance and with a lease of an hour, so that only the workers themselves react. A wait is
from submission of the job (or the end of its worker) until its next attempt is in the database.
"""

import os
import statistics
import tempfile
import time
from pathlib import Path
from uuid import UUID

from app.jobs.models import JobState
from bench.progress import told
from tests.faults.classroom import Classroom, end, kill

ROUNDS = 8
GOAL = 1.0


def main() -> None:
    for workers in (1, 3):
        with tempfile.TemporaryDirectory(prefix="sophora-bench-") as name:
            classroom = Classroom(Path(name), job_lease_seconds=3600)
            try:
                for _ in range(workers):
                    classroom.start_worker(maintenance=False)
                one_after_another(classroom, workers)
                if workers > 1:
                    from_worker_to_worker(classroom)
            finally:
                classroom.close()


def one_after_another(classroom: Classroom, workers: int) -> None:
    waits = []
    for number, sends in enumerate(told([True, False] * (ROUNDS // 2), "training")):
        # Until the worker is done with the previous one, and at a different phase of its polling interval each time.
        time.sleep(2 + number / 10)
        begin = time.monotonic()
        job = classroom.submit(epochs=1, train_size=600, send_ticket=sends)
        waits.append((sends, until_attempt(classroom, job, 1) - begin))
        classroom.wait_for_state(job, JobState.SUCCEEDED)
    for sends, what in ((True, "a job"), (False, "a job whose ticket was lost")):
        say(f"{what}, {workers} idle", [seconds for sent, seconds in waits if sent is sends])


def from_worker_to_worker(classroom: Classroom) -> None:
    job = classroom.submit(epochs=200)
    for attempt, how, what in ((1, kill, "its worker killed"), (2, end, "its worker told to end")):
        classroom.wait_until_training(job, attempt)
        trainer = classroom.trainer_of(job, attempt)
        how(trainer)
        begin = time.monotonic()
        say(f"{what}, another idle", [until_attempt(classroom, job, attempt + 1) - begin])


def until_attempt(classroom: Classroom, job: UUID, attempt: int) -> float:
    while classroom.job(job).attempt < attempt:
        time.sleep(0.01)
    return time.monotonic()


def say(what: str, waits: list[float]) -> None:
    print(
        f"{what:40s} {statistics.median(waits):5.2f} s, at most {max(0.0, *waits):5.2f} s (goal <= {GOAL:.0f})"
        if len(waits) > 1
        else f"{what:40s} {max(0.0, waits[0]):5.2f} s (goal <= {GOAL:.0f})"
    )


if __name__ == "__main__":
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    main()
