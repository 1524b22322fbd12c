"""Failures of the infrastructure, as opposed to bugs: a full disk, or a database, file store or Redis that does not respond.

The user is told which it is, in a sentence without internal addresses, and gets back what was typed.
"""

import errno
import sqlite3
from collections.abc import Sequence

from obstore.exceptions import BaseError as StoreError
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import TimeoutError as RedisSilent
from sqlalchemy.exc import DBAPIError
from starlette.datastructures import FormData

from app.core.errors import AppError
from app.core.i18n import N_
from app.core.transactions import is_lock_timeout
from app.web.typed import typed_in

# Error codes of SQLite, the system and PostgreSQL; connection failures begin with 08, server shutdowns with 57P.
SQLITE_FULL = {sqlite3.SQLITE_FULL}
SQLITE_READ_ONLY = {sqlite3.SQLITE_READONLY}
SQLITE_AWAY = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
POSTGRES_FULL, POSTGRES_READ_ONLY = "53100", "25006"
POSTGRES_AWAY = ("08", "57P", "58")


class SiteFault(AppError):
    """Nothing of the request is stored. `typed` is the form's content, to be resent; None without a form."""

    status = 503
    message = N_("The site's database does not answer right now. Please try again in a minute.")
    retry_after = 60
    typed: Sequence[tuple[str, str]] | None = None
    had_files = False


class DiskFull(SiteFault):
    status = 507
    message = N_(
        "The site's disk is full, so nothing new can be saved at present; you can still read. Please try again later."
    )


class ReadOnly(SiteFault):
    message = N_("The site is read-only at present, so nothing new can be saved. Please try again later.")


class OthersSave(SiteFault):
    """Other writers held the lock for too long."""

    message = N_("Many people are saving at this moment, and yours was not saved. Please send it once more.")
    retry_after = 2


class StoreAway(SiteFault):
    message = N_("The site's file store does not answer right now. Please try again in a minute.")


class QueueAway(SiteFault):
    message = N_(
        "A part of the site that this needs does not answer right now. Please try again in a minute."
    )


def fault_of(error: BaseException) -> SiteFault | None:
    """The infrastructure failure behind `error`; None if it is something else."""
    if isinstance(error, DBAPIError):
        return _database_fault(error)
    if isinstance(error, RedisAway | RedisSilent):
        return QueueAway()
    # The store reports the system's error as text.
    if isinstance(error, StoreError):
        return DiskFull() if any(f"(os error {number})" in str(error) for number in NO_ROOM) else StoreAway()
    if isinstance(error, OSError):
        if error.errno in NO_ROOM:
            return DiskFull()
        return ReadOnly() if error.errno == errno.EROFS else None
    return None


def _database_fault(error: DBAPIError) -> SiteFault | None:
    if is_lock_timeout(error):
        return OthersSave()
    original = error.orig
    if isinstance(original, sqlite3.Error):
        code = getattr(original, "sqlite_errorcode", 0) & 0xFF  # the primary result code
        known = ((SQLITE_FULL, DiskFull), (SQLITE_READ_ONLY, ReadOnly), (SQLITE_AWAY, SiteFault))
        return next((kind() for codes, kind in known if code in codes), None)
    state = getattr(original, "sqlstate", None)
    if state == POSTGRES_FULL:
        return DiskFull()
    if state == POSTGRES_READ_ONLY:
        return ReadOnly()
    # A failed connection attempt has no code.
    is_away = error.connection_invalidated or (
        state.startswith(POSTGRES_AWAY) if state else _never_connected(original)
    )
    return SiteFault() if is_away else None


def _never_connected(original: BaseException | None) -> bool:
    import psycopg

    return isinstance(original, psycopg.OperationalError)


def keep_what_was_typed(fault: SiteFault, form: FormData) -> None:
    """Except passwords, which are never written into a page: those users go back to the form."""
    fault.had_files = any(not isinstance(value, str) for _, value in form.multi_items())
    if typed := typed_in(form, ""):
        fault.typed = typed.pairs
