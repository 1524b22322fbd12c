"""The `sophora` command."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

import app.models_registry  # noqa: F401 - relationships between features need all tables known
from app.config import ROOT, get_settings
from app.db import session_scope

cli = typer.Typer(no_args_is_help=True, add_completion=False, help="Sophora, a web classroom for deep learning.")
course_cli = typer.Typer(no_args_is_help=True, help="Check and load courses.")
cli.add_typer(course_cli, name="course")
console = Console(stderr=True)


@cli.command()
def run(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
) -> None:
    """Start everything on this machine: Redis, a worker with beat, the web server. Ctrl-C stops it all."""
    from app.launcher import Launcher, LaunchError

    try:
        raise typer.Exit(Launcher(host, port).run())
    except LaunchError as error:
        _fail(str(error))


@cli.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from app.launcher import migrate as run_migrations

    run_migrations()


@cli.command("admin-link")
def admin_link() -> None:
    """Print a one-use link that sets up the first admin."""
    from app.accounts.service import make_setup_link

    with session_scope() as session:
        token = make_setup_link(session)
    if token is None:
        _fail("There is an admin already.")
    typer.echo(f"{get_settings().public_url}/setup/{token}")


@course_cli.command("check")
def check(folders: Annotated[list[Path] | None, typer.Argument(help="Course folders; all of content/ without any.")] = None) -> None:
    """Name file, line and fault of every mistake in a course."""
    from app.courses.check import check_course

    faults = [fault for folder in folders or _bundled_courses() for fault in check_course(folder)]
    for fault in faults:
        typer.echo(str(fault))
    if faults:
        _fail(f"{len(faults)} mistakes")
    typer.echo("No mistakes found.")


@course_cli.command("load")
def load(folders: Annotated[list[Path] | None, typer.Argument(help="Course folders; all of content/ without any.")] = None) -> None:
    """Load courses into the database, each in one transaction. Loading the same again changes nothing."""
    from app.courses.check import check_course
    from app.courses.loader import load_course

    for folder in folders or _bundled_courses():
        faults = check_course(folder)
        if faults:
            for fault in faults:
                typer.echo(str(fault), err=True)
            _fail(f"{folder.name} was not loaded: {len(faults)} mistakes")
        with session_scope() as session:
            report = load_course(session, folder)
        typer.echo(f"{folder.name}: {len(report.new)} new, {len(report.changed)} changed, {len(report.unchanged)} unchanged lessons")


def _bundled_courses() -> list[Path]:
    return [path.parent for path in sorted(get_settings().content_dir.glob("*/course.toml"))]


def _fail(sentence: str) -> None:
    console.print(sentence, style="red", highlight=False, markup=False)
    raise typer.Exit(1)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    cli()
