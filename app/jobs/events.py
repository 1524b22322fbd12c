"""Live events for pages: one Redis reader a process fans out to everyone who watches; no database session is held."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from anyio import to_thread
from redis.exceptions import RedisError
from sse_starlette import ServerSentEvent
from structlog import get_logger

from app.jobs.stream import stream_key
from app.redis import new_async_redis

log = get_logger()

RawEntry = tuple[bytes, dict[bytes, bytes]]
Snapshot = Callable[[UUID], list[tuple[str, dict[str, Any]]]]
END_STATES = (b'"succeeded"', b'"failed"', b'"cancelled"')
# A watcher that does not take its events for this many entries is dropped; its browser reconnects and replays.
QUEUE_SIZE = 5000


class Entry(NamedTuple):
    """A stream entry, encoded once for all who watch."""

    identity: bytes
    encoded: bytes
    ends: bool


class EventHub:
    """Follows the streams of all watched jobs with one blocking read."""

    def __init__(self) -> None:
        self._redis = new_async_redis()
        self._watchers: dict[str, set[asyncio.Queue[Entry | None]]] = {}
        self._positions: dict[str, bytes] = {}
        # Reading this stream too lets a new watcher end the blocking read at once.
        self._wake = f"sophora:wake:{uuid4().hex}"
        self._wake_position: bytes = b"0-0"
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._read_for_ever(), name="event-hub")

    async def stop(self) -> None:
        # Once is not enough: asyncio.wait_for of Python 3.11, inside the Redis client, now and then swallows a cancellation.
        while self._task and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task], timeout=0.5)
        with suppress(RedisError, OSError):
            await self._redis.delete(self._wake)
        await self._redis.aclose()

    async def follow(
        self, job_id: UUID, after: str, snapshot: Snapshot
    ) -> AsyncIterator[ServerSentEvent | bytes]:
        """Everything after the entry `after`, then live, until the job ends.

        Where the stream no longer reaches back to `after` (it was trimmed, or Redis was restarted), what the database
        has comes first; a page ignores the points that it knows.
        """
        key = stream_key(job_id)
        queue: asyncio.Queue[Entry | None] = asyncio.Queue(QUEUE_SIZE)
        self._watchers.setdefault(key, set()).add(queue)
        try:
            missed, has_gap = await self._replay(key, after)
            if has_gap:
                for kind, data in await to_thread.run_sync(snapshot, job_id):
                    yield ServerSentEvent(json.dumps(data, separators=(",", ":")), event=kind)
                    if kind == "state":
                        return
            last = after.encode()
            for entry in missed:
                yield entry.encoded
                last = entry.identity
                if entry.ends:
                    return
            await self._join(key, last)
            while (entry := await queue.get()) is not None:
                if _order(entry.identity) <= _order(last):
                    continue
                last = entry.identity
                yield entry.encoded
                if entry.ends:
                    return
        finally:
            self._leave(key, queue)

    async def _replay(self, key: str, after: str) -> tuple[list[Entry], bool]:
        """Entries after `after`, and whether some before them are lost."""
        try:
            missed = await self._redis.xrange(key, min=f"({after}")
            first = await self._redis.xrange(key, count=1)
        except (RedisError, OSError):
            return [], True
        has_gap = not first or (after != "0-0" and _order(first[0][0]) > _order(after.encode()))
        return [_encode(entry) for entry in missed], has_gap

    async def _join(self, key: str, last: bytes) -> None:
        """Have the reader follow `key`. Where it does already, the queue has had everything since it was registered."""
        self._positions.setdefault(key, last)
        with suppress(RedisError, OSError):
            await self._redis.xadd(self._wake, {"": ""}, maxlen=1)

    def _leave(self, key: str, queue: asyncio.Queue[Entry | None]) -> None:
        watchers = self._watchers.get(key, set())
        watchers.discard(queue)
        if not watchers:
            self._watchers.pop(key, None)
            self._positions.pop(key, None)

    async def _read_for_ever(self) -> None:
        is_away = False
        while True:
            try:
                await self._read_once()
                is_away = False
            except (RedisError, OSError) as error:
                if not is_away:
                    log.warning("live events wait for Redis", error=str(error))
                is_away = True
                self._end_all()
                await asyncio.sleep(1)

    async def _read_once(self) -> None:
        streams = {self._wake: self._wake_position, **self._positions}
        for name, entries in await self._redis.xread(streams, block=5000) or ():
            key = name.decode()
            if key == self._wake:
                self._wake_position = entries[-1][0]
                continue
            if key in self._positions:
                self._positions[key] = entries[-1][0]
            encoded = [_encode(entry) for entry in entries]
            for queue in tuple(self._watchers.get(key, ())):
                for entry in encoded:
                    self._give(queue, entry)

    def _give(self, queue: asyncio.Queue[Entry | None], entry: Entry) -> None:
        try:
            queue.put_nowait(entry)
        except asyncio.QueueFull:
            # All of it goes: an event left out would never come back, since the browser resumes after the last it saw.
            while not queue.empty():
                queue.get_nowait()
            queue.put_nowait(None)

    def _end_all(self) -> None:
        """Let every browser reconnect: what it missed is replayed then."""
        for watchers in self._watchers.values():
            for queue in watchers:
                if not queue.full():
                    queue.put_nowait(None)


def _encode(entry: RawEntry) -> Entry:
    identity, fields = entry
    kind, data = fields[b"type"].decode(), fields[b"data"]
    ends = kind == "state" and any(state in data for state in END_STATES)
    return Entry(identity, ServerSentEvent(data.decode(), event=kind, id=identity.decode()).encode(), ends)


def _order(identity: bytes) -> tuple[int, int]:
    """Redis stream ids in their order: milliseconds, then a counter."""
    milliseconds, _, counter = identity.partition(b"-")
    return int(milliseconds), int(counter or 0)
