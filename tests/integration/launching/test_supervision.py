"""The supervisor with real, tiny processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from app.launching.supervision import GaveUp, Pace, Program, Supervisor
from tests.faults.classroom import wait_for

QUICK = Pace(look=0.01, ask=0.02, first_pause=0.01, longest_pause=0.05, tries=4, well=3600, grace=0.2)
SLEEP = "import time; time.sleep(600)"


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(said: list[str]) -> Iterator[Supervisor]:
    supervisor = Supervisor(said.append, QUICK)
    yield supervisor
    supervisor.stop([tuple(supervisor.children)], 1, hurry=lambda: False)


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., Program]:
    def make(code: str, name: str = "tiny", **options: object) -> Program:
        return Program(name, [sys.executable, "-c", code], tmp_path / f"{name}.log", **options)

    return make


def pid_of(supervisor: Supervisor, name: str = "tiny") -> int | None:
    process = supervisor.children[name].process
    return process.pid if process else None


def look_until(supervisor: Supervisor, condition: Callable[[], object], what: str) -> None:
    def looked() -> object:
        supervisor.look()
        return condition()

    wait_for(looked, what)


def replaced(supervisor: Supervisor, old: int | None) -> Callable[[], bool]:
    return lambda: pid_of(supervisor) not in (None, old)


def test_what_is_killed_is_started_again_and_one_line_says_so(
    supervisor: Supervisor, said: list[str], program: Callable[..., Program]
) -> None:
    supervisor.start(program(SLEEP))
    first = pid_of(supervisor)
    os.kill(first, signal.SIGKILL)

    look_until(supervisor, replaced(supervisor, first), "another process runs")

    assert len(said) == 1
    assert said[0].startswith("tiny was ended by SIGKILL; it is started again in 0.01 s (see ")


def test_what_ends_at_once_every_time_is_given_up_with_the_last_lines_of_its_log(
    supervisor: Supervisor, said: list[str], program: Callable[..., Program]
) -> None:
    supervisor.start(program("import sys; sys.exit('this setting is wrong')"))

    with pytest.raises(
        GaveUp,
        match=r"(?s)tiny ended with code 1, for the 4th time in a row, so Sophora stops\..*\n  this setting is wrong$",
    ):
        look_until(supervisor, lambda: False, "given up")

    assert [line.split(" in ")[1].split(" (")[0] for line in said] == ["0.01 s", "0.02 s", "0.04 s"]


def test_a_good_run_begins_the_count_and_the_pauses_anew(
    said: list[str], program: Callable[..., Program]
) -> None:
    supervisor = Supervisor(said.append, Pace(look=0.01, first_pause=0.01, tries=2, well=0.0))
    try:
        supervisor.start(program("import sys; sys.exit(3)"))
        look_until(supervisor, lambda: len(said) >= 4, "four lives")
    finally:
        supervisor.stop([("tiny",)], 1, hurry=lambda: False)
    assert all("again in 0.01 s" in line for line in said)


def test_what_hangs_is_found_and_killed_even_where_it_hears_no_sigterm(
    supervisor: Supervisor, said: list[str], program: Callable[..., Program], tmp_path: Path
) -> None:
    """Its heartbeat is a file's mtime; stopped by SIGSTOP it sends none, and SIGTERM does not reach it."""
    code = f"import pathlib, time\nwhile True: pathlib.Path({str(tmp_path / 'sign')!r}).touch(); time.sleep(0.01)"
    sign = tmp_path / "sign"

    def is_alive(_pid: int) -> bool:
        existed = sign.exists()
        sign.unlink(missing_ok=True)
        return existed

    supervisor.start(program(code, is_alive=is_alive, silent_seconds=0.5))
    look_until(supervisor, lambda: supervisor.children["tiny"].has_lived, "a sign of life")
    first = pid_of(supervisor)
    os.kill(first, signal.SIGSTOP)

    look_until(supervisor, replaced(supervisor, first), "the one that hangs is replaced")

    assert not psutil.pid_exists(first)
    assert said[0] == "tiny has not answered for 0 s; it is replaced"
    look_until(supervisor, lambda: said[-1] == "tiny runs again", "the new one lives")


def test_a_slow_start_is_no_hang_and_one_without_end_is(
    supervisor: Supervisor, said: list[str], program: Callable[..., Program]
) -> None:
    supervisor.start(program(SLEEP, is_alive=lambda _pid: False, silent_seconds=0.0, start_seconds=0.5))
    first = pid_of(supervisor)
    child = supervisor.children["tiny"]
    look_until(supervisor, lambda: child.silent_for > 0.2, "silence")
    assert pid_of(supervisor) == first
    assert said == []

    look_until(supervisor, replaced(supervisor, first), "replaced")


