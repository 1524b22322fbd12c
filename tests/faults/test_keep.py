"""A container's process is supervised like those of `sophora run`."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from app.core.config import ROOT
from tests.faults.classroom import Classroom, end, wait_for

PATIENCE = 400.0


@pytest.fixture
def classroom(tmp_path: Path) -> Iterator[Classroom]:
    classroom = Classroom(tmp_path)
    yield classroom
    classroom.close()


def test_a_web_server_that_is_killed_in_its_container_comes_back_and_ends_with_it(
    classroom: Classroom,
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    code = f"import sys; from app.launching.keep import keep; sys.exit(keep('web', '127.0.0.1', {port}))"
    keeper = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )

    def answers() -> bool:
        assert keeper.poll() is None
        try:
            return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=60).status_code == 200
        except httpx.TransportError:
            return False

    try:
        wait_for(answers, "it answers", PATIENCE)
        [first] = psutil.Process(keeper.pid).children()
        first.kill()
        # Readers who connect now wait for the next one.
        wait_for(answers, "it answers again", PATIENCE)
        [second] = psutil.Process(keeper.pid).children()
        assert second.pid != first.pid
        keeper.terminate()
        assert keeper.wait(60) == 0
        assert not second.is_running()
    finally:
        end(keeper)
    assert b"web was ended by SIGKILL; it is started again in 1 s\n" in keeper.stderr.read()
