"""Events between features: one sends what has happened, and features above it, which it does not know, listen.

An event is a frozen dataclass in the `events.py` of the feature where it happens. `@on(CommentShown)` connects a listener, which
takes the session and the fields it needs by name and type; a field that the event lacks is rejected when the
listener is imported. An event is sent inside the transaction of what happened: a listener writes in the same session and never
commits. Listeners are in modules named by `app.features`, so that each process has the same.
"""

import inspect
from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from typing import Any, TypeVar, get_type_hints

from sqlalchemy.orm import Session

Listener = TypeVar("Listener", bound=Callable[..., None])

_listeners: dict[type, list[tuple[Callable[..., None], tuple[str, ...]]]] = {}


def on(event: type) -> Callable[[Listener], Listener]:
    """A decorator: `listener(session, *, <fields of event>)` is called whenever one is sent. Raises TypeError for a field that it
    lacks.
    """

    def connect(listener: Listener) -> Listener:
        _listeners.setdefault(event, []).append((listener, _fields_taken(event, listener)))
        return listener

    return connect


def send(session: Session | None, event: object) -> None:
    """Call the listeners in order of connection. `session` is None for events outside a transaction."""
    for listener, names in _listeners.get(type(event), ()):
        listener(session, **{name: getattr(event, name) for name in names})


def connected() -> dict[str, list[str]]:
    """The names of the listeners, by event name."""
    name = attrgetter("__module__", "__qualname__")
    return {
        ".".join(name(event)): [".".join(name(listener)) for listener, _fields in those]
        for event, those in _listeners.items()
    }


def _fields_taken(event: type, listener: Callable[..., None]) -> tuple[str, ...]:
    known, wanted = get_type_hints(event), get_type_hints(listener)
    taken = tuple(inspect.signature(listener).parameters)[1:]
    for name in taken:
        if name not in {field.name for field in fields(event)}:
            raise TypeError(
                f"{listener.__qualname__} takes {name!r}, which {event.__qualname__} does not have"
            )
        if wanted.get(name, Any) not in {Any, known[name]}:
            raise TypeError(
                f"{listener.__qualname__} takes {name!r} as {wanted[name]}, which is {known[name]} in {event.__qualname__}"
            )
    return taken
