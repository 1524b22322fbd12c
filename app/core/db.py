"""The database: engine, declarative base, sessions, and the only place that commits.

SQLite runs in WAL mode with full synchronisation. A transaction that may write starts with BEGIN IMMEDIATE: a deferred one that
reads and then writes fails as soon as another one has written in between. A request's transaction starts with its first write, so
that slow work before it blocks nobody (see app/core/transactions.py).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from sqlalchemy import (
    JSON,
    CursorResult,
    DateTime,
    Dialect,
    Executable,
    MetaData,
    Table,
    TypeDecorator,
    create_engine,
    event,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.orm import DeclarativeBase, Session

from app.core.config import get_settings
from app.core.transactions import Turn, Unit, unit_of_work, watch

# How long a writer waits for another one.
BUSY_SECONDS = 5

# JSON that PostgreSQL can index.
Json = JSON().with_variant(postgresql.JSONB(), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """A UTC timestamp, timezone-aware in Python on both databases (SQLite drops the zone)."""

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
    if TYPE_CHECKING:
        # None of our models maps a join or a subquery, which SQLAlchemy would allow.
        __table__: ClassVar[Table]

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
    """An engine with Sophora's settings for `url` (sqlite or postgresql+psycopg).

    A failed statement is logged without its parameters: a password's hash may be among them.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        engine = create_engine(
            url,
            connect_args={"options": f"-c lock_timeout={1000 * BUSY_SECONDS}"},
            pool_pre_ping=True,
            pool_size=20,
            max_overflow=20,
            hide_parameters=True,
        )
        watch(engine)
        return engine
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
    watch(engine)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={1000 * BUSY_SECONDS}",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


@lru_cache
def get_engine() -> Engine:
    return make_engine(get_settings().database_url)


@contextmanager
def session_scope(
    *, writes: bool = True, late: bool = False, name: str = "", turn: Turn | None = None
) -> Iterator[Session]:
    """A session that commits at the end, or rolls back on an exception, and then runs the after-commit actions.

    `late`: its transaction begins with its first write. What it reads before may change meanwhile, on SQLite as on PostgreSQL,
    so code that acts on it must lock the row or write conditionally. `name` identifies slow transactions in the log.
    """
    with unit_of_work(name=name, writes=writes, late=late, turn=turn) as unit:
        engine = get_engine().execution_options(unit=unit)
        with Session(engine, expire_on_commit=False) as session:
            yield session
            session.commit()
            unit.end()
            for action in session.info.pop("after_commit", ()):
                action()


def insert(session: Session, table: type[Base]) -> Any:
    """INSERT with ON CONFLICT support, which each database's dialect provides by its own construct."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


def adds_row(session: Session, statement: Any) -> bool:
    """Run an INSERT … ON CONFLICT DO NOTHING; whether it inserted a row. psycopg reports no row count unless asked."""
    result = session.execute(statement, execution_options={"preserve_rowcount": True})
    return cast("CursorResult[Any]", result).rowcount == 1


def changed_rows(session: Session, statement: Executable) -> int:
    """Run an UPDATE or DELETE; returns the number of matched rows."""
    return cast("CursorResult[Any]", session.execute(statement)).rowcount


def sent_form(session: Session) -> str | None:
    """The submission's digest if this session handles a form with a key; see app/accounts/sent_forms.py."""
    return session.info.get("sent_form")


def may_write(session: Session) -> bool:
    """False inside `session_scope(writes=False)`."""
    unit: Unit | None = session.get_bind().get_execution_options().get("unit")
    return unit is None or unit.writes


def after_commit(session: Session, action: Callable[[], object]) -> None:
    """Run `action` once this session's work is safely stored; never if it is rolled back."""
    session.info.setdefault("after_commit", []).append(action)
