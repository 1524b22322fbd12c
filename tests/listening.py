"""Records a test's events."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import Any

from app.core import events


@contextmanager
def listening(*kinds: type) -> Iterator[list[Any]]:
    """The events of these kinds sent inside, in order."""
    heard: list[Any] = []
    listeners = {kind: _listener(kind, heard) for kind in kinds}
    for kind, listener in listeners.items():
        known = events._listeners.setdefault(kind, [])
        known.append((listener, tuple(field.name for field in fields(kind))))
    yield heard
    for kind, listener in listeners.items():
        events._listeners[kind] = [known for known in events._listeners[kind] if known[0] is not listener]


def _listener(kind: type, heard: list[Any]) -> Callable[..., None]:
    return lambda _session, **carried: heard.append(kind(**carried))
