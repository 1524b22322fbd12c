"""The `sophora` command."""

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console

from app.core.config import ROOT, get_settings
from app.launching.wrong_state import OneSentence, WrongState, check_database

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.courses.models import Course

cli = typer.Typer(
    cls=OneSentence,
    no_args_is_help=True,
    add_completion=False,
    help="Sophora, a web classroom for deep learning.",
)
course_cli = typer.Typer(no_args_is_help=True, help="Check, load, export and import courses.")
cli.add_typer(course_cli, name="course")
console = Console(stderr=True)


def session_scope(**how: Any) -> AbstractContextManager["Session"]:
    """As in app.core.db, imported lazily: `sophora run` itself stays in memory and does not need it.

    Raises WrongState if the database is missing or not up to date.
    """
    from app.core import db

    check_database()
    return db.session_scope(**how)


@cli.callback()
def _know_all_features(context: typer.Context) -> None:
    """Import all tables and listeners for commands that use the database; `sophora run` leaves that to its processes."""
    if context.invoked_subcommand != "run":
        import app.features  # noqa: F401


@cli.command()
def run(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
) -> None:
    """Start everything on this machine and keep it running: Redis, the web server, workers. Ctrl-C stops it all."""
    from app.launcher import Launcher
    from app.launching.checks import LaunchError

    try:
        raise typer.Exit(Launcher(host, port).run())
    except LaunchError as error:
        _fail(str(error))


@cli.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from app.core.migrating import migrate as run_migrations

    run_migrations()


@cli.command()
def doctor() -> None:
    """Say what is wrong with this installation, and how to mend it. Exit code 1 if something is."""
    from app.launching.doctor import examine

    marks, wrong = {"ok": "✓", "note": "!", "wrong": "✗"}, 0
    for finding in examine():
        typer.echo(f"{marks[finding.kind]} {finding.part}: {finding.sentence}")
        wrong += finding.kind == "wrong"
    if wrong:
        _fail(f"{wrong} of these need mending." if wrong > 1 else "One of these needs mending.")


@cli.command("admin-link")
def admin_link() -> None:
    """Print a one-use link that sets up the first admin."""
    from app.accounts.service import make_setup_link

    with session_scope() as session:
        token = make_setup_link(session)
    if token is None:
        _fail("There is an admin already.")
    typer.echo(f"{get_settings().public_url}/setup/{token}")


@cli.command("reset-password")
def reset_password(name: Annotated[str, typer.Argument(help="The name that they sign in with.")]) -> None:
    """Print a one-use link with which somebody who lost their password sets a new one."""
    from app.accounts import resets
    from app.accounts.queries import user_by_name
    from app.accounts.service import name_key
    from app.journal import journal

    with session_scope() as session:
        user = user_by_name(session, name_key(name))
        if user is None:
            _fail(f"There is no account with the name {name}.")
        token = resets.make_link(session, user.id, resets.COMMAND)
        journal.record(session, None, "reset-link", user)
    typer.echo(f"{get_settings().public_url.rstrip('/')}/password-resets/{token}")


@cli.command("tensorboard")
def tensorboard(
    name: Annotated[str, typer.Argument(help="The name that they sign in with.")],
    folder: Annotated[
        Path, typer.Option("--to", help="Where to write; a folder is made for each training.")
    ] = Path("runs"),
) -> None:
    """Write all of somebody's trainings as event files, for `tensorboard --logdir`."""
    from app.accounts.queries import user_by_name
    from app.accounts.service import name_key
    from app.runs.logdir import write_logdir

    with session_scope(writes=False) as session:
        user = user_by_name(session, name_key(name))
        if user is None:
            _fail(f"There is no account with the name {name}.")
        count = write_logdir(session, user.id, folder)
    typer.echo(f"{count} trainings in {folder}: tensorboard --logdir {folder}")


@course_cli.command("check")
def check(
    folders: Annotated[
        list[Path] | None, typer.Argument(help="Course folders; all of content/ without any.")
    ] = None,
) -> None:
    """Name file, line and fault of every mistake in a course."""
    from dataclasses import replace

    from app.core.sentences import spoken
    from app.publishing.check import check_course
    from app.publishing.folders import bundled_courses

    _need_courses(folders)
    faults = [fault for folder in folders or bundled_courses() for fault in check_course(folder)]
    with _language_of_the_terminal():
        for fault in faults:
            typer.echo(str(replace(fault, message=spoken(fault.message))))
    if faults:
        _fail(f"{len(faults)} mistakes")
    typer.echo("No mistakes found.")


@course_cli.command("load")
def load(
    folders: Annotated[
        list[Path] | None, typer.Argument(help="Course folders; all of content/ without any.")
    ] = None,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite", help="Publish the folder's texts also where lessons were edited in the browser."
        ),
    ] = False,
) -> None:
    """Load courses into the database, each in one transaction. Loading the same again changes nothing."""
    from app.publishing.folders import CourseRefused, bundled_courses, load_folders

    _need_courses(folders)
    check_database()
    try:
        load_folders(folders or bundled_courses(), typer.echo, overwrite=overwrite)
    except CourseRefused as refused:
        for fault in refused.faults:
            typer.echo(str(fault), err=True)
        _fail(str(refused))


