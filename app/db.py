"""The database: engine, declarative base, sessions, and the one place that commits.

SQLite runs in WAL mode with full synchronisation. A session that may write starts with BEGIN IMMEDIATE: a deferred
transaction that reads and then writes fails as soon as another one wrote in between.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from anyio import CapacityLimiter, to_thread
from fastapi import Request
from sqlalchemy import JSON, DateTime, Dialect, MetaData, TypeDecorator, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.orm import DeclarativeBase, Session

from app.config import get_settings
from app.security.bounds import read_form

# How long a writer waits for another one.
BUSY_SECONDS = 5
SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}

# JSON that PostgreSQL can index.
Json = JSON().with_variant(postgresql.JSONB(), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC, aware in Python on both databases (SQLite forgets the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is not None and value.tzinfo is None:
            raise ValueError(f"expected an aware datetime, got {value!r}")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: Json, list[Any]: Json}


def make_engine(url: str) -> Engine:
    """An engine with Sophora's habits for `url` (sqlite or postgresql+psycopg).

    A failed statement is logged without its values: a password's hash may be among them.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, pool_size=20, max_overflow=20, hide_parameters=True)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        connect_args={"isolation_level": None, "timeout": BUSY_SECONDS},
        pool_size=20,
        max_overflow=20,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={1000 * BUSY_SECONDS}",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@lru_cache
def get_engine() -> Engine:
    return make_engine(get_settings().database_url)


@contextmanager
def session_scope(*, writes: bool = True) -> Iterator[Session]:
    """A session that commits at the end, or rolls back on an exception, and then runs what waited for the commit."""
    engine = get_engine().execution_options(writes=writes)
    with Session(engine, expire_on_commit=False) as session:
        yield session
        session.commit()
        for action in session.info.pop("after_commit", ()):
            action()


async def get_session(request: Request) -> AsyncIterator[Session]:
    """FastAPI dependency; declare it with `Depends(get_session, scope="function")`: it commits before the answer is sent.

    A form is read first: whoever sends one slowly holds up nobody. What reads another kind of body stands before the session
    among a route's parameters, for the same reason. Then it waits for a place (see `app.admission`), which nobody does who has
    a connection or a thread. Raises Busy.
    """
    writes = request.method not in SAFE_METHODS
    if writes:
        await read_form(request)
    async with (
        request.app.state.writers.turn() if writes else nullcontext(),
        request.app.state.admission.place(),
    ):
        scope = session_scope(writes=writes)
        session = scope.__enter__()
        try:
            yield session
        except BaseException as error:
            await _leave(scope, error)
            raise
        await _leave(scope)


async def _leave(scope: AbstractContextManager[Session], error: BaseException | None = None) -> None:
    """In a thread of its own, which never waits until a request that waits for this one has ended."""
    details = (type(error), error, error.__traceback__) if error else (None, None, None)
    await to_thread.run_sync(scope.__exit__, *details, limiter=CapacityLimiter(1))


def insert(session: Session, table: type[Base]) -> Any:
    """INSERT that may say what to do on a conflict; both databases have it, each with words of its own."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


def adds_row(session: Session, statement: Any) -> bool:
    """Run an INSERT … ON CONFLICT DO NOTHING; whether it added its row. psycopg's count is lost unless one asks for it."""
    return session.execute(statement, execution_options={"preserve_rowcount": True}).rowcount == 1


def may_write(session: Session) -> bool:
    """False inside `session_scope(writes=False)`."""
    return bool(session.connection().get_execution_options().get("writes", True))


def after_commit(session: Session, action: Callable[[], None]) -> None:
    """Run `action` once this session's work is safely stored; never if it is rolled back."""
    session.info.setdefault("after_commit", []).append(action)
