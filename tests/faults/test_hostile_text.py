"""Other requests while somebody sends texts that hang a parser."""

import socket
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import httpx
import psutil
import pytest

from app.accounts.models import Role
from app.accounts.service import open_session
from app.board import places
from app.core.db import session_scope
from app.web.security.cookies import session_cookie_name
from tests.factories import make_user
from tests.faults.classroom import Classroom, wait_for
from tests.hostile import ENDLESS

# The attacks that once blocked every page, and one on a still unknown bug.
TEXTS = [
    f"a formula ${'(' * 40}$",
    "```tads3\n" + "\\" * 60 + "\n```",
    "```docker\nFROM" + " " * 1500 + "\n```",
    "`" * 1999 + "a" + "`" * 1998,
    f"an {ENDLESS} text",
    f"another {ENDLESS} one",
]
PAGES_AT_REST = 40
# Ratio of a trivial page's times, during the attack to at rest: two sandboxed processes use the machine fully.
MOST_TIMES_SLOWER = 20


@pytest.fixture
def classroom(tmp_path: Path) -> Iterator[Classroom]:
    classroom = Classroom(tmp_path)
    yield classroom
    classroom.close()


def test_texts_that_stop_a_parser_stop_nobody(classroom: Classroom) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free_port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{free_port}"
    command = [sys.executable, "-m", "uvicorn", "tests.faults.hostile_app:create_app", "--factory"]
    web = classroom._spawn([*command, "--port", str(free_port)], "web")
    with session_scope() as session:
        tokens = [open_session(session, make_user(session, f"w{n}", role=Role.STUDENT)) for n in range(4)]
    wait_for(lambda: answers(address), "the web server")
    at_rest = [seconds(address) for _ in range(PAGES_AT_REST)]
    is_over = threading.Event()
    with ThreadPoolExecutor(len(tokens) + 2) as threads:
        meanwhile = threads.submit(times_until, address, is_over)
        attacks = [threads.submit(attack, address, token) for token in [*tokens, "nobody"]]
        pages = [page for attacker in attacks for page in attacker.result()]
        is_over.set()
        during = meanwhile.result()
    assert {status for status, _text in pages} <= {200, 401, 503}
    plain = [text for status, text in pages if status == 200 and ENDLESS in text]
    assert plain
    assert all("as it was typed" in text for text in plain)
    slower = statistics.median(during) / statistics.median(at_rest)
    assert slower < MOST_TIMES_SLOWER, (slower, max(during))
    assert post(address, tokens[0], "a harmless text at last", "preview").status_code == 200
    family = psutil.Process(web.pid).children(recursive=True)
    web.terminate()
    web.wait(60)
    assert psutil.wait_procs(family, timeout=60)[1] == []


def attack(address: str, token: str) -> list[tuple[int, str]]:
    found = []
    for act in ("preview", "send"):
        for text in TEXTS:
            answer = post(address, token, text, act)
            found.append((answer.status_code, answer.text))
    return found


def post(address: str, token: str, text: str, act: str) -> httpx.Response:
    fields = {"body": text, "request_key": uuid4().hex, "act": act}
    headers = {
        "Cookie": f"{session_cookie_name()}={token}; language=en",
        "X-Fragment": "1",
        "Sec-Fetch-Site": "same-origin",
    }
    url = f"{address}/threads/{places.CLASS.key}/comments"
    return httpx.post(url, data=fields, headers=headers, timeout=120, follow_redirects=True)


def times_until(address: str, is_over: threading.Event) -> list[float]:
    found = []
    while not is_over.wait(0.02) or len(found) < PAGES_AT_REST:
        found.append(seconds(address))
    return found


def seconds(address: str) -> float:
    started = time.perf_counter()
    assert httpx.get(f"{address}/healthz", timeout=60).status_code == 200
    return time.perf_counter() - started


def answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz").status_code == 200
    except httpx.TransportError:
        return False
