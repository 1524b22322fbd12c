"""What runs inside the processes of `app.core.sandbox`. It imports only the standard library, and what its modules need.

`tend` is the first of them: it imports the modules once, and forks a process on demand, within a few milliseconds.
A forked process answers one call after the other. The kernel enforces its limits: the signals of its two timers end it even in
native code that never returns to Python.
"""

import contextlib
import gc
import importlib
import os
import pickle
import resource
import select
import signal
import socket
import struct
from typing import Any

# A length, and the kind of message of that length that follows.
HEAD = struct.Struct("!Ic")
# To `tend`: the order, and the number of a process.
ORDER = struct.Struct("!cI")
START, KILL = b"S", b"K"
READY, DONE, FAILED, TOO_MUCH = b"R", b"D", b"F", b"T"
# Upper case: the process continues; lower case: it has grown and ends.
LAST = {DONE: b"d", FAILED: b"f", TOO_MUCH: b"t"}
# A process whose memory has grown by this much is replaced after its answer: parsers keep caches we cannot clear.
GROWN_KB = 64 * 1024


def tend(control: socket.socket, modules: list[str]) -> None:
    """Import `modules`, and call their `warm_up` if they have one.

    Then fork processes and reap them until the parent closes its end of `control`; then none is left.
    """
    for module in modules:
        getattr(importlib.import_module(module), "warm_up", lambda: None)()
    gc.collect()
    gc.freeze()
    awake, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    helpers: dict[int, int] = {}
    watched: list[socket.socket | int] = [control, awake]
    while True:
        ready, _, _ = select.select(watched, [], [])
        if awake in ready:
            os.read(awake, 4096)
            _reap(helpers)
        if control not in ready:
            continue
        order, descriptors, _, _ = socket.recv_fds(control, ORDER.size, 1)
        if len(order) < ORDER.size:
            break
        action, number = ORDER.unpack(order)
        if action == START and descriptors:
            helpers[number] = _fork(descriptors[0], control, (awake, wake))
        elif action == KILL and number in helpers:
            os.kill(helpers[number], signal.SIGKILL)
    for pid in helpers.values():
        os.kill(pid, signal.SIGKILL)
    while helpers:
        _reap(helpers, os.waitpid(-1, 0)[0])


def _reap(helpers: dict[int, int], pid: int = 0) -> None:
    """Forget those that have ended. Until then their process ids are not reused: KILL never hits a stranger."""
    gone = [pid] if pid else []
    while not pid:
        try:
            ended = os.waitpid(-1, os.WNOHANG)[0]
        except ChildProcessError:
            break
        if not ended:
            break
        gone.append(ended)
    for number in [number for number, process in helpers.items() if process in gone]:
        del helpers[number]


def _fork(descriptor: int, control: socket.socket, pipe: tuple[int, int]) -> int:
    pid = os.fork()
    if pid:
        os.close(descriptor)
        return pid
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        control.close()
        for end in pipe:
            os.close(end)
        _lock_in()
        serve(socket.socket(fileno=descriptor))
    finally:
        os._exit(0)


def _lock_in() -> None:
    """The process writes no file, leaves no core dump, and outputs nothing but its answers."""
    for what in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE):
        resource.setrlimit(what, (0, 0))
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)


def serve(channel: socket.socket) -> None:
    """Answer calls until the other end is closed."""
    usual = _most_memory()
    send(channel, READY, b"")
    while True:
        message = receive(channel)
        if message is None:
            return
        function, arguments, cpu_seconds, wall_seconds, memory = pickle.loads(message[1])
        _limit_memory(memory)
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
        signal.setitimer(signal.ITIMER_REAL, wall_seconds)
        kind, answer = _answer(function, arguments)
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        is_last = kind == TOO_MUCH or _most_memory() - usual > GROWN_KB
        send(channel, LAST[kind] if is_last else kind, answer)
        if is_last:
            return


def _answer(function: str, arguments: tuple[Any, ...]) -> tuple[bytes, bytes]:
    module, _, name = function.partition(":")
    try:
        try:
            return DONE, pickle.dumps(getattr(importlib.import_module(module), name)(*arguments))
        except (MemoryError, RecursionError):
            return TOO_MUCH, b""
        except Exception as error:
            return FAILED, pickle.dumps(error)
    except Exception as error:  # an error that cannot be pickled
        return FAILED, pickle.dumps(RuntimeError(f"{type(error).__name__}: {error}"))


def _limit_memory(memory: int) -> None:
    """Address space, in bytes. If the system has no such limit (macOS), the timers alone apply."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (memory, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _most_memory() -> int:
    """Peak memory, in kilobytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def send(channel: socket.socket, kind: bytes, content: bytes) -> None:
    channel.sendall(HEAD.pack(len(content), kind) + content)


def receive(channel: socket.socket, most: int = 2**32) -> tuple[bytes, bytes] | None:
    """(kind, content); None if the other end is closed, or sends more than `most` bytes.

    Each side waits for the other's answer before it sends again, so exactly one message arrives.
    """
    content = bytearray(channel.recv(2**16))
    while 0 < len(content) < HEAD.size:
        content += _more(channel)
    if not content:
        return None
    length, kind = HEAD.unpack_from(content)
    if length > most:
        return None
    while len(content) < HEAD.size + length:
        content += _more(channel)
    return kind, bytes(content[HEAD.size :])


def _more(channel: socket.socket) -> bytes:
    part = channel.recv(2**20)
    if not part:
        raise EOFError("the other end is closed in the middle of a message")
    return part
