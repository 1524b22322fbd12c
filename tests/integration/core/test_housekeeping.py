"""What is cleaned up in the data folder, and what is kept."""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core import disk, housekeeping


@pytest.fixture
def data(tmp_path: Path, configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Path:
    configure(data_dir=tmp_path)
    for folder in ("logs", "datasets", "files/jobs", "tmp"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    return tmp_path


def put(path: Path, content: bytes = b"x", age_hours: float = 0) -> Path:
    path.write_bytes(content)
    then = time.time() - 3600 * age_hours
    os.utime(path, (then, then))
    return path


def test_a_log_that_has_grown_is_cut_and_its_writer_goes_on_in_the_same_file(data: Path) -> None:
    log = data / "logs" / "web.log"
    with log.open("ab", buffering=0) as writer:
        for round_ in (b"first", b"second", b"third"):
            writer.write(round_ * 100)
            housekeeping.rotate_logs(data / "logs", longest=100)
        writer.write(b"last")
        housekeeping.rotate_logs(data / "logs", longest=100)
    assert log.read_bytes() == b"last"
    assert (data / "logs" / "web.log.1").read_bytes() == b"third" * 100
    assert (data / "logs" / "web.log.2").read_bytes() == b"second" * 100
    assert len(list((data / "logs").iterdir())) == 3


def test_leftovers_go_and_what_is_being_written_stays(data: Path) -> None:
    gone = [
        put(data / "datasets" / "mnist.12.tmp", age_hours=2),
        put(data / "tmp" / "__autograph_generated_file1.py", age_hours=2),
    ]
    kept = [
        put(data / "datasets" / "mnist.13.tmp"),
        put(data / "datasets" / "mnist.npz", age_hours=1000),
        put(data / "tmp" / "__autograph_generated_file2.py"),
        put(data / "tmp" / "somebody_elses.py", age_hours=2),
    ]
    assert housekeeping.clear_leftovers() == 2
    assert not any(path.exists() for path in gone)
    assert all(path.exists() for path in kept)


def test_with_little_room_what_can_be_made_again_goes_only_until_there_is_enough(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_log = put(data / "logs" / "web.log.1")
    unfinished = put(data / "files" / "jobs" / "model.keras#1", age_hours=30)
    stored = put(data / "files" / "jobs" / "model.keras", age_hours=3000)
    unused = put(data / "datasets" / "iris.npz", age_hours=24 * 8)
    used = put(data / "datasets" / "mnist.npz", age_hours=24)
    database = put(data / "sophora.db", age_hours=3000)
    monkeypatch.setattr(disk, "free_mb", lambda: 5000 if not old_log.exists() else 10)

    housekeeping.make_room()
    assert not old_log.exists()
    assert unfinished.exists() and unused.exists()

    monkeypatch.setattr(disk, "free_mb", lambda: 10)
    housekeeping.make_room()
    assert not unfinished.exists() and not unused.exists()
    assert stored.exists() and used.exists() and database.exists()
