"""When each session was last used: collected in memory and written in batches, at most once a second.

A request that only reads must not write by itself: after a ten-minute break a whole class would do so at once. What a crash
loses, the session's next request records again.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import create_task_group, sleep, to_thread
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from structlog import get_logger

from app.accounts.models import UserSession
from app.core.admission import Admission
from app.core.clock import now
from app.core.db import session_scope
from app.core.writers import Writers

log = get_logger()

EVERY_SECONDS = 1.0
# Number of values in a statement that every database accepts.
ROWS_AT_ONCE = 500

_used: set[str] = set()


def note(token_hash: str) -> None:
    _used.add(token_hash)


@asynccontextmanager
async def noting(admission: Admission, writers: Writers) -> AsyncIterator[None]:
    """Write recorded uses while the context is open, and the rest on exit."""

    async def write() -> None:
        async with admission.place(waits_for_ever=True), writers.turn():
            await to_thread.run_sync(write_noted)

    async def write_for_ever() -> None:
        while True:
            await sleep(EVERY_SECONDS)
            if _used:
                await write()

    async with create_task_group() as tasks:
        tasks.start_soon(write_for_ever)
        yield
        tasks.cancel_scope.cancel()
    if _used:
        await write()


def write_noted() -> None:
    """Write the recorded uses; those that cannot be stored now stay pending."""
    noted = list(_used)
    try:
        with session_scope() as session:
            for start in range(0, len(noted), ROWS_AT_ONCE):
                part = noted[start : start + ROWS_AT_ONCE]
                statement = update(UserSession).where(UserSession.token_hash.in_(part))
                session.execute(statement.values(last_seen_at=now()))
    except SQLAlchemyError as error:
        log.warning("use of sessions not stored", sessions=len(noted), error=type(error).__name__)
    else:
        _used.difference_update(noted)