def test_nothing_is_ended_while_nobody_can_know_whether_it_lives(
    supervisor: Supervisor, said: list[str], program: Callable[..., Program]
) -> None:
    asked = []

    def is_alive(pid: int) -> None:
        asked.append(pid)

    supervisor.start(program(SLEEP, is_alive=is_alive, silent_seconds=0.3, start_seconds=0.3))
    look_until(supervisor, lambda: len(asked) > 40, "asked many times")
    assert said == []


def test_a_launcher_that_was_stopped_itself_takes_nobody_elses_silence_for_long(
    supervisor: Supervisor, program: Callable[..., Program]
) -> None:
    supervisor.start(program(SLEEP, is_alive=lambda _pid: False, silent_seconds=20, start_seconds=20))
    supervisor._looked_at = time.monotonic() - 3600
    supervisor.look()
    assert supervisor.children["tiny"].silent_for <= 1.0


def test_what_a_program_leaves_behind_goes_with_it(
    supervisor: Supervisor, program: Callable[..., Program], tmp_path: Path
) -> None:
    note = tmp_path / "grandchild"
    code = f"import pathlib, subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); pathlib.Path({str(note)!r}).write_text(str(p.pid)); time.sleep(600)"
    supervisor.start(program(code))
    wait_for(lambda: note.exists() and note.read_text(), "a grandchild")
    grandchild = psutil.Process(int(note.read_text()))
    first = pid_of(supervisor)
    os.kill(first, signal.SIGKILL)

    look_until(supervisor, replaced(supervisor, first), "another process runs")

    wait_for(lambda: not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE, "it is gone")


def test_a_held_program_waits_for_its_release_and_is_not_held_when_it_comes_back(
    supervisor: Supervisor, program: Callable[..., Program], tmp_path: Path
) -> None:
    note = tmp_path / "went on"
    code = (
        f"import pathlib, sys, time; sys.stdin.read(); pathlib.Path({str(note)!r}).touch(); time.sleep(600)"
    )
    supervisor.start(program(code), held=True)
    first = pid_of(supervisor)
    assert not note.exists()
    supervisor.release("tiny")
    wait_for(note.exists, "released")

    note.unlink()
    os.kill(first, signal.SIGKILL)
    look_until(supervisor, note.exists, "the next one goes on by itself")


def test_stopping_waits_for_a_goodbye_and_kills_at_once_when_told_to_hurry(
    said: list[str], program: Callable[..., Program], tmp_path: Path
) -> None:
    polite = f"import pathlib, signal, sys, time\ndef bye(*_): pathlib.Path({str(tmp_path / 'bye')!r}).touch(); sys.exit()\nsignal.signal(signal.SIGTERM, bye); pathlib.Path({str(tmp_path / 'a')!r}).touch(); time.sleep(600)"
    deaf = f"import pathlib, signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN); pathlib.Path({str(tmp_path / 'b')!r}).touch(); time.sleep(600)"
    supervisor = Supervisor(said.append, QUICK)
    supervisor.start(program(polite, "polite"))
    supervisor.start(program(deaf, "deaf"))
    wait_for(lambda: (tmp_path / "a").exists() and (tmp_path / "b").exists(), "both run")

    supervisor.stop(
        [("polite",), ("deaf",)], 3600, hurry=lambda: supervisor.children["polite"].process.poll() is not None
    )

    assert supervisor.children["polite"].process.returncode == 0
    assert supervisor.children["deaf"].process.returncode == -signal.SIGKILL


def test_a_program_ends_with_its_launcher_however_that_ends(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    tiny = f"import os, pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); pathlib.Path({str(note)!r}).write_text(str(os.getpid())); time.sleep(600)"
    code = (
        "import pathlib, sys, time; from app.launching.supervision import Program, Supervisor\n"
        f"Supervisor(print).start(Program('tiny', [sys.executable, '-c', {tiny!r}], pathlib.Path({str(tmp_path / 'log')!r})))\n"
        "time.sleep(600)"
    )
    launcher = subprocess.Popen([sys.executable, "-c", code])
    wait_for(lambda: note.exists() and note.read_text(), "it runs")
    child = psutil.Process(int(note.read_text()))
    launcher.kill()
    launcher.wait()
    wait_for(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, "it is gone")
