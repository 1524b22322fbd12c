"""Commands report every error in one sentence that says what to do, never as a traceback: that goes to a log.

One place for all commands: `OneSentence` is the group that runs them. Whatever explains an error is imported only then, so
that `sophora run`, which stays in memory, does not carry it.
"""

import os
import traceback
from datetime import datetime
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from typer.core import TyperGroup
from typer.exceptions import TyperException

# Exit codes by shell convention: 1 for a wrong state, 2 for wrong arguments or settings.
WRONG_STATE, WRONG_SETTINGS = 1, 2


class WrongState(Exception):
    """A precondition of this command is not met; the message is one sentence that says what to do."""


class OneSentence(TyperGroup):
    def invoke(self, context: Any) -> Any:
        try:
            return super().invoke(context)
        except (TyperException, typer.Exit, typer.Abort):
            raise
        except Exception as error:
            sentence, code = explain(error)
            Console(stderr=True).print(sentence, style="red", highlight=False, markup=False, soft_wrap=True)
            raise typer.Exit(code) from None


def explain(error: BaseException) -> tuple[str, int]:
    """(sentence, exit code) for an error of a command, or of the preparation of `sophora run`."""
    for look in (_of_settings, _of_ours, _of_database, _of_redis, _of_files):
        if found := look(error):
            return found
    return _unknown(error), WRONG_STATE


def check_database() -> None:
    """Check that there is a database with this release's schema. Raises WrongState."""
    from sqlalchemy.engine import make_url

    from app.core.config import get_settings
    from app.core.migrating import schema_state

    url = make_url(get_settings().database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        raise WrongState(f"There is no database yet in {url.database}: run “sophora migrate” first.")
    state = schema_state()
    if state == "older":
        raise WrongState("The database is not up to date: run “sophora migrate” first.")
    if state == "newer":
        raise WrongState(NEWER)


NEWER = "The database was brought up to date by a newer Sophora than this one: update Sophora, or restore the backup of before."


def _of_settings(error: BaseException) -> tuple[str, int] | None:
    from pydantic import ValidationError

    if not isinstance(error, ValidationError) or error.title != "Settings":
        return None
    faults = []
    for fault in error.errors():
        said = fault["msg"].removeprefix("Value error, ")
        name = f"SOPHORA_{str(fault['loc'][0]).upper()}: " if fault["loc"] else ""
        faults.append(said if said.startswith("SOPHORA_") else f"{name}{said}")
    return f"A setting, in the environment or in .env, cannot be used. {'; '.join(faults)}.", WRONG_SETTINGS


def _of_ours(error: BaseException) -> tuple[str, int] | None:
    from app.launching.checks import LaunchError

    return (str(error), WRONG_STATE) if isinstance(error, WrongState | LaunchError) else None


def _of_database(error: BaseException) -> tuple[str, int] | None:
    from alembic.util import CommandError
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

    from app.core.config import get_settings

    if isinstance(error, CommandError):
        text = str(error)
        return (
            NEWER if "locate revision" in text else f"The database cannot be migrated: {text}"
        ), WRONG_STATE
    if isinstance(error, ArgumentError | NoSuchModuleError):
        sentence = (
            "SOPHORA_DATABASE_URL is no address of a database, as postgresql://user:password@host/name."
        )
        return sentence, WRONG_SETTINGS
    if not isinstance(error, DBAPIError):
        return None
    # Without its password.
    where = make_url(get_settings().database_url).render_as_string(hide_password=True)
    reason = str(error.orig).strip().partition("\n")[0]
    return f"The database {where} does not do what is asked of it: {reason}", WRONG_STATE


def _of_redis(error: BaseException) -> tuple[str, int] | None:
    from redis.exceptions import RedisError

    if not isinstance(error, RedisError):
        return None
    return "Redis does not answer. SOPHORA_REDIS_URL says where it is; “sophora run” starts one.", WRONG_STATE


def _of_files(error: BaseException) -> tuple[str, int] | None:
    if isinstance(error, UnicodeDecodeError):
        return "This file is not in UTF-8: save it as such and try again.", WRONG_STATE
    if isinstance(error, OSError) and error.filename:
        name = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else error.filename
        return f"{name} cannot be used: {error.strerror}.", WRONG_STATE
    return None


def _unknown(error: BaseException) -> str:
    """For unexpected errors: where to find the details."""
    said = f"{type(error).__name__}: {error}".partition("\n")[0][:300]
    try:
        log = _note(error)
    except Exception:  # logging failed as well
        return f"This did not work: {said}"
    return f"This did not work: {said} (more of it in {log})"


def _note(error: BaseException) -> Path:
    from app.core.config import get_settings

    log = get_settings().data_dir / "logs" / "commands.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as file:
        file.write(f"{datetime.now().astimezone().isoformat(timespec='seconds')}\n")
        file.writelines(traceback.format_exception(error))
    return log
