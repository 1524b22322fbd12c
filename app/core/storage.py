"""File storage: artefacts of jobs, pictures of lessons. A local folder or any S3-compatible store, by SOPHORA_STORAGE_URL.

Workers are patient with a slow store. The web server is not (`hurry`): a page waits for a few seconds at most, and few
at once, so that a hanging store does not use up the threads or connections of requests that need no file.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import obstore
from anyio import move_on_after
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import ObjectStore, from_url
from structlog import get_logger

from app.core.admission import Line
from app.core.config import get_settings
from app.core.errors import FilesAway

log = get_logger()

CONNECT_SECONDS = 2
ANSWER_SECONDS = 5
# A request that does more than send a file waits for the store while holding a slot: at most this many at once.
WAITING_WITH_A_PLACE = 4
# A browser requests a page's pictures together, and a class the same ones.
FETCHED_AT_ONCE, MOST_WAITING = 32, 400

_is_hurried = False
_turns = BoundedSemaphore(WAITING_WITH_A_PLACE)


def hurry(yes: bool = True) -> None:
    """From now on this process times out after seconds: each of the functions below then raises FilesAway."""
    global _is_hurried
    _is_hurried = yes
    _store.cache_clear()


@lru_cache
def _store() -> ObjectStore:
    url = get_settings().storage_url
    if url.startswith("file:"):
        Path(url2pathname(urlsplit(url).path)).mkdir(parents=True, exist_ok=True)
        return from_url(url)
    return from_url(url, **(_short_patience() if _is_hurried else {}))


def _short_patience() -> dict[str, Any]:
    return {
        "client_options": {"connect_timeout": f"{CONNECT_SECONDS}s", "timeout": f"{ANSWER_SECONDS}s"},
        "retry_config": {"max_retries": 1, "retry_timeout": timedelta(seconds=ANSWER_SECONDS)},
    }


def write(key: str, content: bytes) -> None:
    """Store `content` atomically."""
    with _turn():
        obstore.put(_store(), key, content)


def read(key: str) -> bytes | None:
    """The content, or None if there is no such file."""
    with _turn():
        try:
            return bytes(obstore.get(_store(), key).bytes())
        except (NotFoundError, FileNotFoundError):
            return None


def has(key: str) -> bool:
    """Whether there is such a file."""
    with _turn():
        try:
            obstore.head(_store(), key)
        except (NotFoundError, FileNotFoundError):
            return False
    return True


def delete(*keys: str) -> None:
    """Remove files; a missing one is not an error."""
    with _turn():
        for key in keys:
            try:
                obstore.delete(_store(), key)
            except (NotFoundError, FileNotFoundError):
                continue


def delete_below(prefix: str) -> None:
    """Remove every file whose key begins with `prefix`, which ends with a slash."""
    with _turn():
        batches = list(obstore.list(_store(), prefix=prefix))
    for batch in batches:
        delete(*(entry["path"] for entry in batch))


def is_reachable() -> bool:
    """True if the store accepts a file and returns it."""
    write("health/probe", b"ok")
    return read("health/probe") == b"ok"


@contextmanager
def _turn() -> Iterator[None]:
    if not _is_hurried:
        yield
        return
    if not _turns.acquire(timeout=1):
        raise FilesAway(seconds=ANSWER_SECONDS)
    try:
        yield
    except BaseError as error:
        raise _away(error) from error
    finally:
        _turns.release()


class Files:
    """Files that pages send unchanged: no thread and no database connection waits for them."""

    def __init__(self) -> None:
        self._line = Line(FETCHED_AT_ONCE, MOST_WAITING, ANSWER_SECONDS, FilesAway)

    async def fetch(self, key: str) -> bytes | None:
        """The content, or None if there is no such file. Raises FilesAway."""
        async with self._line.turn():
            with move_on_after(ANSWER_SECONDS):
                try:
                    answer = await obstore.get_async(_store(), key)
                    return bytes(await answer.bytes_async())
                except (NotFoundError, FileNotFoundError):
                    return None
                except BaseError as error:
                    raise _away(error) from error
        raise FilesAway(seconds=ANSWER_SECONDS)


def _away(error: Exception) -> FilesAway:
    log.warning("the store does not answer", error=str(error).partition("\n")[0])
    return FilesAway(seconds=ANSWER_SECONDS)