@course_cli.command("export")
def export(
    folder: Annotated[Path, typer.Argument(help="Where the course is written. Nothing in it is deleted.")],
    course: Annotated[str | None, typer.Option(help="The course's slug, where there are several.")] = None,
) -> None:
    """Write a course back into a folder, as it is published now."""
    from app.publishing.exporter import ExportError, export_course

    with session_scope(writes=False) as session:
        try:
            report = export_course(session, _chosen_course(session, course), folder)
        except ExportError as error:
            _fail(str(error))
    typer.echo(f"{len(report.written)} files written, {len(report.same)} were right already")
    for name in report.left:
        typer.echo(f"  not a part of the course: {name}")


@course_cli.command("import")
def import_column(
    files: Annotated[
        list[Path], typer.Argument(help="Lessons exported from a column site.", exists=True, dir_okay=False)
    ],
    course: Annotated[str, typer.Option(help="The course that takes the drafts.")] = "column",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only report; write nothing.")] = False,
) -> None:
    """Import lessons of a column as drafts, with their comments. Nothing is published."""
    from app.columns.column_import import (
        LONGEST_FILE,
        column_course,
        read_column,
        save_column,
        store_pictures,
    )
    from app.columns.titles import order_of, title_of_file
    from app.core.i18n import gettext
    from app.core.sentences import spoken

    if not dry_run:
        # Before pictures are stored.
        check_database()
    for path in sorted(files, key=lambda path: order_of(title_of_file(path.name))):
        if path.stat().st_size > LONGEST_FILE:
            _fail(f"{path} is longer than {LONGEST_FILE // 1_000_000} MB")
        column = read_column(path.name, path.read_bytes())
        outcome, slug = "would be read", column.slug
        if not dry_run:
            store_pictures(column)
            with session_scope(name="column import") as session:
                report = save_column(session, column_course(session, course), path.name, column)
            outcome, slug = report.outcome, report.slug
        replies = sum(len(comment.replies) for comment in column.comments)
        typer.echo(
            f"{path}: {outcome}, as {course}/{slug}; {len(column.comments)} comments, {replies} replies, {len(column.pictures)} embedded pictures"
        )
        with _language_of_the_terminal():
            for remark in column.remarks:
                where = gettext("line {line}").format(line=remark.line) + gettext(": ") if remark.line else ""
                typer.echo(f"  {where}{spoken(remark.message)}")


@course_cli.command("pictures")
def pictures(
    lesson: Annotated[str, typer.Argument(help="The lesson's slug.")],
    course: Annotated[str, typer.Option(help="The course of the draft.")] = "column",
    allow: Annotated[
        list[str] | None,
        typer.Option(help="A host whose pictures are fetched into the draft; may be repeated."),
    ] = None,
) -> None:
    """List the outside pictures of a draft, which load nothing; or allow a host, and fetch them into the lesson."""
    from sqlalchemy import select

    from app.columns.outside_pictures import allow_pictures, pictures_by_host
    from app.courses.models import Course, Lesson, LessonDraft

    with session_scope() as session:
        found = (
            select(LessonDraft)
            .join(LessonDraft.lesson)
            .join(Lesson.course)
            .where(Course.slug == course, Lesson.slug == lesson)
        )
        draft = session.scalar(found)
        if draft is None:
            _fail(f"There is no draft of {course}/{lesson}")
        for address, outcome in allow_pictures(session, draft, allow or ()).items():
            typer.echo(f"{address}: {outcome}")
        for host, addresses in pictures_by_host(draft).items():
            typer.echo(f"{host}: {len(addresses)} pictures are links")


def _need_courses(folders: list[Path] | None) -> None:
    for folder in folders or ():
        if not (folder / "course.toml").is_file():
            raise WrongState(f"{folder} is no course: a course's folder has a course.toml.")


@contextmanager
def _language_of_the_terminal() -> Iterator[None]:
    """Reports are in Chinese if the terminal's locale is, otherwise in English."""
    from app.core.i18n import current_language

    named = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    token = current_language.set("zh" if named.startswith("zh") else "en")
    try:
        yield
    finally:
        current_language.reset(token)


def _chosen_course(session: "Session", slug: str | None) -> "Course":
    """The course `slug`, or the only one with a published lesson."""
    from sqlalchemy import select

    from app.courses.models import Course, Lesson

    courses = session.scalars(select(Course).order_by(Course.slug)).all()
    published = set(
        session.scalars(select(Lesson.course_id).where(Lesson.published_revision_id.is_not(None)))
    )
    found = [course for course in courses if (course.slug == slug if slug else course.id in published)]
    if len(found) != 1:
        _fail(
            f"Say which course with --course: {', '.join(course.slug for course in courses) or 'there is none yet'}"
        )
    return found[0]


def _fail(sentence: str) -> NoReturn:
    console.print(sentence, style="red", highlight=False, markup=False, soft_wrap=True)
    raise typer.Exit(1)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    cli()
