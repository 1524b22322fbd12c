"""Connection limits for Uvicorn: `--http app.web.connections:BoundedConnection`.

Uvicorn waits indefinitely for the end of a request's headers, buffers all of them, and accepts any number of pipelined
requests; that costs memory and file descriptors before a route, or a middleware, is involved.
"""

import asyncio
from collections import OrderedDict
from contextlib import suppress
from functools import lru_cache
from typing import Any

from structlog import get_logger
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

log = get_logger()

HEAD_SECONDS = 15.0
# A client that reads nothing of an answer for this long is disconnected.
WRITE_SECONDS = 60.0
MOST_HEAD_BYTES = 64 * 1024
MOST_HEADERS = 200
# Framing of a chunked body, which can exceed its content: at least five bytes per chunk.
MOST_FRAMING_BYTES = 1024 * 1024
MOST_PIPELINED = 16
# For a body that continues after its answer.
MOST_UNREAD_BYTES = 8 * 1024 * 1024
# File descriptors reserved for the database, files, Redis.
SPARE_DESCRIPTORS = 256
MOST_CONNECTIONS = 16_000


@lru_cache
def most_connections() -> int:
    """As many as the process may open files, after raising the soft limit to the hard one."""
    try:
        import resource
    except ImportError:  # Windows
        return 500
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + SPARE_DESCRIPTORS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        more = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (more, hard))
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if soft == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(32, min(MOST_CONNECTIONS, soft - SPARE_DESCRIPTORS))


class BoundedConnection(HttpToolsProtocol):
    # This process's connections waiting for a request's headers; the oldest is closed if there are too many.
    waiting: "OrderedDict[BoundedConnection, None]" = OrderedDict()

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._head_timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None
        self._is_refused = False
        # Of the message being read: bytes in all, and those of its body.
        self._bytes = self._body_bytes = 0
        self._piece = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # a server's has a transport both ways
        super().connection_made(transport)
        self._await_head()
        if len(self.connections) > most_connections():
            oldest = next(iter(self.waiting), self)
            oldest._drop()

    def connection_lost(self, exc: Exception | None) -> None:
        self._has_head()
        self._cancel_write_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_refused:
            return
        if self._head_timer is None and (self.cycle is None or self.cycle.response_complete):
            # The first bytes after an answer stop Uvicorn's own keep-alive timer.
            self._arm_head_timer()
        self._bytes += len(data)
        self._piece = len(data)
        super().data_received(data)
        self._piece = 0
        if self.transport.is_closing():
            return
        framing = self._bytes - self._body_bytes - 7 * min(self._body_bytes, MOST_FRAMING_BYTES)
        if framing > MOST_HEAD_BYTES or len(self.headers or ()) > MOST_HEADERS:
            self._refuse(431, "The request's headers are too large. 请求头太大。")
        elif self.cycle is not None and self.cycle.response_complete and self._body_bytes > MOST_UNREAD_BYTES:
            self._drop()
        elif len(self.pipeline) > MOST_PIPELINED:
            self._refuse(429, "Too many requests at once. 一次发来的请求太多。")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        # Bytes of this chunk; how many belong to a second message in it is unknown, and too few to matter.
        self._bytes, self._piece = self._piece, 0
        self._body_bytes = 0

    def on_headers_complete(self) -> None:
        self._has_head()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        super().on_body(body)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self.transport.is_closing() and self.cycle.response_complete:
            self.waiting[self] = None

    def pause_writing(self) -> None:
        super().pause_writing()
        self._cancel_write_timer()
        self._write_timer = self.loop.call_later(WRITE_SECONDS, self._drop)

    def resume_writing(self) -> None:
        self._cancel_write_timer()
        super().resume_writing()

    def _await_head(self) -> None:
        self.waiting[self] = None
        self._arm_head_timer()

    def _arm_head_timer(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._head_is_late)

    def _has_head(self) -> None:
        self.waiting.pop(self, None)
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_is_late(self) -> None:
        self._head_timer = None
        if self._bytes:
            self._refuse(408, "The request did not arrive in time. 请求没有及时到达。")
        else:
            self._drop()

    def _cancel_write_timer(self) -> None:
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None

    def _drop(self) -> None:
        self._is_refused = True
        self._has_head()
        self.transport.abort()

    def _refuse(self, status: int, sentence: str) -> None:
        """A short answer in both languages: the headers with the reader's preference were not read to the end."""
        self._is_refused = True
        self._has_head()
        log.info("connection refused", status=status)
        if self.cycle is not None and not self.cycle.response_complete:
            # An answer is being sent: a second one would be taken for a part of it.
            self.transport.abort()
            return
        body = sentence.encode()
        head = (
            b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
            % len(body)
        )
        self.transport.write(STATUS_LINE[status] + head + body)
        self.transport.close()
