"""The write queue for SQLite, which stores one transaction after the other in any case.

Without it each writer waits in a thread and polls, sleeping longer each time: many at once are slow, and
some give up. SQLite's own lock makes writing safe; the queue adds order and speed. PostgreSQL needs neither.
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
# Clients answered together write again together: without a pause the first of them goes alone, and the others after it.
GATHER_SECONDS = 0.0005
# At most this many writing requests hold a slot (see app.core.admission). Some of them wait for the queue with it: the
# other slots are for readers, and for the request whose turn it is.
PLACES = 8
# Before its transaction a work item waits for Redis and for a sandboxed process: those of one transaction do so concurrently.
_preparing = ThreadPoolExecutor(PLACES, thread_name_prefix="prepare")


# The users of these session tokens, without invalid ones.
FindUsers = Callable[[Session, Sequence[str]], Mapping[str, Any]]


class TakesLonger(Exception):
    """A work item that must not be prepared while others wait for it."""


@dataclass(eq=False)
class Sender:
    """The sender of a work item, known by a session's token. `user` is set before the item is prepared, and read again before it is done."""

    token: str
    user: Any = None


@dataclass(eq=False)
class Work:
    """What one request wants to do with a session, in its own context (language, for example); with a `sender`, only for its user."""

    do: Callable[[Session], Any]
    sender: Sender | None = None
    prepare: Callable[[], None] | None = None
    context: Context = field(default_factory=copy_context)
    is_done: Event = field(default_factory=Event)
    result: Any = None
    # Until it is stored: nobody must be told of success before that.
    error: Exception | None = field(default_factory=lambda: RuntimeError("stopped before this was stored"))


class Turn:
    """One request's turn, taken in its thread when it begins to write."""

    def __init__(self, line: Semaphore, loop: EventLoopToken) -> None:
        self._line, self._loop, self._has_it = line, loop, False

    def take(self) -> None:
        if not self._has_it and _stands_in_line():
            self._has_it = from_thread.run(_acquire, self._line, token=self._loop)

    def give_back(self) -> None:
        """From any thread: a session may be closed in another one than it was used in."""
        if self._has_it:
            self._has_it = False
            from_thread.run_sync(self._line.release, token=self._loop)

    def is_over(self) -> None:
        """In the event loop: the session of a cancelled request may never have been closed."""
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
        """For a request that may write: it queues here without a thread or connection, and takes its turn when it writes. Raises Busy."""
        async with self._places.turn():
            turn = Turn(self._line, current_token())
            try:
                yield turn
            finally:
                turn.is_over()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """For a write in a transaction of its own."""
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
        """The result of `do(session)`, once it is stored. Concurrent callers share a transaction, and so the time to begin
        and to commit it, which is most of the cost of a small write. They also share the work before it: their users are read
        in one statement, in a read-only session, and again in the transaction. `prepare` has no session, and only a moment; it raises
        TakesLonger if that is not enough. Raises SignInNeeded if the sender's token is not valid.

        If one `do` raises, nothing of the shared transaction is stored and each is run again alone: `do` may run twice.
        """
        work = Work(do, sender, prepare)
        if not _stands_in_line():
            await self._admission.run(self._prepare_and_store, work)
        else:
            self._waiting.append(work)
            if len(self._waiting) == 1:
                # Others depend on this one: it continues even if its own client has disconnected.
                with CancelScope(shield=True):
                    await self._lead()
            else:
                await work.is_done.wait()
        if work.error is not None:
            raise work.error
        return work.result

    async def _lead(self) -> None:
        async with self._admission.place(waits_for_ever=True), self._leads:
            await sleep(GATHER_SECONDS)
            works, self._waiting = self._waiting, []
            try:
                ready = await to_thread.run_sync(self._prepared, works)
                if ready:
                    async with self.turn():
                        await to_thread.run_sync(self._store, ready)
            finally:
                for work in works:
                    work.is_done.set()

    def _prepare_and_store(self, work: Work) -> None:
        self._store(self._prepared([work]))

    def _prepared(self, works: Sequence[Work]) -> list[Work]:
        """Those that may be stored now; the others have their error."""
        left = self._known(works)
        went_well = list(_preparing.map(_is_prepared, left))
        return [work for work, is_ready in zip(left, went_well, strict=True) if is_ready]

    def _known(self, works: Sequence[Work]) -> list[Work]:
        """Those whose senders are known; if no session is available, each gets the reason."""
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
        """A lone work item whose lock wait timed out is retried once (`has_waited`: it has been): nothing of it is stored."""
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
    """A holder that exceeds SQLite's own lock timeout does not stop the rest: then False."""
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
    """Whether it succeeded; otherwise the work item has its error."""
    try:
        if work.prepare:
            work.context.run(work.prepare)
    except Exception as error:
        work.error = error
        return False
    return True
