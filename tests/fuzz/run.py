"""Sends generated requests to the application, in-process, and reports faults."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from fastapi import FastAPI

from tests.fuzz.requests import Made, Maker, routes_of
from tests.fuzz.world import World

SAFE = {"GET", "HEAD"}
# A mail program unsubscribes by the address alone.
PERMITTED_BY_ADDRESS = {"/unsubscriptions/{token}"}
A_SESSION_LASTS = 40
PATIENCE = 60.0


@dataclass
class Outcome:
    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    forged: int = 0
    foreign: int = 0

    @property
    def count(self) -> int:
        return self.statuses.total()


@dataclass(frozen=True)
class Answer:
    status: int
    location: str = ""

    @property
    def asks_to_sign_in(self) -> bool:
        """An earlier request may have ended the session, even its own."""
        return self.status == 303 and self.location.startswith("/sign-in")


Told = Callable[[Outcome], None]


def run(app: FastAPI, world: World, count: int, *, seed: int = 4, told: Told | None = None) -> Outcome:
    """In a thread of its own: browser tests may keep an event loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, _run(app, world, count, seed, told)).result()


async def _run(app: FastAPI, world: World, count: int, seed: int, told: Told | None) -> Outcome:
    outcome, maker = Outcome(), Maker(world, routes_of(app), random.Random(seed))
    async with app.router.lifespan_context(app):
        for number, made in enumerate(maker.requests(count)):
            if number % A_SESSION_LASTS == 0:
                await asyncio.to_thread(world.enter)
                if told:
                    told(outcome)
            refresh_session(made, world)
            answer = await asyncio.wait_for(ask(app, made), PATIENCE)
            judge(made, answer, outcome)
    return outcome


def refresh_session(made: Made, world: World) -> None:
    """Sessions are renewed now and then between requests."""
    if made.actor != "visitor":
        made.headers = [
            (
                name,
                b"language=zh; sophora_session=" + world.tokens[made.actor].encode()
                if name == b"cookie"
                else value,
            )
            for name, value in made.headers
        ]


def judge(made: Made, answer: Answer, outcome: Outcome) -> None:
    status = answer.status
    outcome.statuses[status] += 1
    if status >= 500 and status != 503:
        outcome.faults.append(f"{status}: {made}")
    if made.is_forged and made.route.method not in SAFE and made.route.path not in PERMITTED_BY_ADDRESS:
        outcome.forged += 1
        if status < 400:
            outcome.faults.append(f"forged, and accepted with {status}: {made}")
    if made.is_foreign:
        outcome.foreign += 1
        if status < 400 and not answer.asks_to_sign_in:
            outcome.faults.append(f"somebody else's, and given with {status}: {made}")


async def ask(app: Callable[..., Awaitable[None]], made: Made) -> Answer:
    """Its response. An endless one (live events) is abandoned once it has begun."""
    has_begun, is_sent, answers = asyncio.Event(), False, list[Answer]()

    async def receive() -> dict[str, Any]:
        nonlocal is_sent
        if not is_sent:
            is_sent = True
            return {"type": "http.request", "body": made.body, "more_body": False}
        await has_begun.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            location = dict(message["headers"]).get(b"location", b"")
            answers.append(Answer(message["status"], location.decode("latin-1")))
        has_begun.set()

    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": made.route.method, "scheme": "http",
        "path": unquote(made.path), "raw_path": made.path.encode(), "query_string": made.query.encode(), "root_path": "", "headers": made.headers,
        "client": ("127.0.0.1", 5000), "server": ("127.0.0.1", 8000), "state": {},
    }  # fmt: skip
    with suppress(Exception):  # the server has answered 500 by then, which is what counts
        await app(scope, receive, send)
    return answers[0] if answers else Answer(599)
