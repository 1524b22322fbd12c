"""Small sandboxed processes, for parsers of untrusted text and decoders of untrusted files.

Such code always has one more input on which it hangs, or takes all memory; and native code does so while it holds
the GIL, so that a watchdog thread is useless. In a sandboxed process the kernel ends it when its time or memory is
used up, and nothing else notices. The processes stay warm: a call costs about a tenth of a millisecond.

A feature declares at import `preload("module")`, and calls `run("module:function", argument, limits=…)`. Arguments and results
are pickled. `cpu_seconds` bounds what the call itself computes; `wall_seconds`, for one that sleeps, is far larger, so that on a
busy machine no text is refused because of others' load.
"""

import atexit
import io
import os
import pickle
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.core.sandbox_child import DONE, FAILED, KILL, LAST, ORDER, READY, START, receive, send

MEGABYTE = 2**20
# Until a process is up: the first one waits for the modules to be imported, on a machine that may be busy.
START_SECONDS = 60.0
# How long after the process's own limits this process kills it.
GRACE_SECONDS = 1.0
MOST_ANSWER = 128 * MEGABYTE
# How many run at once. A short call never queues behind a long one.
LANES = {"short": 2, "long": 1, "longest": 1}
# Further calls that may queue in each lane: callers in web server threads leave most of these slots to others.
MOST_WAITING = 8
STARTED_AHEAD = 2
_KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "PYTHONHASHSEED", "VIRTUAL_ENV")


class LimitExceeded(Exception):
    """The call exceeded its time or memory, or killed its process."""


class AllBusy(Exception):
    """No process became free in time; nothing is known about the input."""


@dataclass(frozen=True)
class Limits:
    """Limits of one call. `memory` is address space in bytes, including that of the modules (some 30 MB)."""

    cpu_seconds: float
    wall_seconds: float
    memory: int = 256 * MEGABYTE
    lane: str = "short"


class _Answer(pickle.Unpickler):
    """Unpickles answers of a process that may have been taken over: plain data, the app's records and exceptions only."""

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name)
        is_plain = module == "builtins" and name in {"set", "frozenset", "bytearray"}
        is_record = isinstance(found, type) and (
            module.startswith("app.") or issubclass(found, BaseException)
        )
        if not is_plain and not is_record:
            raise pickle.UnpicklingError(f"a helper may not answer with {module}.{name}")
        return found


class Helper:
    """This process's end of the channel to a sandboxed process."""

    def __init__(self, number: int, channel: socket.socket) -> None:
        self.number, self.channel = number, channel
        self.is_ready, self._patience = False, 0.0

    def is_alive(self) -> bool:
        """An idle process sends nothing: if the socket is readable, it has ended."""
        try:
            self.channel.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return True
        except OSError:
            pass
        return False

    def ask(self, function: str, arguments: tuple[Any, ...], limits: Limits) -> tuple[bytes, bytes] | None:
        """(kind, answer); None if it has ended or timed out."""
        call = (function, arguments, limits.cpu_seconds, limits.wall_seconds, limits.memory)
        try:
            self._wait_for(limits.wall_seconds + GRACE_SECONDS)
            send(self.channel, b"C", pickle.dumps(call))
            return receive(self.channel, MOST_ANSWER)
        except (OSError, EOFError):  # timed out, or ended
            return None

    def greet(self) -> bool:
        """Wait for its first message."""
        try:
            self._wait_for(START_SECONDS)
            self.is_ready = receive(self.channel) == (READY, b"")
        except (OSError, EOFError):
            self.is_ready = False
        return self.is_ready

    def _wait_for(self, seconds: float) -> None:
        """By the socket's own timeout: Python's costs an extra system call per read."""
        if seconds != self._patience:
            times = struct.pack("@ll", int(seconds), int(seconds % 1 * 1e6))
            self.channel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, times)
            self.channel.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, times)
            self._patience = seconds


class Lane:
    """Slots for calls of a kind."""

    def __init__(self, size: int) -> None:
        self._free = threading.BoundedSemaphore(size)
        self._may_come = threading.BoundedSemaphore(size + MOST_WAITING)

    @contextmanager
    def place(self, seconds: float) -> Iterator[None]:
        """Raises AllBusy if too many wait already, or none became free within `seconds`."""
        if not self._may_come.acquire(blocking=False):
            raise AllBusy
        try:
            if not self._free.acquire(timeout=seconds):
                raise AllBusy
            try:
                yield
            finally:
                self._free.release()
        finally:
            self._may_come.release()


