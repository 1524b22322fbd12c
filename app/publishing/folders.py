"""Loading courses from folders, for the commands and the launcher: checked first, each in a transaction of its own."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from app.core.config import get_settings
from app.core.db import session_scope
from app.publishing.check import CourseFault, check_course
from app.publishing.gone import labs_gone, lessons_as_loaded
from app.publishing.loader import is_loaded, load_course
from app.publishing.sources import read_course


class CourseRefused(Exception):
    """A folder has errors, so nothing of it was loaded; `faults` lists them."""

    def __init__(self, folder: Path, faults: Sequence[CourseFault]) -> None:
        self.faults = faults
        super().__init__(f"{folder.name} was not loaded: {len(faults)} mistakes")


def bundled_courses() -> list[Path]:
    return [path.parent for path in sorted(get_settings().content_dir.glob("*/course.toml"))]


def load_folders(folders: Iterable[Path], tell: Callable[[str], object], *, overwrite: bool = False) -> None:
    """Check and load each folder in a transaction of its own; `tell` gets a line about each. Raises CourseRefused at the first error."""
    for folder in folders:
        gone = _check(folder)
        with session_scope(late=True, name="course load") as session:
            report = load_course(session, folder, overwrite=overwrite)
        with session_scope(writes=False) as session:
            edited_here = labs_gone(session, read_course(folder).course.slug)
        tell(
            f"{folder.name}: {len(report.new)} new, {len(report.changed)} changed, {len(report.unchanged)} unchanged lessons"
        )
        if report.removed:
            tell(f"  no longer in the folder, so no longer published: {', '.join(report.removed)}")
        for sentence in report.kept:
            tell(f"  kept: {sentence}")
        for fault in gone:
            tell(f"  no longer there: {fault}")
        named = {fault.file.parent.name for fault in gone}
        for slug, reasons in edited_here.items():
            for reason in () if slug in named else reasons:
                tell(f"  no longer offered: {slug}: {reason}")


def _check(folder: Path) -> list[CourseFault]:
    """References of lessons that existed on loading but no longer do: the lessons stay readable, so it is only reported.

    Raises CourseRefused at any other error.
    """
    as_loaded: set[str] = set()
    with session_scope(writes=False) as session:
        try:
            files = read_course(folder)
        except (OSError, ValueError):  # check_course reports what is wrong, and where
            pass
        else:
            if is_loaded(session, files) and not labs_gone(session, files.course.slug):
                return []
            as_loaded = lessons_as_loaded(session, files)
    faults = check_course(folder)
    gone = [fault for fault in faults if fault.is_outside and fault.file.parent.name in as_loaded]
    if len(gone) < len(faults):
        raise CourseRefused(folder, faults)
    return gone
