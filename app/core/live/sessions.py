"""Event streams stay open for hours; each ends at most some seconds after the session that opened it.

One query per web process for all of them, however many are open and however a session ended.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from structlog import get_logger

log = get_logger()

CHECK_SECONDS = 3.0

# Which of these session tokens are still valid.
LiveTokens = Callable[[Sequence[str]], set[str]]
End = Callable[[], None]


class OpenStreams:
    """The open streams, by the token of the session that opened them."""

    def __init__(self, live_tokens: LiveTokens, run: Callable[..., Awaitable[Any]]) -> None:
        self._live_tokens, self._run = live_tokens, run
        self._ends: dict[str, set[End]] = {}

    @contextmanager
    def held_by(self, token: str | None, end: End) -> Iterator[None]:
        """Inside, `end` is called once the session is over; None stands for a visitor, who has none."""
        if token is None:
            yield
            return
        self._ends.setdefault(token, set()).add(end)
        try:
            yield
        finally:
            self._ends[token].discard(end)
            if not self._ends[token]:
                del self._ends[token]

    async def watch_for_ever(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            if tokens := list(self._ends):
                await self._check(tokens)

    async def _check(self, tokens: list[str]) -> None:
        try:
            live = await self._run(self._live_tokens, tokens)
        except Exception as error:  # the database is unreachable, for example: that signs nobody out
            log.warning("sessions of live events were not checked", error=type(error).__name__)
            return
        for token in set(tokens) - live:
            for end in tuple(self._ends.get(token, ())):
                end()
