"""Readiness of each part of the site: checked by one thread at most, however many ask and however long it takes."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from anyio import CapacityLimiter, to_thread
from sqlalchemy import text
from sqlalchemy.engine import Engine

from app.core import disk, storage
from app.core.admission import outside_of_places
from app.core.config import get_settings
from app.core.db import make_engine
from app.core.redis import get_redis

# Seconds: the timeout of a check, and how long its result is reused.
PATIENCE = 2.0
OK, AWAY, NO_ANSWER = "ok", "away", "no answer"


@dataclass
class Answer:
    said: str = NO_ANSWER
    at: float = float("-inf")


@dataclass(frozen=True)
class Part:
    """Without a `needed` part the site is down; without another one reading still works."""

    ask: Callable[[], str]
    needed: bool = False
    holds_seconds: float = 1.0


def _database() -> str:
    engine = _own_engine(get_settings().database_url)
    with outside_of_places(), engine.connect().execution_options(writes=False) as connection:
        found = connection.execute(text("select count(*) from users where false")).scalar()
        return OK if found == 0 else AWAY


def _redis() -> str:
    return OK if get_redis().ping() else AWAY


def _files() -> str:
    return OK if storage.is_reachable() else AWAY


PARTS = {
    "database": Part(_database, needed=True),
    "redis": Part(_redis),
    "files": Part(_files, holds_seconds=10),
    "disk": Part(lambda: disk.room().value),
}


class Readiness:
    def __init__(self) -> None:
        self._answers = {name: Answer() for name in PARTS}
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._threads = CapacityLimiter(len(PARTS))

    async def look(self) -> dict[str, str]:
        """The state of each part, after a bounded time."""
        return dict(zip(PARTS, await asyncio.gather(*map(self._said, PARTS)), strict=True))

    async def _said(self, name: str) -> str:
        if time.monotonic() - self._answers[name].at < PARTS[name].holds_seconds:
            return self._answers[name].said
        task = self._asking.get(name)
        if task is None or task.done():
            task = self._asking[name] = asyncio.create_task(self._ask(name))
        # A late check continues, and serves later callers.
        done, _ = await asyncio.wait({task}, timeout=PATIENCE)
        return self._answers[name].said if done else NO_ANSWER

    async def _ask(self, name: str) -> None:
        try:
            said = await to_thread.run_sync(PARTS[name].ask, limiter=self._threads)
        except Exception:  # whatever is wrong with a part: the error's text may contain addresses
            said = AWAY
        self._answers[name] = Answer(said, time.monotonic())


@lru_cache(maxsize=2)
def _own_engine(url: str) -> Engine:
    """Not the requests' engine: its connections may all be in use by a busy class."""
    return make_engine(url)
