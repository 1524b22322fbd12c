"""Requests per second of a lesson page for a visitor, compared with a bare Starlette response of the same size.

Each is served by one Uvicorn process, started in the same way, and requested alternately by the same client over
keep-alive connections, in several rounds; the median of the ratios is printed. Goal: at least 0.35.
"""

import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from app.core.config import ROOT
from bench.progress import told

LESSON = "/courses/deep-learning/lessons/11-cnn"
ROUNDS = 7
SECONDS = 3.0
CONNECTIONS = 8

BARE = """
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route
import os
body = open(os.environ["BENCH_BODY"], "rb").read()
async def page(request):
    return HTMLResponse(body)
app = Starlette(routes=[Route("/{path:path}", page)])
"""


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="sophora-bench-") as name:
        folder = Path(name)
        environment = os.environ | {"SOPHORA_DATA_DIR": name, "SOPHORA_LOG_LEVEL": "error"}
        for command in (["migrate"], ["course", "load"]):
            subprocess.run(
                [sys.executable, "-m", "app.cli", *command],
                cwd=ROOT,
                env=environment,
                check=True,
                stdout=subprocess.DEVNULL,
            )
        ports = free_port(), free_port()
        ours = serve(["app.main:create_app", "--factory"], ports[0], environment)
        try:
            body = asyncio.run(first_answer(ports[0]))
            (folder / "body").write_bytes(body)
            (folder / "bare.py").write_text(BARE, encoding="utf-8")
            bare = serve(
                ["bare:app", "--app-dir", name], ports[1], environment | {"BENCH_BODY": str(folder / "body")}
            )
            try:
                asyncio.run(first_answer(ports[1]))
                report(ports, len(body))
            finally:
                end(bare)
        finally:
            end(ours)


def report(ports: tuple[int, int], size: int) -> None:
    ratios: list[float] = []
    rates: tuple[list[float], list[float]] = ([], [])
    for number in told(range(ROUNDS), "round"):
        order = (0, 1) if number % 2 == 0 else (1, 0)
        measured = {side: asyncio.run(requests_a_second(ports[side])) for side in order}
        ratios.append(measured[0] / measured[1])
        for side in (0, 1):
            rates[side].append(measured[side])
    ours, bare = (statistics.median(rate) for rate in rates)
    print(f"lesson page ({size / 1024:.0f} KB): {ours:.0f} requests/s, bare Starlette {bare:.0f} requests/s")
    print(
        f"ratio {statistics.median(ratios):.2f} (goal >= 0.35), range {min(ratios):.2f} to {max(ratios):.2f}"
    )


async def requests_a_second(port: int, path: str = LESSON, cookies: dict[str, str] | None = None) -> float:
    """Sequential requests on a few kept-alive connections for some seconds.

    The client reads plain bytes only: an HTTP library would cost more than the measured servers.
    """
    cookie = "; ".join(f"{name}={value}" for name, value in (cookies or {}).items())
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n".encode()
    ends = time.perf_counter() + SECONDS
    started = time.perf_counter()
    done = await asyncio.gather(*(ask(port, request, ends) for _ in range(CONNECTIONS)))
    return sum(done) / (time.perf_counter() - started)


async def ask(port: int, request: bytes, ends: float) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    done = 0
    while time.perf_counter() < ends:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        assert head.startswith(b"http/1.1 200"), head[:200]
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        done += 1
        if b"connection: close" in head:
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    writer.close()
    return done


async def first_answer(port: int, path: str = LESSON) -> bytes:
    async with httpx.AsyncClient(headers={"Accept-Encoding": "identity"}) as client:
        for _ in range(1200):
            try:
                answer = await client.get(f"http://127.0.0.1:{port}{path}")
                answer.raise_for_status()
                return answer.content
            except httpx.TransportError:
                await asyncio.sleep(0.1)
    raise SystemExit("the server did not start")


def serve(arguments: list[str], port: int, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "uvicorn", *arguments, "--port", str(port), "--log-level", "warning"]
    return subprocess.Popen(command, cwd=ROOT, env=environment)


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    main()
