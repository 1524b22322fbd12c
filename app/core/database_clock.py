"""The database's clock. Times compared across hosts (leases) are set and compared by it, as hosts' clocks may differ."""

from typing import Any

from sqlalchemy import Float, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from app.core.db import UtcDateTime


class database_now(FunctionElement[Any]):
    """The time at which the statement runs, `seconds` later (or earlier, if negative), as a UtcDateTime.

    With SQLite it has millisecond resolution: one machine, one clock.
    """

    type = UtcDateTime()
    name = "database_now"
    inherit_cache = True

    def __init__(self, seconds: float = 0) -> None:
        super().__init__(literal(float(seconds), Float()))


@compiles(database_now, "sqlite")
def _in_sqlite(element: database_now, compiler: Any, **options: Any) -> str:
    # Six decimals, as SQLAlchemy stores times there: they are compared as text.
    seconds = compiler.process(element.clauses, **options)
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', {seconds} || ' seconds')"


@compiles(database_now, "postgresql")
def _in_postgresql(element: database_now, compiler: Any, **options: Any) -> str:
    seconds = compiler.process(element.clauses, **options)
    return f"(clock_timestamp() + make_interval(secs => {seconds}))"
