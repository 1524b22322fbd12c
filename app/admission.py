"""How many requests work at the same moment: each that needs the database waits, in the event loop, for one of a few places.

A place is the right to one thread and one connection. There are fewer places than either, so whoever has one waits for nothing
that another request holds: no thread waits for a connection, and no connection for a thread. More at once would bring nothing,
since Python runs one of them at a time. Whoever finds too many waiting is told so at once, instead of waiting in vain.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from math import ceil, inf
from typing import Annotated, Any, TypeVar

from anyio import Semaphore, move_on_after, to_thread
from fastapi import Depends, Request

from app.errors import Busy

Result = TypeVar("Result")

# Fewer than the connections that the pool keeps (app.db) and than the threads (app.main).
PLACES = 12
# A large school opens a lesson at once; each who waits costs some kilobytes.
MOST_WAITING = 600
PATIENCE_SECONDS = 15.0

_has_place: ContextVar[bool] = ContextVar("has_place", default=False)


def has_place() -> bool:
    """Whether the code that runs now, in this task or in a thread for it, may take a connection."""
    return _has_place.get()


@contextmanager
def outside_of_places() -> Iterator[None]:
    """For the few that must not wait behind readers, each bounded by itself. The pool keeps connections for them."""
    _has_place.set(True)
    try:
        yield
    finally:
        _has_place.set(False)


class Admission:
    def __init__(
        self, places: int = PLACES, most_waiting: int = MOST_WAITING, patience: float = PATIENCE_SECONDS
    ) -> None:
        self.most_waiting, self.patience = most_waiting, patience
        self._places = Semaphore(places, max_value=places, fast_acquire=True)

    @asynccontextmanager
    async def place(self, *, waits_for_ever: bool = False) -> AsyncIterator[None]:
        """Raises Busy where too many wait already, or after a long wait. `waits_for_ever` is for what others depend on."""
        if _has_place.get():
            raise RuntimeError("a request that has a place must not wait for a second one")
        if not waits_for_ever:
            self.check()
        with move_on_after(inf if waits_for_ever else self.patience) as wait:
            await self._places.acquire()
        if wait.cancelled_caught:
            raise self._busy()
        _has_place.set(True)
        try:
            yield
        finally:
            _has_place.set(False)
            self._places.release()

    async def run(self, work: Callable[..., Result], *args: Any, waits_for_ever: bool = False) -> Result:
        """`work(*args)` in a thread, at a place. Raises Busy."""
        async with self.place(waits_for_ever=waits_for_ever):
            return await to_thread.run_sync(work, *args)

    def check(self) -> None:
        """Raises Busy where too many wait already."""
        if self._places.statistics().tasks_waiting >= self.most_waiting:
            raise self._busy()

    def _busy(self) -> Busy:
        return Busy(seconds=max(1, ceil(self.patience / 3)))


async def holding_place(request: Request) -> AsyncIterator[None]:
    async with request.app.state.admission.place():
        yield


# For a route that opens sessions itself: it stands last among the parameters, after what reads the request's body.
Place = Annotated[None, Depends(holding_place, scope="function")]