class Pool:
    """Started by the first call, or by `start`; thread-safe."""

    def __init__(self, modules: list[str]) -> None:
        self.modules = modules
        self._lock = threading.Lock()
        self._lanes = {name: Lane(size) for name, size in LANES.items()}
        self._idle: list[Helper] = []
        self._number = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def run(self, function: str, *arguments: Any, limits: Limits) -> Any:
        """The result of `function` ("module:name"); an exception that it raises is raised here.

        Raises LimitExceeded, or AllBusy if others used the processes for too long.
        """
        with self._lanes[limits.lane].place(limits.wall_seconds):
            helper = self._take()
            answer = helper.ask(function, arguments, limits)
            if answer is None or answer[0] in LAST.values():
                self._drop(helper)
            else:
                with self._lock:
                    self._idle.append(helper)
        kind = answer[0].upper() if answer else b""
        if answer is None or kind not in (DONE, FAILED):
            raise LimitExceeded(function)
        value = _Answer(io.BytesIO(answer[1])).load()
        if kind == FAILED:
            raise value
        return value

    def start(self) -> None:
        """Start processes in the background; returns at once."""
        with self._lock:
            while len(self._idle) < STARTED_AHEAD:
                self._idle.append(self._new())

    def stop(self) -> None:
        """End all processes, and wait until they are gone."""
        with self._lock:
            for helper in self._idle:
                helper.channel.close()
            self._idle.clear()
            self._end_process()

    def forget(self) -> None:
        """In a forked child: these processes belong to its parent."""
        if self._control is not None:
            self._control.close()
        for helper in self._idle:
            helper.channel.close()
        self.__init__(self.modules)  # type: ignore[misc] # all of it anew

    def _take(self) -> Helper:
        while True:
            with self._lock:
                helper = self._idle.pop() if self._idle else self._new()
            if helper.is_alive() if helper.is_ready else helper.greet():
                return helper
            self._drop(helper)
            self._check_start()

    def _check_start(self) -> None:
        """Raises RuntimeError if processes cannot be started at all, because of a broken module, for example."""
        code = self._process.poll() if self._process is not None else None
        if code is not None and code > 0:
            raise RuntimeError(
                f"the helper processes cannot start (exit code {code}); what they said stands in the log"
            )

    def _new(self) -> Helper:
        """If the forking process has been killed, start another."""
        for _attempt in range(2):
            if self._process is None or self._process.poll() is not None:
                self._end_process()
                self._begin_process()
            ours, theirs = socket.socketpair()
            self._number += 1
            assert self._control is not None
            try:
                socket.send_fds(self._control, [ORDER.pack(START, self._number)], [theirs.fileno()])
                return Helper(self._number, ours)
            except OSError:
                ours.close()
                self._end_process()
            finally:
                theirs.close()
        raise RuntimeError("the helper processes cannot be reached")

    def _drop(self, helper: Helper) -> None:
        helper.channel.close()
        with self._lock:
            try:
                if self._control is not None:
                    self._control.sendall(ORDER.pack(KILL, helper.number))
            except OSError:
                pass  # the forking process is gone, and a new one comes with the next call

    def _begin_process(self) -> None:
        self._control, theirs = socket.socketpair()
        tend = "import socket, sys; from app.core.sandbox_child import tend; tend(socket.socket(fileno=int(sys.argv[1])), sys.argv[2:])"
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", tend, str(theirs.fileno()), *self.modules],
                cwd=Path(__file__).resolve().parents[2],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                # Ctrl-C is for this process, which ends them. They must not see the installation's secrets.
                start_new_session=True,
                env={name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ},
            )

    def _end_process(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            try:
                self._process.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:  # still importing
                self._process.kill()
                self._process.wait()
            self._process = None


_modules: list[str] = []
pool = Pool(_modules)
atexit.register(pool.stop)
os.register_at_fork(after_in_child=pool.forget)


def preload(*modules: str) -> None:
    """Import these into the sandboxed processes before they are needed."""
    _modules.extend(module for module in modules if module not in _modules)


def run(function: str, *arguments: Any, limits: Limits) -> Any:
    return pool.run(function, *arguments, limits=limits)
