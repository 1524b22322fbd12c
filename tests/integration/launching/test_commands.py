"""Every command, in every wrong state: one sentence that says what to do, exit code 1 or 2, never a traceback."""

import inspect
import re
import socket
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import pytest
import typer
from redis.exceptions import ConnectionError as RedisConnectionError
from typer.testing import CliRunner, Result

from app.cli import cli
from app.core import db
from app.core.config import get_settings
from app.core.redis import get_redis
from app.launching.wrong_state import explain
from tests.factories import TINY_COURSE


@dataclass(frozen=True)
class Argument:
    is_path: bool
    is_required: bool
    must_exist: bool


def all_commands(group: typer.Typer, *names: str) -> Iterator[tuple[tuple[str, ...], list[Argument]]]:
    """Every command of the parser, with its parameters."""
    for info in group.registered_commands:
        name = info.name or info.callback.__name__.replace("_", "-")
        yield (*names, name), list(arguments_of(info.callback))
    for nested in group.registered_groups:
        yield from all_commands(nested.typer_instance, *names, nested.name)


def arguments_of(callback: Callable[..., object]) -> Iterator[Argument]:
    for parameter in inspect.signature(callback).parameters.values():
        kind, *about = get_args(parameter.annotation)
        for info in about:
            if isinstance(info, typer.models.ArgumentInfo):
                is_required = parameter.default is inspect.Parameter.empty
                yield Argument("Path" in str(kind), is_required, bool(info.exists))


COMMANDS = dict(all_commands(cli))


def given_to(arguments: list[Argument], folder: Path) -> list[str]:
    """What the command asks for."""
    given = []
    for argument in arguments:
        if not argument.is_required:
            continue
        if not argument.is_path:
            given.append("somebody")
        elif argument.must_exist:
            (folder / "column.md").write_text("# 一\n\n文字。\n", encoding="utf-8")
            given.append(str(folder / "column.md"))
        else:
            given.append(str(folder / "out"))
    return given


def no_database(_folder: Path) -> dict[str, str]:
    return {}


def database_away(_folder: Path) -> dict[str, str]:
    return {"DATABASE_URL": "postgresql://sophora:do-not-show@127.0.0.1:1/sophora"}


def not_migrated(folder: Path) -> dict[str, str]:
    sqlite3.connect(folder / "sophora.db").execute("create table other (id integer)").connection.close()
    return {}


def newer(folder: Path) -> dict[str, str]:
    with sqlite3.connect(folder / "sophora.db") as connection:
        connection.execute("create table alembic_version (version_num varchar(32) not null)")
        connection.execute("insert into alembic_version values ('of-next-year')")
    connection.close()
    return {}


def broken(folder: Path) -> dict[str, str]:
    (folder / "sophora.db").write_bytes(b"this is no database" * 1000)
    return {}


def bad_setting(_folder: Path) -> dict[str, str]:
    return {"JOB_INTERRUPTIONS": "many"}


def bad_address(_folder: Path) -> dict[str, str]:
    return {"DATABASE_URL": "not an address"}


STATES = [no_database, database_away, not_migrated, newer, broken, bad_setting, bad_address]
# Those that work there all the same.
WORKS = {
    ("migrate",): {no_database, not_migrated},
    ("course", "check"): {no_database, database_away, not_migrated, newer, broken, bad_address},
}
# It migrates the database itself; in processes of its own: tests/faults/test_launcher.py.
MAKES_ITS_OWN = {("run",): {*STATES} - {bad_setting}}


@pytest.fixture
def used_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Result]]:
    """Run a command in a data folder of its own, with these settings."""

    def run(names: tuple[str, ...], given: list[str], settings: dict[str, str]) -> Result:
        monkeypatch.setenv("SOPHORA_DATA_DIR", str(tmp_path))
        monkeypatch.delenv("SOPHORA_DATABASE_URL", raising=False)
        for name, value in settings.items():
            monkeypatch.setenv(f"SOPHORA_{name}", value)
        forget()
        return CliRunner().invoke(cli, [*names, *given])

    yield run
    monkeypatch.undo()
    forget()


