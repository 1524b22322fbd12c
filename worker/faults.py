"""Faults of the site: what a training or its supervisor meets that is no fault of the student's.

Each kind has an exit code, by which a child tells its supervisor; the traceback is in the worker's log, for whoever runs the site.
What the student reads stands in `app.jobs.queue.held`.
"""

import errno
from collections.abc import Iterator

from obstore.exceptions import BaseError as StoreError
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from app.jobs.queue.held import HELD_BY

EXIT_CODES = {kind: 20 + number for number, kind in enumerate(HELD_BY)}
KINDS = {code: kind for kind, code in EXIT_CODES.items()}

OF_THE_DISK = {
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EMFILE, errno.ENFILE,
}  # fmt: skip
# How obstore words ENOSPC, EDQUOT, EROFS and EFBIG of a local folder.
DISK_WORDS = ("os error 28", "os error 122", "os error 30", "os error 27")


class SiteFault(Exception):
    """Raised if the kind is already known."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def kind_of(error: BaseException) -> str | None:
    """Which part of the infrastructure failed, None if the training itself did. Also checks the error's causes."""
    return next((kind for cause in _causes(error) if (kind := _kind_of_one(cause))), None)


def _kind_of_one(error: BaseException) -> str | None:
    if isinstance(error, SiteFault):
        return error.kind
    if isinstance(error, StoreError):
        return "disk" if any(words in str(error) for words in DISK_WORDS) else "store"
    if isinstance(error, OperationalError | InterfaceError):
        return "database"
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return "database"
    if isinstance(error, RedisError):
        return "part"
    if isinstance(error, OSError) and error.errno in OF_THE_DISK:
        return "disk"
    # By name: a supervisor must not import NumPy for this.
    if type(error).__name__ == "DatasetError":
        return "data"
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
