"""The migrations create exactly the tables of the models, on both databases, and can be undone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, inspect

from app import features
from app.core.config import ROOT
from app.core.db import make_engine


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind, apart from the one that the other tests share."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    from sqlalchemy import create_engine, text

    shared = request.getfixturevalue("postgres_url").replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(shared, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("drop database if exists migrations"))
        connection.execute(text("create database migrations"))
    engine.dispose()
    return str(engine.url.set(database="migrations").render_as_string(hide_password=False))


@pytest.fixture
def alembic(url: str, configure: Callable[..., None]) -> Config:
    configure(database_url=url)
    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def is_described(thing: Any, name: str | None, kind: str, reflected: bool, described: Any) -> bool:
    """Not expressible in models: the tables of a full-text index, and an index over an expression."""
    if kind == "table":
        return name in features.metadata.tables
    return not (
        kind == "index"
        and reflected
        and described is None
        and any(not isinstance(part, Column) for part in thing.expressions)
    )


# SQLAlchemy cannot reflect an expression index from SQLite: `is_described` leaves those out.
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
def test_the_migrations_give_what_the_models_say(alembic: Config, url: str) -> None:
    command.upgrade(alembic, "head")
    engine = make_engine(url)
    with engine.connect() as connection:
        tables = set(inspect(connection).get_table_names())
        differences = compare_metadata(
            MigrationContext.configure(connection, opts={"include_object": is_described}),
            features.metadata,
        )
    engine.dispose()
    assert set(features.metadata.tables) <= tables
    assert differences == []


def test_every_migration_can_be_undone(alembic: Config, url: str) -> None:
    command.upgrade(alembic, "head")
    command.downgrade(alembic, "base")
    engine = make_engine(url)
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    engine.dispose()
    command.upgrade(alembic, "head")


def test_there_is_one_newest_migration() -> None:
    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("script_location", str(ROOT / "migrations"))
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1


def test_migrations_are_named_by_moment_and_deed() -> None:
    import re

    names = [path.name for path in (ROOT / "migrations" / "versions").glob("*.py")]
    assert [
        name for name in names if not re.fullmatch(r"\d{4}_\d\d_\d\d_\d{4}_[a-z]+(_[a-z0-9]+)+\.py", name)
    ] == []
