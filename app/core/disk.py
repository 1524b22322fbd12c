"""Free space on the disk with Sophora's files."""

import shutil
import time
from enum import StrEnum

from app.core.config import get_settings

# With less, even the database's log may not fit.
FULL_MB = 50
KNOWN_SECONDS = 5.0


class Room(StrEnum):
    ENOUGH = "ok"
    LOW = "low"
    FULL = "full"


_known: tuple[float, int] = (-KNOWN_SECONDS, 0)


def free_mb() -> int:
    """In megabytes, cached for a few seconds."""
    if time.monotonic() - _known[0] > KNOWN_SECONDS:
        look_again()
    return _known[1]


def look_again() -> None:
    global _known
    _known = (time.monotonic(), shutil.disk_usage(get_settings().data_dir).free // 2**20)


def room() -> Room:
    free = free_mb()
    if free < FULL_MB:
        return Room.FULL
    return Room.LOW if free < get_settings().low_disk_mb else Room.ENOUGH


def is_low() -> bool:
    """For pages of staff."""
    return room() != Room.ENOUGH
