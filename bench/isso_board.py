"""Comments compared with isso: how often per second 100 of a thread are listed (goal: 50 times as often), and one is posted (1.4
times).

isso is installed into an environment of its own under var/tools (it is not a dependency). Both have the same texts in threads of
200 and of 20,000, run as in production, one process each (Gunicorn with threads for isso, Uvicorn for Sophora), and are requested
alternately by the same client. Both databases are SQLite, with default durability: isso's with its rollback journal, ours with
WAL and `synchronous=FULL`. A listing is what a visitor's browser requests to show the newest 100; isso answers with JSON, Sophora
with HTML. A post comes from an unlimited writer (isso's guard is off, our rate limits too), and is answered with the comment.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from urllib.parse import quote, urlencode
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.db import make_engine
from app.courses.models import Lesson
from app.launching.redis_server import find_redis_server
from bench.isso_site import URI, install, serve_isso
from bench.large_class import WORDS, Size, fill, prepare
from bench.lesson_page import LESSON, end, first_answer, free_port, serve
from bench.progress import told

ROUNDS = 11
SECONDS = 2.0
CONNECTIONS = 8
# Creates a connection's next request.
Requests = Callable[[int], bytes]
_numbers = count(1)


def main() -> None:
    install()
    for comments in [int(each) for each in sys.argv[1:]] or [200, 20_000]:
        with tempfile.TemporaryDirectory(prefix="sophora-bench-") as name:
            compare(Path(name), comments)


def compare(folder: Path, comments: int) -> None:
    url = f"sqlite:///{folder / 'sophora.db'}"
    environment = os.environ | {
        "SOPHORA_ENVIRONMENT": "production",
        "SOPHORA_SECRET_KEY": uuid4().hex,
        "SOPHORA_PUBLIC_URL": "https://classroom.example",
        "SOPHORA_DATA_DIR": str(folder),
        "SOPHORA_DATABASE_URL": url,
        "SOPHORA_LOG_LEVEL": "error",
        "SOPHORA_RATE_LIMITS": "false",
    }
    prepare(environment)
    tokens = fill(url, Size(comments=comments, check_ins=0, in_thread=comments, replies=0), CONNECTIONS)
    port, other = free_port(), free_port()
    started = [
        start_redis(folder),
        serve(["app.main:create_app", "--factory"], port, environment),
        serve_isso(folder / "isso", other, [f"{number} {WORDS}" for number in range(comments)]),
    ]
    try:
        asyncio.run(first_answer(port))
        asyncio.run(first_answer(other, f"/?uri={quote(URI, safe='')}&limit=1"))
        address = f"/threads/lesson:{lesson_id(url)}/comments"
        listing = f"{address}?order=newest&limit=100"
        theirs = f"/?uri={quote(URI, safe='')}&sort=newest&limit=100&nested_limit=0"
        check_lists(port, listing, other, theirs)
        title = f"100 of {comments} comments listed"
        report(title, 50, [(port, get(port, listing)), (other, get(other, theirs))])
        title = f"a comment posted to a thread of {comments}"
        report(title, 1.4, [(port, our_posts(port, address, tokens)), (other, their_posts(other))])
    finally:
        for process in reversed(started):
            end(process)


def start_redis(folder: Path) -> subprocess.Popen[bytes]:
    """As `sophora run` does: pages watching the thread are notified of new comments."""
    command = [find_redis_server(), "--port", "0", "--unixsocket", str(folder / "redis.sock"), "--save", ""]
    return subprocess.Popen([*command, "--dir", str(folder)], stdout=subprocess.DEVNULL)


def lesson_id(url: str) -> str:
    engine = make_engine(url)
    with Session(engine) as session:
        identity = session.scalar(select(Lesson.id).where(Lesson.slug == LESSON.rpartition("/")[2]))
    engine.dispose()
    return str(identity)


def check_lists(port: int, ours: str, other: int, theirs: str) -> None:
    """Check that both sides list a hundred."""
    html = asyncio.run(answer_to(port, get(port, ours)(0))).decode()
    found = json.loads(asyncio.run(answer_to(other, get(other, theirs)(0))))
    shown = html.count("data-comment="), len(found["replies"])
    assert shown == (100, 100), shown
    print(
        f"100 comments: ours {len(html.encode()) / 1024:.0f} KB of HTML, isso {len(json.dumps(found)) / 1024:.0f} KB of JSON"
    )


def get(port: int, path: str) -> Requests:
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Fragment: 1\r\n\r\n".encode()
    return lambda _connection: request


def our_posts(port: int, path: str, tokens: list[str]) -> Requests:
    def post(connection: int) -> bytes:
        fields = {"body": f"{next(_numbers)} {WORDS}", "request_key": uuid4().hex}
        cookie = f"__Host-session={tokens[connection]}"
        head = f"Cookie: {cookie}\r\nX-Fragment: 1\r\nSec-Fetch-Site: same-origin"
        return message(port, path, urlencode(fields), f"application/x-www-form-urlencoded\r\n{head}")

    return post


def their_posts(port: int) -> Requests:
    def post(connection: int) -> bytes:
        fields = {"text": f"{next(_numbers)} {WORDS}", "author": f"student {connection}"}
        return message(port, f"/new?uri={quote(URI, safe='')}", json.dumps(fields), "application/json")

    return post


def message(port: int, path: str, body: str, head: str) -> bytes:
    content = body.encode()
    start = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {len(content)}\r\nContent-Type: {head}\r\n\r\n"
    return start.encode() + content


def report(title: str, goal: float, sides: list[tuple[int, Requests]]) -> None:
    rates = []
    for number in told(range(ROUNDS), f"{title}: round"):
        order = sides if number % 2 == 0 else sides[::-1]
        measured = {port: asyncio.run(answers_a_second(port, requests)) for port, requests in order}
        rates.append([measured[port] for port, _requests in sides])
    ratios = [ours / theirs for ours, theirs in rates]
    ours, theirs = (statistics.median(side) for side in zip(*rates, strict=True))
    print(f"{title}: ours {ours:.0f} a second, isso {theirs:.1f} a second")
    print(
        f"ratio {statistics.median(ratios):.2f} (goal >= {goal}), range {min(ratios):.2f} to {max(ratios):.2f}",
        flush=True,
    )


async def answers_a_second(port: int, requests: Requests) -> float:
    """Sequential requests on a few kept-alive connections for some seconds; a slow answer that arrives later counts in full."""
    started = time.perf_counter()
    ends = started + SECONDS
    done = await asyncio.gather(*(ask(port, requests, number, ends) for number in range(CONNECTIONS)))
    return sum(done) / (time.perf_counter() - started)


async def ask(port: int, requests: Requests, connection: int, ends: float) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    done = 0
    while time.perf_counter() < ends:
        writer.write(requests(connection))
        is_last, _body = await read_answer(reader)
        done += 1
        if is_last:
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    writer.close()
    return done


async def answer_to(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    writer.write(request)
    _is_last, body = await read_answer(reader)
    writer.close()
    return body


async def read_answer(reader: asyncio.StreamReader) -> tuple[bool, bytes]:
    """Whether the server closes the connection, and the body."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    assert head.split(b" ", 2)[1] in {b"200", b"201"}, head[:200]
    body = await reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0]))
    return b"connection: close" in head, body


if __name__ == "__main__":
    main()
