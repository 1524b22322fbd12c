"""Live events for pages: one Redis reader per process fans out to all watchers; no database session is held.

A topic is followed as a Redis stream by its key: that of a job, or that of a topic ("thread:<id>", "user:<id>"). Entries are
{"type": a word, "data": JSON}. Streams are short-lived; everything lasting is in the database.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, cast
from uuid import uuid4

from anyio import to_thread
from redis.exceptions import RedisError, ResponseError
from sse_starlette import EventSourceResponse, ServerSentEvent
from structlog import get_logger

from app.core.live.entries import Entry, RawEntry, encode, order_of, tagged
from app.core.live.sessions import LiveTokens, OpenStreams
from app.core.redis import new_async_redis

log = get_logger()

# The state in the database, for a browser whose last event is no longer in the stream.
Snapshot = Callable[[], list[tuple[str, dict[str, Any]]]]
# A watcher this many entries behind is dropped; its browser reconnects and replays.
QUEUE_SIZE = 5000
# Messages may be lost with a connection: all streams are read at least this often.
LOOK_AT_ALL_SECONDS = 5.0
PING_SECONDS = 15
ANNOUNCED_AT_ONCE = 500


@dataclass(frozen=True)
class Topic:
    """One of the topics a connection follows: the page calls it `name`, and has seen its events up to `after` (None: none yet).

    `snapshot` reads the database if the stream does not reach back; without one the page gets "lost", and reloads its part.
    """

    name: str
    key: str
    after: str | None = None
    snapshot: Snapshot | None = None


def event_stream(
    events: AsyncIterator[ServerSentEvent | bytes], *, audible_ping: bool = False
) -> EventSourceResponse:
    """Events as a response that a browser reopens by itself. "hello" comes first, on each connection.

    An audible ping is an event: it lets the page detect a connection that died without being closed.
    """

    async def with_hello() -> AsyncIterator[ServerSentEvent | bytes]:
        yield ServerSentEvent(json.dumps({}), event="hello", retry=1000)
        async for event in events:
            yield event

    ping = (lambda: ServerSentEvent("{}", event="ping")) if audible_ping else None
    headers = {"X-Accel-Buffering": "no"}
    return EventSourceResponse(with_hello(), ping=PING_SECONDS, ping_message_factory=ping, headers=headers)


Queue = asyncio.Queue[Entry | None]


class EventHub:
    """Follows all watched streams. A message on a Redis pub/sub channel named like the stream says that it has something new, and
    only that stream is read: the cost of an event does not grow with the number of streams.

    Reads start where the server has found the stream to be, never where a client claims: one reader serves everyone. `run(work)`
    awaits the result of a function that uses the database. `live_tokens` says which sessions are still valid; a stream ends with
    the session that opened it.
    """

    def __init__(
        self, run: Callable[..., Awaitable[Any]] = to_thread.run_sync, live_tokens: LiveTokens = set
    ) -> None:
        self._run = run
        self._redis = new_async_redis()
        self._open = OpenStreams(live_tokens, run)
        self._watchers: dict[str, set[Queue]] = {}
        self._positions: dict[str, bytes] = {}
        self._messages = self._redis.pubsub()
        self._channels: set[str] = set()
        # A message here makes the reader check at once which streams are watched now.
        self._wake = f"sophora:wake:{uuid4().hex}"
        self._looked_at_all = float("-inf")
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        works = (self._read_for_ever(), self._open.watch_for_ever())
        self._tasks = [asyncio.create_task(work, name="event-hub") for work in works]

    async def stop(self) -> None:
        # Once is not enough: Python 3.11's asyncio.wait_for, inside the Redis client, occasionally swallows a cancellation.
        while running := [task for task in self._tasks if not task.done()]:
            for task in running:
                task.cancel()
            await asyncio.wait(running, timeout=0.5)
        with suppress(RedisError, OSError):
            await self._messages.aclose()
        await self._redis.aclose()

    async def follow(
        self, key: str, after: str, snapshot: Snapshot, session: str | None = None
    ) -> AsyncIterator[ServerSentEvent | bytes]:
        """Everything in the stream `key` after the entry `after`, then live, until an entry says that a job ended.

        If the stream no longer reaches back to `after` (it was trimmed, or Redis was restarted), or never reached it, the
        database's state comes first; a page ignores the points that it knows. `session` is the token of the reader's session.
        """
        with self._watching([key], session) as queue:
            missed, has_gap, end = await self._replay(key, after)
            if has_gap:
                for kind, data in await self._run(snapshot):
                    yield ServerSentEvent(json.dumps(data, separators=(",", ":")), event=kind)
                    if kind == "state":
                        return
            for entry in missed:
                yield entry.encoded
                if entry.ends:
                    return
            await self._join(key, end)
            while (news := await queue.get()) is not None:
                if order_of(news.identity) <= order_of(end):
                    continue
                end = news.identity
                yield news.encoded
                if news.ends:
                    return

    async def watch(self, topics: Sequence[Topic], session: str | None = None) -> AsyncIterator[bytes]:
        """The events of several topics: first what each missed, then live, in one connection for all pages of a browser.

        "joined" names each topic's stream and position. The end of one stream does not end the others.
        """
        by_key = {topic.key: topic for topic in topics}
        with self._watching(list(by_key), session) as queue:
            ends: dict[str, bytes] = {}
            missed: list[bytes] = []
            for key, topic in by_key.items():
                events, ends[key] = await self._missed(topic)
                missed += events
            joined = {topic.name: [topic.key, ends[topic.key].decode()] for topic in topics}
            yield ServerSentEvent(json.dumps(joined, separators=(",", ":")), event="joined").encode()
            for event in missed:
                yield event
            for key, end in ends.items():
                await self._join(key, end)
            while (entry := await queue.get()) is not None:
                if order_of(entry.identity) > order_of(ends[entry.key]):
                    ends[entry.key] = entry.identity
                    yield entry.tagged

    async def _missed(self, topic: Topic) -> tuple[list[bytes], bytes]:
        """The events of a topic since its page saw the last one, and the id of the stream's newest."""
        if topic.after is None and topic.snapshot is None:
            return [], await self._last(topic.key)
        entries, has_gap, end = await self._replay(topic.key, topic.after or "0-0")
        if has_gap and topic.snapshot is None:
            was_empty = topic.after == "0-0" and end == b"0-0"
            return [] if was_empty else [tagged(topic.key, "lost", "{}", end.decode())], end
        found = await self._run(topic.snapshot) if has_gap else []
        events = [tagged(topic.key, kind, json.dumps(data, separators=(",", ":"))) for kind, data in found]
        return [*events, *(entry.tagged for entry in entries)], end

    @contextmanager
    def _watching(self, keys: Sequence[str], session: str | None) -> Iterator[Queue]:
        """A queue for the streams' entries, open as long as the session that asked for them is valid (None: a visitor's)."""
        queue: Queue = asyncio.Queue(QUEUE_SIZE)
        for key in keys:
            self._watchers.setdefault(key, set()).add(queue)
        try:
            with self._open.held_by(session, partial(self._end, queue)):
                yield queue
        finally:
            for key in keys:
                self._leave(key, queue)

    async def _last(self, key: str) -> bytes:
        try:
            newest: list[RawEntry] = cast("Any", await self._redis.xrevrange(key, count=1))
        except (RedisError, OSError):
            return b"0-0"
        return newest[0][0] if newest else b"0-0"

    async def _replay(self, key: str, after: str) -> tuple[list[Entry], bool, bytes]:
        """Entries after `after`, whether some before them are lost, and the id of the stream's newest entry."""
        try:
            async with self._redis.pipeline(transaction=True) as pipeline:
                pipeline.xrange(key, min=f"({after}", max="+")
                pipeline.xrange(key, count=1)
                pipeline.xrevrange(key, count=1)
                missed, first, newest = await pipeline.execute()
            if not first:
                return [], True, b"0-0"
            end = newest[0][0]
            if order_of(after.encode()) > order_of(end):
                # Not an id of this stream: Redis was restarted, or it was forged. So replay everything.
                missed, has_gap = await self._redis.xrange(key, max=end.decode()), True
            else:
                has_gap = after != "0-0" and order_of(first[0][0]) > order_of(after.encode())
        except (RedisError, OSError):
            return [], True, b"0-0"
        return [encode(key, entry) for entry in missed], has_gap, end

    async def _join(self, key: str, last: bytes) -> None:
        """Make the reader follow `key`. If it does already, the queue has received everything since it was registered."""
        self._positions.setdefault(key, last)
        with suppress(RedisError, OSError):
            await self._redis.publish(self._wake, "")

    def _leave(self, key: str, queue: Queue) -> None:
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
            except ResponseError as error:
                log.warning("a stream of live events cannot be read", error=str(error))
                await self._leave_out_what_cannot_be_read()
            except (RedisError, OSError) as error:
                if not is_away:
                    log.warning("live events wait for Redis", error=str(error))
                is_away = True
                self._end_all()
                await self._forget_channels()
                await asyncio.sleep(1)

    async def _read_once(self) -> None:
        await self._choose_channels()
        news = await self._announced()
        if time.monotonic() - self._looked_at_all > LOOK_AT_ALL_SECONDS:
            news, self._looked_at_all = set(self._positions), time.monotonic()
        streams: dict[Any, Any] = {key: self._positions[key] for key in news if key in self._positions}
        found = await self._redis.xread(streams) if streams else None
        read: list[tuple[bytes, list[RawEntry]]] = cast("Any", found) or []
        for name, entries in read:
            key = name.decode()
            if key in self._positions:
                self._positions[key] = entries[-1][0]
            encoded = [encode(key, entry) for entry in entries]
            for queue in tuple(self._watchers.get(key, ())):
                for entry in encoded:
                    self._give(queue, entry)

    async def _leave_out_what_cannot_be_read(self) -> None:
        """Redis rejects the whole read for one key that is not a stream: drop the watchers of that key, and nobody else."""
        for key, position in tuple(self._positions.items()):
            try:
                await self._redis.xread({key: position}, count=1)
            except ResponseError:
                self._positions.pop(key, None)
                for queue in tuple(self._watchers.get(key, ())):
                    self._end(queue)
        # If none of them is to blame, the next read fails again: avoid a busy loop.
        await asyncio.sleep(0.1)

    async def _choose_channels(self) -> None:
        wanted = {self._wake, *self._positions}
        if new := wanted - self._channels:
            await self._messages.subscribe(*new)
        if old := self._channels - wanted:
            await self._messages.unsubscribe(*old)
        self._channels = wanted

    async def _announced(self) -> set[str]:
        """The streams with something new. Joining a channel is a message, too: earlier entries are read then."""
        news: set[str] = set()
        message = await self._messages.get_message(timeout=LOOK_AT_ALL_SECONDS)
        while message is not None and len(news) < ANNOUNCED_AT_ONCE:
            news.add(message["channel"].decode())
            message = await self._messages.get_message(timeout=0)
        return news

    async def _forget_channels(self) -> None:
        with suppress(RedisError, OSError):
            await self._messages.aclose()
        self._messages, self._channels = self._redis.pubsub(), set()
        self._looked_at_all = float("-inf")

    def _give(self, queue: Queue, entry: Entry) -> None:
        try:
            queue.put_nowait(entry)
        except asyncio.QueueFull:
            self._end(queue)

    def _end(self, queue: Queue) -> None:
        """Drop all that is queued: an omitted event would never come back, as the browser resumes after the last it saw."""
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)

    def _end_all(self) -> None:
        """Make every browser reconnect: what it missed is replayed then."""
        for watchers in self._watchers.values():
            for queue in watchers:
                if not queue.full():
                    queue.put_nowait(None)
