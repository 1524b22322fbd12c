"""Admission control: requests that need the database wait, in the event loop, for one of a few slots.

A slot is the right to one thread and one connection. There are fewer slots than either, so a request with a slot never waits
for what another request holds: no thread waits for a connection, and no connection for a thread. More at once would gain nothing,
as Python runs one thread at a time. A request that finds too many waiting is refused at once instead of waiting in vain.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from math import ceil, inf
from time import monotonic
from typing import Any, TypeVar

from anyio import Semaphore, move_on_after, to_thread

from app.core.errors import AppError, Busy

Result = TypeVar("Result")

# Fewer than the connections that the pool keeps (app.core.db) and than the threads (app.main).
PLACES = 12
# A large school opens a lesson at once; each waiting request costs some kilobytes.
MOST_WAITING = 600
PATIENCE_SECONDS = 15.0
# The duration of a turn is averaged over about this many of the latest.
LEARNS_FROM = 20

_has_place: ContextVar[bool] = ContextVar("has_place", default=False)


def has_place() -> bool:
    """Whether the current task, or thread working for it, may take a connection."""
    return _has_place.get()


@contextmanager
def outside_of_places() -> Iterator[None]:
    """For the few that must not queue behind readers and are limited in other ways. The pool reserves connections for them."""
    with _placed():
        yield


@contextmanager
def _placed() -> Iterator[None]:
    _has_place.set(True)
    try:
        yield
    finally:
        _has_place.set(False)


class Line:
    """At most `at_once` run concurrently; others queue in the event loop, unless that would take too long."""

    def __init__(
        self, at_once: int, most_waiting: int, patience: float, refusal: type[AppError] = Busy
    ) -> None:
        self.at_once, self.most_waiting, self.patience, self.refusal = (
            at_once,
            most_waiting,
            patience,
            refusal,
        )
        self._turns = Semaphore(at_once, max_value=at_once, fast_acquire=True)
        # Moving average of a turn's duration, in seconds.
        self._usual = 0.0

    @asynccontextmanager
    async def turn(self, *, waits_for_ever: bool = False) -> AsyncIterator[None]:
        """Raises `refusal` at once if too many wait or the wait would exceed `patience` seconds.

        `waits_for_ever` is for what others depend on.
        """
        if not waits_for_ever and self._is_full():
            raise self._refused()
        # The wait may exceed the estimate made on arrival, but not indefinitely.
        with move_on_after(inf if waits_for_ever else 3 * self.patience) as wait:
            await self._turns.acquire()
        if wait.cancelled_caught:
            raise self._refused()
        began = monotonic()
        try:
            yield
        finally:
            self._usual += (monotonic() - began - self._usual) / LEARNS_FROM
            self._turns.release()

    def _is_full(self) -> bool:
        too_many = self._turns.statistics().tasks_waiting >= self.most_waiting
        return self._turns.value == 0 and (too_many or self.expected_seconds() > self.patience)

    def expected_seconds(self) -> float:
        """Estimated wait of a new arrival."""
        return self._usual * self._turns.statistics().tasks_waiting / max(1, self.at_once)

    def _refused(self) -> AppError:
        return self.refusal(seconds=min(30, max(2, ceil(self.expected_seconds()))))


class Admission(Line):
    """The slots of one web process."""

    def __init__(
        self, at_once: int = PLACES, most_waiting: int = MOST_WAITING, patience: float = PATIENCE_SECONDS
    ) -> None:
        super().__init__(at_once, most_waiting, patience)

    @asynccontextmanager
    async def place(self, *, waits_for_ever: bool = False) -> AsyncIterator[None]:
        """Raises Busy."""
        if has_place():
            raise RuntimeError("a request that has a place must not wait for a second one")
        async with self.turn(waits_for_ever=waits_for_ever):
            with _placed():
                yield

    async def run(self, work: Callable[..., Result], *args: Any, waits_for_ever: bool = False) -> Result:
        """`work(*args)` in a thread, with a slot. Raises Busy."""
        async with self.place(waits_for_ever=waits_for_ever):
            return await to_thread.run_sync(work, *args)
