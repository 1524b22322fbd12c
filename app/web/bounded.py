"""Pure ASGI middleware: limits the size and duration of every request; see `app.web.security.bounds`.

What a connection may hold before there is a request is limited in `app.web.connections`.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from anyio import fail_after
from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.errors import AppError, HeadersTooLarge, NotFound, TooLarge, TooSlow, Unreadable
from app.web.error_pages import answer
from app.web.security.bounds import (
    BODY_SECONDS,
    MEGABYTE,
    MOST_ADDRESS_BYTES,
    SLOWEST_BYTES,
    Bounds,
    headers_too_large,
)

# After an early answer the rest of the body is drained and dropped for this long, so that the answer arrives.
LINGER_SECONDS = 2.0
LINGER_BYTES = 8 * MEGABYTE


class BoundedRequests:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        bounds = scope.setdefault("state", {})["bounds"] = Bounds()
        body = Body(scope, receive, bounds)
        refusal = refused(scope)
        app = answer(Request(scope), refusal) if refusal else self.app
        await app(scope, body.receive, body.sending(send))


def refused(scope: Scope) -> AppError | None:
    """Why the request is refused before any of its body has come; None if it is not."""
    if headers_too_large(scope["headers"]):
        return HeadersTooLarge()
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MOST_ADDRESS_BYTES:
        return HeadersTooLarge()
    # PostgreSQL rejects null characters even in a lookup; no address of ours has one.
    if "\0" in scope["path"]:
        return NotFound()
    if b"%00" in scope["query_string"] or b"\0" in scope["query_string"]:
        return Unreadable()
    return None


class Body:
    """The body of a request being received."""

    def __init__(self, scope: Scope, receive: Receive, bounds: Bounds) -> None:
        self._receive, self._bounds = receive, bounds
        headers = Headers(scope=scope)
        declared = headers.get("content-length", "")
        self._declared = int(declared) if declared.isdecimal() and len(declared) < 20 else 0
        # Whether there is more to come.
        self._is_open = self._declared > 0 or "transfer-encoding" in headers
        self._taken = 0
        self._began: float | None = None
        self._is_answered = False

    async def receive(self) -> Message:
        """The next chunk. Raises TooLarge, TooSlow."""
        if not self._is_open:
            return await self._receive()
        try:
            return await self._next_piece()
        except AppError:
            if not self._is_answered:
                raise
            # The answer is already being sent: no error can be reported any more.
            return {"type": "http.disconnect"}

    async def _next_piece(self) -> Message:
        if self._declared > self._bounds.body:
            raise TooLarge
        if self._began is None:
            self._began = time.monotonic()
        left = self._began + BODY_SECONDS + self._taken / SLOWEST_BYTES - time.monotonic()
        try:
            # Not anyio's clock: it takes as long as all the rest of this.
            async with asyncio.timeout(max(left, 0)):
                message = await self._receive()
        except TimeoutError:
            raise TooSlow from None
        self._note(message)
        if self._taken > self._bounds.body:
            raise TooLarge
        return message

    def _note(self, message: Message) -> None:
        self._taken += len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            self._is_open = False

    def sending(self, send: Send) -> Callable[[Message], Awaitable[None]]:
        """If a request is answered before all of it has come, its connection is closed with the answer."""

        async def send_last(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._is_answered = True
                if self._is_open and self._declared <= LINGER_BYTES and not self._began:
                    # For routes that ignore their body: what a browser sends has arrived already.
                    await self._linger(seconds=0.1)
                if self._is_open:
                    MutableHeaders(scope=message)["Connection"] = "close"
            elif self._is_open and not message.get("more_body", False):
                # Closing at once would lose the answer if the client is still sending.
                await send({**message, "more_body": True})
                await self._linger(LINGER_SECONDS)
                message = {"type": "http.response.body", "body": b""}
            await send(message)

        return send_last

    async def _linger(self, seconds: float) -> None:
        most = self._taken + LINGER_BYTES
        with suppress(TimeoutError), fail_after(seconds):
            while self._is_open and self._taken < most:
                self._note(await self._receive())
