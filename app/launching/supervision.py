"""Process supervision: what ends is restarted after a growing delay, what hangs is killed and replaced.

Each program's health is checked in a thread of its own, so that an answer that never comes blocks nobody. Silence is
counted in this process's own checks, none longer than a second: a suspended machine or launcher proves nothing
about the programs.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from app.core.config import ROOT

END_WITH_PARENT = ROOT / "app" / "launching" / "end_with_parent.py"
LAST_LINES = 8


class GaveUp(Exception):
    """A program keeps ending; the message is one sentence with the last lines of its log."""


@dataclass(frozen=True)
class Pace:
    """Intervals and delays of checks and restarts, in seconds."""

    look: float = 0.2
    ask: float = 2.0
    first_pause: float = 1.0
    longest_pause: float = 30.0
    # A program that ended this many times in a row without a good run in between is given up.
    tries: int = 8
    well: float = 60.0
    # Seconds from SIGTERM to SIGKILL for a hanging program.
    grace: float = 5.0


@dataclass(frozen=True)
class Program:
    """A command to keep running; without `log` it writes to our output.

    `is_alive(pid)` checks its health: False is silence, None if it cannot be known now. It may take a few seconds, and raises
    nothing. A start takes at most `start_seconds`, a silence `silent_seconds`.
    """

    name: str
    command: Sequence[str]
    log: Path | None
    is_alive: Callable[[int], bool | None] | None = None
    start_seconds: float = 120.0
    silent_seconds: float = 30.0
    pass_fds: tuple[int, ...] = ()


@dataclass
class Child:
    """A program's current process. Without `process` it waits for its next start, at `starts_at`."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    starts_at: float = 0.0
    # Whether this process has sent a heartbeat, for how long none came, and when to kill a hanging one.
    has_lived: bool = False
    silent_for: float = 0.0
    killed_at: float | None = None
    # Consecutive ends without a good run in between.
    ends: int = 0
    signs: list[tuple[int, bool | None]] = field(default_factory=list)

    def send(self, number: int) -> None:
        """To the whole group: a program's own children are included."""
        if self.process:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)


