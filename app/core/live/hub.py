"""Live events for pages: one Redis reader a process fans out to everyone who watches; no database session is held.

What is followed is a Redis stream by its key: that of a job, or that of a topic ("thread:<id>", "user:<id>"). Entries are
{"type": a word, "data": JSON}. Streams are short-lived; the database has all that is kept.
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

# What the database has, for a browser whose last event the stream no longer holds.
Snapshot = Callable[[], list[tuple[str, dict[str, Any]]]]
# A watcher that does not take its events for this many entries is dropped; its browser reconnects and replays.
QUEUE_SIZE = 5000
# A message may be lost when a connection is: all streams are read so often at least.
LOOK_AT_ALL_SECONDS = 5.0
PING_SECONDS = 15
ANNOUNCED_AT_ONCE = 500


@dataclass(frozen=True)
class Topic:
    """What one connection follows beside others: the page calls it `name`, and has seen its events up to `after` (None: none yet).

    `snapshot` asks the database where the stream does not reach back; without one the page hears "lost", and reads its part again.
    """

    name: str
    key: str
    after: str | None = None
    snapshot: Snapshot | None = None


def event_stream(
    events: AsyncIterator[ServerSentEvent | bytes], *, audible_ping: bool = False
) -> EventSourceResponse:
    """Events as an answer that a browser opens again by itself. "hello" comes first, at each connection.

    An audible ping is an event: its page finds out that a connection is dead which nobody closed.
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
    """Follows all watched streams. Redis says, by a message on a channel of the stream's name, which one has something new, and that one
    is read: what an event costs does not grow with the number of streams.

    Where a read starts is what the server has found in the stream, never what a client said: it serves everyone.
    `run(work)` awaits the result of a function that asks the database. `live_tokens` says which sessions still hold; a stream
    ends with the session that opened it.
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
        # A message here has the reader look at once which streams are watched now.
        self._wake = f"sophora:wake:{uuid4().hex}"
        self._looked_at_all = float("-inf")
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        works = (self._read_for_ever(), self._open.watch_for_ever())
        self._tasks = [asyncio.create_task(work, name="event-hub") for work in works]

    async def stop(self) -> None:
        # Once is not enough: asyncio.wait_for of Python 3.11, inside the Redis client, now and then swallows a cancellation.
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
        """Everything of the stream `key` after the entry `after`, then live, until an entry says that a job ended.

        Where the stream no longer reaches back to `after` (it was trimmed, or Redis was restarted), or never came to it, what the
        database has comes first; a page ignores the points that it knows. `session` is the token of the reader's session.
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
        """What happens in the topics: first what each missed, then live, in one connection for all pages of a browser.

        "joined" says which stream is whose, and where each stands. One stream's end does not end the others.
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
        """A queue that the entries of the streams go to, for as long as the session holds that asked for them (None: a visitor's)."""
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
                # An id that this stream has not given: Redis was restarted, or somebody made it up. All of it, then.
                missed, has_gap = await self._redis.xrange(key, max=end.decode()), True
            else:
                has_gap = after != "0-0" and order_of(first[0][0]) > order_of(after.encode())
        except (RedisError, OSError):
            return [], True, b"0-0"
        return [encode(key, entry) for entry in missed], has_gap, end

    async def _join(self, key: str, last: bytes) -> None:
        """Have the reader follow `key`. Where it does already, the queue has had everything since it was registered."""
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
        """Redis refuses the whole read for one key that is no stream: who watches that one is let go, and nobody else."""
        for key, position in tuple(self._positions.items()):
            try:
                await self._redis.xread({key: position}, count=1)
            except ResponseError:
                self._positions.pop(key, None)
                for queue in tuple(self._watchers.get(key, ())):
                    self._end(queue)
        # Where none of them is to blame, the next read says so again: not in a circle without a pause.
        await asyncio.sleep(0.1)

    async def _choose_channels(self) -> None:
        wanted = {self._wake, *self._positions}
        if new := wanted - self._channels:
            await self._messages.subscribe(*new)
        if old := self._channels - wanted:
            await self._messages.unsubscribe(*old)
        self._channels = wanted

    async def _announced(self) -> set[str]:
        """The streams with something new. That a channel is joined is a message, too: what came before is read then."""
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
        """All that waits goes: an event left out would never come back, since the browser resumes after the last it saw."""
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)

    def _end_all(self) -> None:
        """Let every browser reconnect: what it missed is replayed then."""
        for watchers in self._watchers.values():
            for queue in watchers:
                if not queue.full():
                    queue.put_nowait(None)
