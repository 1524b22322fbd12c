"""When a unit of work begins to write, how long others wait for it, and whether code runs inside it.

SQLite allows one write transaction at a time, and PostgreSQL one change per row. So there must be nothing but statements between
the first write and the commit: hash passwords, parse and render texts, read files, and use Redis before or after.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol, TypeVar

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import ORMExecuteState, Session
from structlog import get_logger

log = get_logger()

Result = TypeVar("Result")

# A transaction that wrote for longer is named in the log: nobody else could store anything meanwhile.
SLOW_SECONDS = 0.25
# PostgreSQL's codes for a lock not acquired in time, or never: lock_not_available, deadlock_detected.
_LOCK_STATES = {"55P03", "40P01"}
_READING = ("SELECT", "PRAGMA", "EXPLAIN", "SHOW", "SET ", "BEGIN")


class Turn(Protocol):
    """A position in the write queue (app.core.writers)."""

    def take(self) -> None: ...

    def give_back(self) -> None: ...


@dataclass(eq=False)
class Unit:
    """One session's work. `late`: with SQLite too its transaction begins with the first write, or the first row that it locks.

    Until then each statement reads what is committed at that moment, as on PostgreSQL.
    """

    name: str = ""
    writes: bool = True
    late: bool = False
    turn: Turn | None = None
    outer: "Unit | None" = None
    began_at: float | None = None

    def begin(self) -> None:
        """Raises OperationalError if others write for too long."""
        if self.turn is not None:
            self.turn.take()
        self.began_at = monotonic()

    def end(self) -> None:
        """It is committed or rolled back: the next may write. Idempotent."""
        began_at, self.began_at = self.began_at, None
        if self.turn is not None:
            self.turn.give_back()
        if began_at is not None and (seconds := monotonic() - began_at) > SLOW_SECONDS:
            log.warning("slow write transaction", work=self.name, milliseconds=round(1000 * seconds))


_unit: ContextVar[Unit | None] = ContextVar("unit", default=None)


@contextmanager
def unit_of_work(*, name: str, writes: bool, late: bool, turn: Turn | None) -> Iterator[Unit]:
    """What runs in this context belongs to it. It may be exited in another thread, whose context has nothing to reset."""
    unit = Unit(name, writes, late, turn, _unit.get())
    _unit.set(unit)
    try:
        yield unit
    finally:
        unit.end()
        if _unit.get() is unit:
            _unit.set(unit.outer)


def current_unit() -> Unit | None:
    return _unit.get()


def work_for(unit: Unit | None, do: Callable[..., Result], *values: Any) -> Result:
    """`do(*values)` as a part of `unit`, in a context that does not know it yet and is not reused."""
    _unit.set(unit)
    return do(*values)


def is_writing() -> bool:
    """Whether this context has an open transaction that keeps others from writing."""
    unit = _unit.get()
    while unit is not None:
        if unit.began_at is not None:
            return True
        unit = unit.outer
    return False


def is_locked(session: Session) -> bool:
    """Whether nobody else can write at all: with SQLite, once its transaction has begun to."""
    unit: Unit | None = session.get_bind().get_execution_options().get("unit")
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    return is_sqlite and unit is not None and unit.began_at is not None


def is_lock_timeout(error: BaseException) -> bool:
    """Whether the database gave up waiting for another transaction: nothing is stored, and a retry may succeed."""
    if not isinstance(error, DBAPIError):
        return False
    if getattr(error.orig, "sqlstate", None) in _LOCK_STATES:
        return True
    return "database is locked" in str(error.orig) or "database table is locked" in str(error.orig)


def watch(engine: Engine) -> None:
    """Tell the units of work of `engine` when they begin to write; with SQLite, begin the transaction then."""
    event.listen(engine, "before_cursor_execute", _before_statement)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "begin", _begin_sqlite)


def _begin_sqlite(connection: Connection) -> None:
    """A deferred transaction that reads and then writes fails if another one wrote in between, so none begins deferred."""
    unit: Unit | None = connection.get_execution_options().get("unit")
    if unit is None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif not unit.writes:
        connection.exec_driver_sql("BEGIN")
    elif not unit.late:
        _begin_writing(connection, unit)


def _before_statement(
    connection: Connection, _cursor: Any, statement: str, _values: Any, context: Any, _many: bool
) -> None:
    unit: Unit | None = connection.get_execution_options().get("unit")
    if unit is None or unit.began_at is not None or not unit.writes or not _takes_locks(statement, context):
        return
    _begin_writing(connection, unit)


def _begin_writing(connection: Connection, unit: Unit) -> None:
    unit.begin()
    if connection.dialect.name != "sqlite":
        return
    try:
        _begin_immediate(connection)
    except BaseException:
        unit.end()
        raise


def _begin_immediate(connection: Connection) -> None:
    """Nothing of the transaction has happened yet, so waiting once more is safe."""
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except DBAPIError as error:
        if not is_lock_timeout(error):
            raise
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _takes_locks(statement: str, context: Any) -> bool:
    clause = getattr(context.compiled, "statement", None)
    if getattr(clause, "is_select", False):
        return getattr(clause, "_for_update_arg", None) is not None
    return not statement.lstrip()[:8].upper().startswith(_READING)


@event.listens_for(Session, "do_orm_execute")
def _read_anew_what_is_locked(state: ORMExecuteState) -> None:
    """A row that was read before it was locked may have changed in between."""
    if state.is_select and getattr(state.statement, "_for_update_arg", None) is not None:
        state.update_execution_options(populate_existing=True)
