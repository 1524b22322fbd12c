"""The SQL statements sent by a part of a test."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

from fastapi.testclient import TestClient
from sqlalchemy import event

from app.core import db


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that run inside the block."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            found.append(statement)

    event.listen(db.get_engine(), "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.get_engine(), "before_cursor_execute", note)


@contextmanager
def asking_for_a_lock() -> Iterator[Event]:
    """Is set when somebody asks for one inside the block: SQLite's of all writers, PostgreSQL's of a row."""
    is_asked = Event()

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "BEGIN IMMEDIATE" in statement or "FOR UPDATE" in statement:
            is_asked.set()

    event.listen(db.get_engine(), "before_cursor_execute", note)
    try:
        yield is_asked
    finally:
        event.remove(db.get_engine(), "before_cursor_execute", note)


def cost(client: TestClient, path: str) -> int:
    with statements() as found:
        assert client.get(path).status_code == 200
    return len(found)
