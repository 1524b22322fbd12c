"""Attacks without an account on a real web server: its memory stays bounded, and nobody else is affected.

Others are measured by an unrelated /healthz, compared with the same in peace. The bounds are wide: they
distinguish a server that serves from one that is blocked.
"""

import http.client
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from statistics import median
from threading import Event

import psutil
import pytest

from tests.faults.classroom import Classroom, wait_for
from tests.integration.notifications.postbox import free_port

MB = 1024 * 1024
MOST_GROWTH = 48 * MB
PIECE = b"x" * MB
# Ratio of an unrelated request's time during an attack to that in peace; and the least time, in seconds, that counts as
# blocked.
MOST_TIMES, AT_LEAST = 20, 0.25


class Web:
    """A web server in its own process, observed from outside."""

    def __init__(self, classroom: Classroom, descriptors: int | None = None) -> None:
        self.classroom, self.port = classroom, free_port()
        self.process = psutil.Process(classroom.start_web(self.port).pid)
        if descriptors:
            self.process.rlimit(psutil.RLIMIT_NOFILE, (descriptors, descriptors))
        wait_for(lambda: self.is_alive(), "the web server")
        for _ in range(20):
            self.get("/")

    def is_alive(self) -> bool:
        with suppress(OSError, http.client.HTTPException):
            return self.get("/healthz") == 200
        return False

    def get(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def answer_to(self, pieces: Iterable[bytes]) -> bytes:
        """The response to these bytes; sending stops when the server closes."""
        with self.connect() as connection:
            with suppress(OSError):
                for piece in pieces:
                    connection.sendall(piece)
            answer = b""
            with suppress(OSError):
                while more := connection.recv(65536):
                    answer += more
            return answer

    def seconds(self, times: int = 30) -> float:
        """The median time of an unrelated /healthz."""
        taken = []
        for _ in range(times):
            begun = time.perf_counter()
            assert self.get("/healthz") == 200
            taken.append(time.perf_counter() - begun)
        return median(taken)

    def is_held_up(self, during: float, in_peace: float) -> bool:
        return during > max(AT_LEAST, MOST_TIMES * in_peace)

    def growth_during(self, attack: Callable[[], object]) -> int:
        """The process's maximum growth in bytes while `attack` ran."""
        before, over, highest = self.process.memory_info().rss, Event(), [0]

        def look() -> None:
            while not over.wait(0.01):
                highest.append(self.process.memory_info().rss - before)

        with ThreadPoolExecutor(1) as pool:
            looking = pool.submit(look)
            try:
                attack()
            finally:
                over.set()
            looking.result()
        return max(highest)


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with pytest.MonkeyPatch.context() as patch:
        folder: Path = tmp_path_factory.mktemp("bounds")
        (folder / "temporary").mkdir()
        patch.setenv("TMPDIR", str(folder / "temporary"))
        classroom = Classroom(folder)
        try:
            yield Web(classroom)
        finally:
            classroom.close()


def form_head(length: str = "Transfer-Encoding: chunked") -> bytes:
    return (
        "POST /sign-in HTTP/1.1\r\nHost: sophora\r\nSec-Fetch-Site: same-origin\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\n{length}\r\n\r\n"
    ).encode()


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def file_part(number: int) -> bytes:
    return b'--b\r\nContent-Disposition: form-data; name="f%d"; filename="f"\r\n\r\n' % number


def many_files() -> Iterator[bytes]:
    yield form_head()
    for number in range(500):
        yield chunk(file_part(number) + PIECE + b"\r\n")


def one_huge_file() -> Iterator[bytes]:
    yield form_head()
    yield chunk(file_part(0))
    for _ in range(300):
        yield chunk(PIECE)


def huge_file_whose_size_is_known() -> Iterator[bytes]:
    yield form_head(f"Content-Length: {300 * MB}")
    yield file_part(0)
    for _ in range(300):
        yield PIECE


def one_header_without_end() -> Iterator[bytes]:
    yield b"GET / HTTP/1.1\r\nHost: sophora\r\nCookie: "
    for _ in range(240):
        yield PIECE


def headers_without_end() -> Iterator[bytes]:
    yield b"GET / HTTP/1.1\r\nHost: sophora\r\n"
    for _ in range(240):
        yield b"a: b\r\n" * (MB // 6)


def an_address_without_end() -> Iterator[bytes]:
    yield b"GET /"
    for _ in range(240):
        yield PIECE


def trailers_without_end() -> Iterator[bytes]:
    yield form_head() + chunk(b"--b--") + b"0\r\n"
    for _ in range(240):
        yield b"a: b\r\n" * (MB // 6)


def requests_without_end() -> Iterator[bytes]:
    """Pipelined, without waiting for an answer."""
    one = b"GET /healthz HTTP/1.1\r\nHost: sophora\r\n\r\n"
    for _ in range(100):
        yield one * (MB // len(one))


BODIES = (many_files, one_huge_file, huge_file_whose_size_is_known)
HEADS = (
    one_header_without_end,
    headers_without_end,
    an_address_without_end,
    trailers_without_end,
    requests_without_end,
)


@pytest.mark.parametrize("attack", BODIES, ids=lambda attack: attack.__name__)
def test_a_large_body_is_refused_in_words_and_never_held(
    web: Web, attack: Callable[[], Iterator[bytes]]
) -> None:
    answers = []
    in_peace = web.seconds()
    growth = web.growth_during(lambda: answers.append(web.answer_to(attack())))
    assert growth < MOST_GROWTH
    assert not web.is_held_up(web.seconds(), in_peace)
    # A client that keeps sending may find the connection closed before the answer; a form without use for files is not read.
    assert answers[0] == b"" or answers[0][:12] in {b"HTTP/1.1 413", b"HTTP/1.1 400"}


@pytest.mark.parametrize("attack", HEADS, ids=lambda attack: attack.__name__)
def test_what_is_sent_around_a_request_has_an_end(web: Web, attack: Callable[[], Iterator[bytes]]) -> None:
    in_peace = web.seconds()
    growth = web.growth_during(lambda: web.answer_to(attack()))
    assert growth < MOST_GROWTH
    assert not web.is_held_up(web.seconds(), in_peace)


def test_headers_that_are_too_many_are_named(web: Web) -> None:
    a_few_too_many = b"GET / HTTP/1.1\r\nHost: sophora\r\nAccept: application/json\r\n" + b"a: b\r\n" * 120
    answer = web.answer_to([a_few_too_many + b"Connection: close\r\n\r\n"])
    assert answer.startswith(b"HTTP/1.1 431")
    assert b'"status":431' in answer
    far_too_many = web.answer_to([b"GET / HTTP/1.1\r\nHost: sophora\r\nCookie: " + b"x" * 70_000])
    assert far_too_many == b"" or far_too_many.startswith(b"HTTP/1.1 431")


def test_five_hundred_slow_connections_cost_nobody_else_anything_and_are_let_go(web: Web) -> None:
    """Half of them never end their headers, half of them their body."""
    in_peace = web.seconds()
    with ExitStack() as stack:
        slow = [stack.enter_context(web.connect()) for _ in range(500)]
        growth = web.growth_during(lambda: [begin(connection, n) for n, connection in enumerate(slow)])
        assert not web.is_held_up(web.seconds(100), in_peace)
        assert web.get("/") == 200
        assert growth < MOST_GROWTH
        answers = [rest_of(connection) for connection in slow]
    assert {answer[:12] for answer in answers} == {b"HTTP/1.1 408"}
    assert web.is_alive()


def test_connections_beyond_what_the_system_allows_end_the_oldest_that_wait(web: Web) -> None:
    """The server may open 400 files; 600 silent connections leave room for a real client."""
    other = Web(web.classroom, descriptors=400)
    with ExitStack() as stack:
        idle = [stack.enter_context(other.connect()) for _ in range(600)]
        assert other.get("/healthz") == 200
        assert other.get("/") == 200
        idle[0].settimeout(30)
        assert rest_of(idle[0]) == b"", "it was let go"


def begin(connection: socket.socket, number: int) -> None:
    if number % 2:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: sophora\r\nCookie: a=")
    else:
        connection.sendall(form_head("Content-Length: 1000") + b"--b\r\n")


def rest_of(connection: socket.socket) -> bytes:
    answer = b""
    with suppress(ConnectionResetError):
        while more := connection.recv(65536):
            answer += more
    return answer


def test_one_who_never_takes_the_answers_is_left_behind(web: Web) -> None:
    """Two thousand requests are sent, nothing is read: the pending responses stay bounded."""
    with web.connect() as connection:
        connection.settimeout(1)

        def ask() -> None:
            with suppress(OSError):
                for _ in range(2000):
                    connection.sendall(b"GET / HTTP/1.1\r\nHost: sophora\r\n\r\n")

        assert web.growth_during(ask) < MOST_GROWTH
    assert web.is_alive()
