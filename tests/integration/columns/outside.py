"""Things that must not happen while a transaction blocks other writers: each of these then raises, and is recorded."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from multiprocessing.connection import Connection as Pipe
from typing import Any

import obstore
import pytest
import redis.connection
from jinja2 import Template
from markdown_it import MarkdownIt

from app.accounts import passwords
from app.core.transactions import is_writing

# What is slow, or waits for something other than the database.
SLOW = {
    "hashing": [(type(passwords._hasher), ("hash", "verify", "verify_and_update"))],
    "parsing": [(MarkdownIt, ("parse", "parseInline", "render")), (HTMLParser, ("feed",))],
    "drawing a page": [(Template, ("render", "generate"))],
    "files": [(obstore, ("put", "get", "delete", "list"))],
    "Redis": [(redis.connection.AbstractConnection, ("send_packed_command", "connect"))],
    "a helper process": [(Pipe, ("send_bytes", "recv_bytes", "send", "recv"))],
}
# Audit events of Python itself.
EVENTS = {"open", "socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.posix_spawn"}
_noted: list[str] | None = None


class HeldWhileWriting(AssertionError):
    pass


def _note(what: str) -> None:
    if _noted is not None and is_writing():
        _noted.append(what)
        raise HeldWhileWriting(what)


def _audit(event: str, values: tuple[Any, ...]) -> None:
    if _noted is None or event not in EVENTS or not is_writing():
        return
    # Python reads its own modules when they are imported late, and tracebacks quote them; time zones are read once.
    if event == "open" and (str(values[0]).endswith((".py", ".pyc")) or "zoneinfo" in str(values[0])):
        return
    _note(f"{event} {values[0] if values else ''}")


sys.addaudithook(_audit)


@contextmanager
def nothing_slow_while_writing() -> Iterator[list[str]]:
    """What was tried while a transaction was open, which raised."""
    global _noted
    _noted = []
    with pytest.MonkeyPatch.context() as patch:
        for what, places in SLOW.items():
            for owner, names in places:
                for name in names:
                    if hasattr(owner, name):
                        patch.setattr(owner, name, _guarded(f"{what}: {name}", getattr(owner, name)))
        try:
            yield _noted
        finally:
            _noted = None


def _guarded(what: str, real: Any) -> Any:
    def guarded(*values: Any, **named: Any) -> Any:
        _note(what)
        return real(*values, **named)

    return guarded