def forget() -> None:
    for cached in (get_settings, db.get_engine, get_redis):
        cached.cache_clear()


def said(result: Result) -> str:
    """The one sentence."""
    assert result.exit_code in {1, 2}, result.output
    assert isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    if result.exit_code == 1:
        assert result.stderr.strip().count("\n") == 0, result.stderr
    assert len(result.stderr) < 2000
    # The parser's messages are in a box, which breaks long paths.
    return result.stderr if result.exit_code == 1 else re.sub(r"[\s│╭╮╰╯─]", "", result.stderr)


@pytest.mark.parametrize(
    ("names", "state"),
    [
        pytest.param(names, state, id=f"{'-'.join(names)}-{state.__name__}")
        for names in COMMANDS
        for state in STATES
        if state not in MAKES_ITS_OWN.get(names, ())
    ],
)
def test_a_command_in_the_wrong_state_says_one_sentence(
    ask: Callable[..., Result],
    tmp_path: Path,
    names: tuple[str, ...],
    state: Callable[[Path], dict[str, str]],
) -> None:
    result = ask(names, given_to(COMMANDS[names], tmp_path), state(tmp_path))
    if state in WORKS.get(names, ()):
        assert result.exit_code == 0, result.output
    else:
        assert "do-not-show" not in said(result)


@pytest.mark.parametrize("names", COMMANDS, ids=["-".join(names) for names in COMMANDS])
def test_a_file_or_an_option_that_is_not_there_is_one_sentence(
    ask: Callable[..., Result], tmp_path: Path, names: tuple[str, ...]
) -> None:
    ask(("migrate",), [], {})
    if names != ("course", "export") and any(argument.is_path for argument in COMMANDS[names]):
        assert "nowhere" in said(ask(names, [str(tmp_path / "nowhere")], {}))
    assert ask(names, ["--no-such-option"], {}).exit_code == 2


def test_what_is_no_course_is_said_so(ask: Callable[..., Result], tmp_path: Path) -> None:
    ask(("migrate",), [], {})
    for name in ("check", "load"):
        assert "is no course" in said(ask(("course", name), [str(tmp_path)], {}))


def test_a_file_that_cannot_be_written_is_said_so(ask: Callable[..., Result], tmp_path: Path) -> None:
    ask(("migrate",), [], {})
    ask(("course", "load"), [str(TINY_COURSE)], {})
    (tmp_path / "out").write_text("a file in its place")
    said(ask(("course", "export"), [str(tmp_path / "out")], {}))


def test_a_port_that_is_taken_is_said_so(ask: Callable[..., Result], used_port: int) -> None:
    assert str(used_port) in said(ask(("run",), ["--port", str(used_port)], {}))


def test_a_setting_is_named_as_it_is_written(ask: Callable[..., Result]) -> None:
    result = ask(("migrate",), [], {"JOB_INTERRUPTIONS": "many"})
    assert result.exit_code == 2 and "SOPHORA_JOB_INTERRUPTIONS" in said(result)


def test_redis_that_is_away_is_said_so(ask: Callable[..., Result], tmp_path: Path) -> None:
    ask(("migrate",), [], {"REDIS_URL": "redis://127.0.0.1:1/0"})
    with pytest.raises(RedisConnectionError) as caught:
        get_redis().ping()
    assert "SOPHORA_REDIS_URL" in explain(caught.value)[0]


def test_what_nobody_has_thought_of_leaves_its_details_in_a_log(
    ask: Callable[..., Result], tmp_path: Path
) -> None:
    ask(("migrate",), [], {})
    sentence, code = explain(RuntimeError("an odd thing"))
    assert code == 1 and "an odd thing" in sentence
    assert "RuntimeError" in (tmp_path / "logs" / "commands.log").read_text()
