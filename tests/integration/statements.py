"""The SQL statements sent by a part of a test."""

from collections.abc import Iterator
from contextlib import contextmanager

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


def cost(client: TestClient, path: str) -> int:
    with statements() as found:
        assert client.get(path).status_code == 200
    return len(found)
