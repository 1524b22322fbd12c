"""`sophora run` keeps the classroom running: its processes are killed and stopped, and it recovers by itself."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.jobs.models import JobState
from tests.faults.classroom import wait_for
from tests.faults.launched import PATIENCE, Launched


@pytest.fixture(scope="module")
def launched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launched]:
    """One for the tests that leave it running as it was."""
    launched = Launched(tmp_path_factory.mktemp("launched"))
    try:
        launched.wait_until_ready()
        yield launched
    finally:
        launched.close()


@pytest.fixture
def own_launched(tmp_path: Path) -> Iterator[Launched]:
    launched = Launched(tmp_path)
    yield launched
    launched.close()


@pytest.mark.parametrize("name", ["web", "maintenance", "redis"])
def test_what_is_killed_comes_back_and_a_job_whose_ticket_was_lost_is_done(
    launched: Launched, name: str
) -> None:
    """Without a ticket, only the sweep can get the job done: that needs maintenance, the broker and a worker."""
    launched.wait_until_up("worker")
    launched.wait_until_up("maintenance")
    old = launched.running(name)
    job_id = launched.submit(send_ticket=False, epochs=1)
    old.kill()

    launched.wait_until_replaced(name, old)

    wait_for(launched.answers, "the site answers")
    launched.wait_for_state(job_id, JobState.SUCCEEDED)
    assert launched.said(f"{name} was ended by SIGKILL; it is started again")


def test_a_job_goes_on_in_the_next_worker_when_its_worker_is_killed(launched: Launched) -> None:
    launched.wait_until_up("worker")
    job_id = launched.submit()
    launched.wait_until_mid_epoch(job_id)
    old = launched.running("worker")
    old.kill()

    launched.wait_until_replaced("worker", old)

    assert launched.wait_for_state(job_id, JobState.SUCCEEDED).attempt == 2


@pytest.mark.parametrize("name", ["web", "redis"])
def test_what_hangs_is_replaced_and_the_site_answers_again(launched: Launched, name: str) -> None:
    old = launched.running(name)
    old.suspend()

    launched.wait_until_replaced(name, old)

    wait_for(launched.answers, "the site answers")
    assert not old.is_running()
    assert launched.said(f"{name} has not answered for")


@pytest.mark.parametrize("name", ["worker", "maintenance"])
def test_a_worker_that_hangs_is_replaced(launched: Launched, name: str) -> None:
    launched.wait_until_up(name)
    old = launched.running(name)
    old.suspend()

    launched.wait_until_replaced(name, old)

    assert not old.is_running()


def test_a_second_launcher_in_the_same_folder_is_one_sentence(launched: Launched) -> None:
    second = launched.launch()
    assert second.wait(PATIENCE) == 1
    assert launched.said(
        f"Sophora runs in {launched.data_dir} already (process {launched.launcher.pid}, http://127.0.0.1:"
    )
    assert launched.answers()


def test_nothing_is_left_running_when_the_launcher_is_killed_and_the_next_start_finds_a_clean_place(
    own_launched: Launched,
) -> None:
    own_launched.wait_until_ready()
    own_launched.wait_until_up("maintenance")
    own_launched.note_processes()
    assert len(own_launched.seen) > 4

    own_launched.launcher.kill()
    own_launched.launcher.wait()

    wait_for(lambda: not own_launched.left_running(), "everything has ended")
    own_launched.output.write_text("")
    own_launched.launcher = own_launched.launch()
    own_launched.wait_until_ready()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_stops_everything_and_leaves_nothing_running(own_launched: Launched, number: int) -> None:
    own_launched.wait_until_ready()
    own_launched.note_processes()
    own_launched.launcher.send_signal(number)
    assert own_launched.launcher.wait(PATIENCE) == 0
    assert own_launched.left_running() == []


def test_a_second_ctrl_c_does_not_wait_for_what_hangs(own_launched: Launched) -> None:
    own_launched.wait_until_ready()
    own_launched.note_processes()
    own_launched.running("web").suspend()
    own_launched.launcher.send_signal(signal.SIGINT)
    wait_for(lambda: own_launched.said("Stopping"), "it stops")
    own_launched.launcher.send_signal(signal.SIGINT)
    assert own_launched.launcher.wait(PATIENCE) == 0
    assert own_launched.left_running() == []


def test_a_database_that_is_broken_is_said_with_the_reason_and_nothing_stays(tmp_path: Path) -> None:
    (tmp_path / "sophora.db").write_bytes(b"this is no database" * 1000)
    launched = Launched(tmp_path)
    try:
        assert launched.launcher.wait(PATIENCE) == 1
        assert launched.said("The database could not be prepared: ")
        assert launched.said("file is not a database")
    finally:
        launched.close()
