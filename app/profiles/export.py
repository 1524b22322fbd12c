"""A user's data as a ZIP of JSON and files. It is made while it is sent: one file, or a chunk of a table, is held at a time.

Each chunk of rows is read in a session of its own, so that a slow download keeps no transaction open.
"""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from enum import Enum
from typing import IO, Any
from uuid import UUID

from anyio import CapacityLimiter, to_thread
from sqlalchemy import Column, select, tuple_

from app.core.admission import Admission
from app.core.db import session_scope
from app.core.owned import Owned
from app.core.storage import Files
from app.core.streamed_zip import StreamedZip

ROWS_AT_ONCE = 500
# Useless to the owner, and useful to a thief.
SECRET = {"password_hash", "token_hash", "feed_token_hash", "name_key"}
# Others' acts are not part of one's own data; authors see decisions, but not who made them.
LEFT_OUT = {"actors", "actor_id", "checkpoint_key", "stream_id", "key"}
# Derived from the rest, and large: not even read.
DERIVED = {"html", "rendering", "rendered_with"}


async def export(
    user_id: UUID, owned: Sequence[Owned], admission: Admission, files: Files
) -> AsyncIterator[bytes]:
    """The chunks of the ZIP. Raises FilesAway or Busy midway: then the download fails visibly in the browser."""
    packing = CapacityLimiter(1)
    with StreamedZip() as archive:
        for part in (part for part in owned if part.file_name is None):
            with archive.open(f"{part.name}.json", "w") as file:
                file.write(b"[")
                separator = b"\n"
                async for chunk in _chunks(admission, part, user_id):
                    await to_thread.run_sync(_write_rows, file, chunk, separator, limiter=packing)
                    separator = b",\n"
                    if piece := archive.taken():
                        yield piece
                file.write(b"\n]\n")
            yield archive.taken()
        for part in owned:
            if part.file_name is None:
                continue
            async for chunk in _chunks(admission, part, user_id):
                for row in chunk:
                    content = await files.fetch(row["key"])
                    if content is not None:
                        await to_thread.run_sync(
                            archive.writestr, part.file_name(row), content, limiter=packing
                        )
                        yield archive.taken()
    yield archive.taken()


def _write_rows(file: IO[bytes], rows: Sequence[dict[str, Any]], separator: bytes) -> None:
    for row in rows:
        shown = {name: value for name, value in row.items() if name not in SECRET | LEFT_OUT}
        file.write(separator + json.dumps(shown, ensure_ascii=False, default=_plain).encode())
        separator = b",\n"


async def _chunks(admission: Admission, owned: Owned, user_id: UUID) -> AsyncIterator[list[dict[str, Any]]]:
    """By key. No slot is held between two of them: a slow download blocks nobody."""
    keys = list(owned.table.primary_key.columns)
    last: Sequence[Any] | None = None
    while True:
        chunk = await admission.run(_chunk, owned, user_id, keys, last, waits_for_ever=True)
        if chunk:
            yield chunk
        if len(chunk) < ROWS_AT_ONCE:
            return
        last = [chunk[-1][key.name] for key in keys]


def _chunk(
    owned: Owned, user_id: UUID, keys: Sequence[Column[Any]], last: Sequence[Any] | None
) -> list[dict[str, Any]]:
    columns = [column for column in owned.table.columns if column.name not in DERIVED]
    statement = select(*columns).where(owned.belongs_to(user_id)).order_by(*keys).limit(ROWS_AT_ONCE)
    if last is not None:
        statement = statement.where(tuple_(*keys) > tuple_(*last, types=[key.type for key in keys]))
    with session_scope(writes=False) as session:
        return [dict(row) for row in session.execute(statement).mappings()]


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value.value if isinstance(value, Enum) else value)
