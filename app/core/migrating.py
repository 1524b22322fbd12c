"""Schema migrations, by Alembic."""

from typing import TYPE_CHECKING, Literal

from app.core.config import ROOT

if TYPE_CHECKING:
    from alembic.config import Config


def migrate() -> None:
    """Bring the database to the newest schema."""
    from alembic import command

    command.upgrade(_config(), "head")


def schema_state() -> Literal["older", "current", "newer"]:
    """The database's schema compared with this release's migrations."""
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    from app.core.db import get_engine

    script = ScriptDirectory.from_config(_config())
    with get_engine().connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
    if revision == script.get_current_head():
        return "current"
    known = {each.revision for each in script.walk_revisions()}
    return "older" if revision is None or revision in known else "newer"


def _config() -> "Config":
    from alembic.config import Config

    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("script_location", str(ROOT / "migrations"))
    return config
