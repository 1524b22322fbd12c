"""What the admin's console says of real workers that live, die and end."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from app.console import presenters
from app.console.pages import QueuePage, RunningRow
from app.core.db import session_scope
from app.core.redis import get_redis
from app.jobs.queue.pauses import pause
from app.jobs.queue.reports import KEPT_SECONDS
from tests.faults.classroom import Classroom, end, kill, wait_for


@pytest.fixture
def classroom(tmp_path: Path) -> Iterator[Classroom]:
    classroom = Classroom(tmp_path)
    yield classroom
    classroom.close()


def console() -> QueuePage:
    with session_scope(writes=False) as session:
        return presenters.queue_page(session)


def trained(job_id: UUID, attempt: int) -> RunningRow | None:
    """Its row, once a worker's report names this attempt."""
    rows = (row for row in console().running if row.job.id == job_id and row.worker)
    return next((row for row in rows if row.job.attempt == attempt), None)


def test_the_console_is_right_when_a_worker_is_killed_drained_and_told_to_end(classroom: Classroom) -> None:
    first = classroom.start_worker()
    job_id = classroom.submit(epochs=1000)
    row = wait_for(lambda: trained(job_id, 1), "the training's worker is named")
    assert (row.worker.pid, row.worker.is_silent, row.lacks_worker) == (first.pid, False, False)
    assert row.worker.memory_mb > 100 and row.worker.versions["tensorflow"]

    second = classroom.start_worker()
    kill(first)
    # Ten seconds pass.
    get_redis().pexpire(f"sophora:report:{row.worker.node}", (KEPT_SECONDS - 11) * 1000)
    dead = [worker.report.pid for worker in console().workers if worker.report.is_silent]
    assert dead == [first.pid]
    row = wait_for(lambda: trained(job_id, 2), "another worker takes it over")
    assert row.worker.pid == second.pid
    with session_scope() as session:
        pause(session, row.worker.target)
    assert next(worker for worker in console().workers if worker.report.pid == second.pid).paused_since
    end(second)
    page = console()
    assert [worker.report.pid for worker in page.workers] == [first.pid], "who says goodbye is not missed"
    assert not page.running and page.queues[0].waiting == 1
