"""Housekeeping in the data folder: growing logs, leftovers of killed processes, caches that can be rebuilt."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from app.core import disk
from app.core.config import get_settings

LOG_MB = 10
KEPT_LOGS = 2
HOUR = 3600.0
DAY = 24 * HOUR


def rotate_logs(folder: Path, longest: int = LOG_MB * 2**20) -> None:
    """A log beyond `longest` bytes becomes `<name>.1`, and that one `<name>.2`. Its writer, which appends, keeps its open file.

    Lines written between copying and truncating are lost: one or two in ten megabytes. On a full disk the whole log is.
    """
    for log in folder.glob("*.log"):
        with suppress(OSError):
            if log.stat().st_size <= longest:
                continue
            for number in range(KEPT_LOGS, 1, -1):
                with suppress(FileNotFoundError):
                    _kept(log, number - 1).replace(_kept(log, number))
            with suppress(OSError):
                _kept(log, 1).write_bytes(log.read_bytes())
            os.truncate(log, 0)


def _kept(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")


def clear_leftovers() -> int:
    """Remove half-written files of killed processes, and the sources that TensorFlow writes for each training. Returns bytes freed."""
    return sum(_remove(path) for path in _leftovers())


def _leftovers() -> Iterator[Path]:
    datasets = get_settings().data_dir / "datasets"
    yield from _older(datasets.glob("*.tmp"), HOUR)
    # A training has read its own long before; they serve tracebacks only.
    yield from _older(Path(tempfile.gettempdir()).glob("__autograph_generated_file*.py"), HOUR)


def make_room() -> int:
    """If the disk is nearly full, also remove what can be rebuilt, least useful first. Returns bytes freed."""
    freed = clear_leftovers()
    for more in (_old_logs, _unfinished_files, _unused_datasets):
        if not disk.is_low():
            break
        freed += sum(_remove(path) for path in more())
        disk.look_again()
    return freed


def _old_logs() -> Iterator[Path]:
    yield from (get_settings().data_dir / "logs").glob("*.log.[0-9]")


def _unfinished_files() -> Iterator[Path]:
    """The store writes `name#1` first and then renames it."""
    yield from _older((get_settings().data_dir / "files").rglob("*#[0-9]*"), DAY)


def _unused_datasets() -> Iterator[Path]:
    """Caches that no training has read for a week; the next one rebuilds its own."""
    yield from _older((get_settings().data_dir / "datasets").glob("*.npz"), 7 * DAY, when=_last_used)


def _last_used(path: Path) -> float:
    return max(path.stat().st_atime, path.stat().st_mtime)


def _older(
    paths: Iterator[Path], seconds: float, when: Callable[[Path], float] = lambda path: path.stat().st_mtime
) -> Iterator[Path]:
    """Those older than the limit and owned by this user."""
    for path in paths:
        with suppress(OSError):
            if path.stat().st_uid == os.getuid() and time.time() - when(path) > seconds:
                yield path


def _remove(path: Path) -> int:
    try:
        size = path.stat().st_size
        path.unlink()
    except OSError:
        return 0
    return size