class Supervisor:
    """`say(line)` reports every end, silence and recovery, `note(line)` first starts, which are routine.

    Call all methods from the main thread: with PR_SET_PDEATHSIG the kernel ties a child to the thread that started it.
    """

    def __init__(
        self,
        say: Callable[[str], None],
        pace: Pace | None = None,
        note: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self.say, self.note = say, note
        self.pace = pace or Pace()
        self.children: dict[str, Child] = {}
        self._has_stopped = threading.Event()
        self._looked_at = time.monotonic()

    def start(self, program: Program, *, held: bool = False) -> None:
        """Start a program and keep it running. A `held` one finds its stdin open until `release`; on a later start it is closed."""
        child = self.children[program.name] = Child(program)
        self._spawn(child, subprocess.PIPE if held else subprocess.DEVNULL)
        if program.is_alive:
            threading.Thread(target=self._ask, args=(child,), name=f"ask-{program.name}", daemon=True).start()

    def release(self, name: str) -> None:
        child = self.children.get(name)
        if child and child.process and child.process.stdin:
            child.process.stdin.close()

    def ended(self) -> str | None:
        """The name of a program that is not running, for callers waiting for the first start of all."""
        return next(
            (name for name, c in self.children.items() if not c.process or c.process.poll() is not None), None
        )

    def look(self) -> None:
        """Check every program once. Raises GaveUp."""
        now = time.monotonic()
        passed, self._looked_at = min(now - self._looked_at, 1.0), now
        for child in self.children.values():
            if child.process is None:
                if now >= child.starts_at:
                    self._start_again(child, now)
            elif (code := child.process.poll()) is not None:
                self._after_its_end(child, code, now)
            else:
                self._listen(child, passed, now)

    def stop(self, order: Sequence[Collection[str]], grace: float, hurry: Callable[[], bool]) -> None:
        """End all, one group of `order` after the other, killing each after `grace` seconds, or as soon as `hurry()`."""
        self._has_stopped.set()
        for names in order:
            children = [c for name in names if (c := self.children.get(name)) and c.process]
            processes = [child.process for child in children if child.process]
            for child, process in zip(children, processes, strict=True):
                self.release(child.program.name)
                if process.poll() is None:
                    process.terminate()
            ends_at = time.monotonic() + grace
            while any(p.poll() is None for p in processes) and time.monotonic() < ends_at and not hurry():
                time.sleep(0.02)
            for child, process in zip(children, processes, strict=True):
                child.send(signal.SIGKILL)
                process.wait()

    def _start_again(self, child: Child, now: float) -> None:
        try:
            self._spawn(child, subprocess.DEVNULL)
        except OSError as error:  # out of memory or processes, for example: that may change
            child.starts_at = now + self.pace.longest_pause
            self.say(
                f"{child.program.name} cannot be started: {error.strerror}; the next try is in {self.pace.longest_pause:g} s"
            )

    def _spawn(self, child: Child, stdin: int) -> None:
        program = child.program
        command = [sys.executable, "-IS", str(END_WITH_PARENT), str(os.getpid()), *program.command]
        # A process group of its own: Ctrl-C reaches only the launcher, which then stops the others in order.
        with _appended(program.log) as output:
            child.process = subprocess.Popen(
                command, cwd=ROOT, stdin=stdin, stdout=output, stderr=output and subprocess.STDOUT, start_new_session=True,
                pass_fds=program.pass_fds, env=os.environ | {"PYTHONUNBUFFERED": "1"},
            )  # fmt: skip
        child.started_at, child.silent_for = time.monotonic(), 0.0
        child.has_lived, child.killed_at = program.is_alive is None, None

    def _ask(self, child: Child) -> None:
        while not self._has_stopped.wait(self.pace.ask):
            process, is_alive = child.process, child.program.is_alive
            if process is not None and is_alive is not None:
                child.signs.append((process.pid, is_alive(process.pid)))

    def _listen(self, child: Child, passed: float, now: float) -> None:
        """Count its silence, and end it when that has lasted too long."""
        child.silent_for += passed
        while child.signs:
            pid, sign = child.signs.pop(0)
            if sign is not False and child.process and pid == child.process.pid:
                child.silent_for = 0.0
                if sign and not child.has_lived:
                    self._greet(child)
        if child.program.is_alive is None:
            return
        if child.killed_at is not None:
            if now >= child.killed_at:
                child.send(signal.SIGKILL)
            return
        limit = child.program.silent_seconds if child.has_lived else child.program.start_seconds
        if child.process and child.silent_for > limit:
            self.say(f"{child.program.name} has not answered for {limit:.0f} s; it is replaced")
            child.process.terminate()
            child.killed_at = now + self.pace.grace

    def _greet(self, child: Child) -> None:
        child.has_lived = True
        if child.ends:
            self.say(f"{child.program.name} runs again")
        else:
            self.note(f"{child.program.name} runs")

    def _after_its_end(self, child: Child, code: int, now: float) -> None:
        child.send(signal.SIGKILL)  # children it has left behind
        name = child.program.name
        has_run_well = child.has_lived and now - child.started_at >= self.pace.well
        child.ends = 1 if has_run_well else child.ends + 1
        child.process = None
        if child.ends >= self.pace.tries:
            why = f"{name} {how_it_ended(code)}, for the {child.ends}th time in a row, so Sophora stops."
            log = child.program.log
            raise GaveUp(f"{why} The last lines of {log}:\n{last_lines(log)}" if log else why)
        pause = min(self.pace.first_pause * 2 ** (child.ends - 1), self.pace.longest_pause)
        child.starts_at = now + pause
        self.say(
            f"{name} {how_it_ended(code)}; it is started again in {pause:g} s{f' (see {log})' if (log := child.program.log) else ''}"
        )


def _appended(log: Path | None) -> AbstractContextManager[IO[bytes] | None]:
    """On a full disk no file can be created: then the program's output is lost, but it runs."""
    if log is None:
        return nullcontext()
    try:
        return log.open("ab")
    except OSError:
        return Path(os.devnull).open("ab")


def how_it_ended(code: int) -> str:
    if code >= 0:
        return f"ended with code {code}"
    with suppress(ValueError):
        return f"was ended by {signal.Signals(-code).name}"
    return f"was ended by signal {-code}"


def last_lines(log: Path, number: int = LAST_LINES) -> str:
    """The last non-empty lines, indented."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, log.stat().st_size - 8000))
            lines = [
                line.rstrip() for line in stream.read().decode(errors="replace").splitlines() if line.strip()
            ]
    except OSError as error:
        return f"  (not readable: {error.strerror})"
    return "\n".join(f"  {line[:300]}" for line in lines[-number:])
