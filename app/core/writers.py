"""Where those who write to SQLite stand in line: it stores one transaction after the other in any case.

Without a line each of them waits in a thread and tries again and again, asleep for longer each time: many at once are slow, and
some give up. SQLite's own lock is what makes writing safe; the line gives order and speed. PostgreSQL needs neither.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Any, TypeVar

from anyio import CancelScope, Event, Semaphore, WouldBlock, from_thread, move_on_after, sleep, to_thread
from anyio.lowlevel import EventLoopToken, current_token
from sqlalchemy.orm import Session

from app.core.admission import MOST_WAITING, PATIENCE_SECONDS, Admission, Line
from app.core.db import BUSY_SECONDS, get_engine, session_scope
from app.core.errors import SignInNeeded
from app.core.transactions import current_unit, is_lock_timeout, work_for

Result = TypeVar("Result")
# Those who were answered together write again together: without a pause the first of them goes alone, and the others after it. Where
# somebody has come in one, another follows, so many at most; whoever is alone waits for one.
GATHER_SECONDS, MOST_PAUSES = 0.0005, 8
# So many requests that may write have a place (see app.core.admission) at the same moment. Some of them wait for the line with it: the
# other places are the readers', and the one's whose turn it is.
PLACES = 8
# Before its transaction a work waits for Redis and for a helper process: those of one transaction do so at the same time.
_preparing = ThreadPoolExecutor(PLACES, thread_name_prefix="prepare")


# Whose the tokens of these sessions are, as far as they hold.
FindUsers = Callable[[Session, Sequence[str]], Mapping[str, Any]]


class TakesLonger(Exception):
    """A work that is not to be prepared while others wait for it."""


@dataclass(eq=False)
class Sender:
    """Who sends a work, known by the token of a session. `user` is there when the work is prepared, and anew when it is done."""

    token: str
    user: Any = None


@dataclass(eq=False)
class Work:
    """What one request wants to do with a session, in its own context (its language, say). `sender`: it may not be done without its user."""

    do: Callable[[Session], Any]
    sender: Sender | None = None
    prepare: Callable[[], None] | None = None
    context: Context = field(default_factory=copy_context)
    is_done: Event = field(default_factory=Event)
    result: Any = None
    # Until it is stored: nobody is told that something was which was not.
    error: Exception | None = field(default_factory=lambda: RuntimeError("stopped before this was stored"))


class Turn:
    """That of one request, which takes it in its thread when it begins to write."""

    def __init__(self, line: Semaphore, loop: EventLoopToken) -> None:
        self._line, self._loop, self._has_it = line, loop, False

    def take(self) -> None:
        if not self._has_it and _stands_in_line():
            self._has_it = from_thread.run(_acquire, self._line, token=self._loop)

    def give_back(self) -> None:
        """From whichever thread: the session is left in another one than it was used in."""
        if self._has_it:
            self._has_it = False
            from_thread.run_sync(self._line.release, token=self._loop)

    def is_over(self) -> None:
        """In the event loop: where a request was cancelled, its session may never have been left."""
        if self._has_it:
            self._has_it = False
            self._line.release()


class Writers:
    def __init__(
        self, admission: Admission | None = None, find_users: FindUsers = lambda _session, _tokens: {}
    ) -> None:
        self._admission, self._find_users = admission or Admission(), find_users
        self._line = Semaphore(1)
        self._places = Line(PLACES, MOST_WAITING, PATIENCE_SECONDS)
        self._waiting: list[Work] = []
        self._leads = Semaphore(1)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Turn]:
        """For a request that may write: it waits here with neither a thread nor a connection, and takes its turn when it writes. Raises Busy."""
        async with self._places.turn():
            turn = Turn(self._line, current_token())
            try:
                yield turn
            finally:
                turn.is_over()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """For one that writes in a transaction of its own."""
        has_it = _stands_in_line() and await _acquire(self._line)
        try:
            yield
        finally:
            if has_it:
                self._line.release()

    async def together(
        self,
        do: Callable[[Session], Result],
        *,
        sender: Sender | None = None,
        prepare: Callable[[], None] | None = None,
    ) -> Result:
        """The result of `do(session)`, once it is stored. Those who wait at the same moment share a transaction, and so the time to begin
        and to store it, which is most of what a small work takes. They share what comes before it, too: who they are is asked in one
        statement, in a session that only reads, and again in the transaction. `prepare` has no session, and a moment; it raises
        TakesLonger where that is not enough. Raises SignInNeeded where the `sender` has no session.

        Where one `do` raises, nothing of what they did is stored and each is done again alone: `do` may run twice.
        """
        work = Work(do, sender, prepare)
        if not _stands_in_line():
            await self._admission.run(self._prepare_and_store, work)
        else:
            self._waiting.append(work)
            if len(self._waiting) == 1:
                # Others wait for this one: it goes on even if its own reader has left.
                with CancelScope(shield=True):
                    await self._lead()
            else:
                await work.is_done.wait()
        if work.error is not None:
            raise work.error
        return work.result

    async def _lead(self) -> None:
        async with self._admission.place(waits_for_ever=True), self._leads:
            await self._gather()
            works, self._waiting = self._waiting, []
            try:
                ready = await to_thread.run_sync(self._prepared, works)
                if ready:
                    async with self.turn():
                        await to_thread.run_sync(self._store, ready)
            finally:
                for work in works:
                    work.is_done.set()

    async def _gather(self) -> None:
        for _pause in range(MOST_PAUSES):
            known = len(self._waiting)
            await sleep(GATHER_SECONDS)
            if len(self._waiting) == known:
                return

    def _prepare_and_store(self, work: Work) -> None:
        self._store(self._prepared([work]))

    def _prepared(self, works: Sequence[Work]) -> list[Work]:
        """Those that may be stored now; the others have their error."""
        left = self._known(works)
        went_well = list(_preparing.map(_is_prepared, left))
        return [work for work, is_ready in zip(left, went_well, strict=True) if is_ready]

    def _known(self, works: Sequence[Work]) -> list[Work]:
        """Those whose senders are known; where there is no session to be had, each hears why."""
        if not any(work.prepare and work.sender for work in works):
            return list(works)
        try:
            with session_scope(writes=False) as session:
                return self._sent_by_users(session, works)
        except Exception as error:
            for work in works:
                work.error = error
            return []

    def _sent_by_users(self, session: Session, works: Sequence[Work]) -> list[Work]:
        """Those that may be done, each with its user; the others have their error."""
        tokens = [work.sender.token for work in works if work.sender]
        users = self._find_users(session, tokens) if tokens else {}
        known = []
        for work in works:
            if work.sender:
                work.sender.user = users.get(work.sender.token)
            if work.sender and work.sender.user is None:
                work.error = SignInNeeded()
            else:
                known.append(work)
        return known

    def _store(self, works: Sequence[Work], *, has_waited: bool = False) -> None:
        """A work alone that gave up waiting for a lock (`has_waited`: has done so) is done once more: nothing of it is stored."""
        if not works:
            return
        try:
            with session_scope(name="posts") as session:
                session.connection()
                unit = current_unit()
                known = self._sent_by_users(session, works)
                results = [work.context.run(work_for, unit, work.do, session) for work in known]
        except Exception as error:
            if len(works) == 1 and (has_waited or not is_lock_timeout(error)):
                works[0].error = error
                return
            for work in works:
                self._store([work], has_waited=len(works) == 1)
            return
        for work, result in zip(known, results, strict=True):
            work.result, work.error = result, None


async def _acquire(line: Semaphore) -> bool:
    """Whoever holds it for longer than SQLite itself lets others wait does not stop the rest: False then."""
    try:
        line.acquire_nowait()
        return True
    except WouldBlock:
        pass
    with move_on_after(BUSY_SECONDS) as wait:
        await line.acquire()
    return not wait.cancelled_caught


def _stands_in_line() -> bool:
    return get_engine().dialect.name == "sqlite"


def _is_prepared(work: Work) -> bool:
    """Whether it went well; else the work has its error."""
    try:
        if work.prepare:
            work.context.run(work.prepare)
    except Exception as error:
        work.error = error
        return False
    return True
