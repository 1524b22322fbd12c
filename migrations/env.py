"""Alembic's environment: the database from the settings, all models, one transaction per migration."""

from alembic import context
from sqlalchemy import text

from app import features
from app.core.config import get_settings
from app.core.db import UtcDateTime, make_engine

target_metadata = features.metadata


def render_item(kind: str, item: object, autogen_context) -> str | bool:
    """Migrations name plain types: they must not change when the code does."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def include_name(name: str | None, _kind: str, _parents: object) -> bool:
    """SQLite's full-text table (with its shadow tables) and PostgreSQL's full-text index are not part of the models."""
    return not (name or "").startswith("search_index")


def run() -> None:
    engine = make_engine(context.config.get_main_option("sqlalchemy.url") or get_settings().database_url)
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            # A migration that cannot get its lock must not block everybody behind it.
            connection.execute(text("set lock_timeout = '5s'"))
            connection.commit()
        else:
            # SQLite changes a column by copying its table (batch_alter_table): dropping the old one would take along what hangs on its
            # rows. Nothing but the connection itself can say so, outside of a transaction.
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=target_metadata,
            render_as_batch=True,
            render_item=render_item,
            include_name=include_name,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
