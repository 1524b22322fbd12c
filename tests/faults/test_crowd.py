"""What a crowd must not do to others: a class that opens a lesson together, and a store that hangs.

A real web server; an unrelated request is compared with the same a moment before.
"""

import asyncio
import socket
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text, update

from app.accounts.models import UserSession
from app.accounts.service import TOUCH_EVERY, open_session
from app.core.clock import now
from app.core.db import make_engine, session_scope
from app.publishing.loader import load_course
from bench.crowd import Site, ask, ask_all, pulse_while
from tests import loops
from tests.factories import TINY_COURSE, make_user
from tests.faults.classroom import Classroom, wait_for

READERS = 120
LESSON = "/courses/tiny/lessons/00-start"
PICTURE = "/pictures/" + 32 * "a" + ".png"


@pytest.fixture(params=["sqlite", "postgresql"])
def classroom(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Classroom]:
    settings = {}
    if request.param == "postgresql":
        settings["database_url"] = own_database(request.getfixturevalue("postgres_url"))
    classroom = Classroom(tmp_path, **settings)
    yield classroom
    classroom.close()


def own_database(server_url: str) -> str:
    url = server_url.replace("postgresql://", "postgresql+psycopg://")
    engine = make_engine(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("drop database if exists crowd"))
        connection.execute(text("create database crowd"))
    engine.dispose()
    return str(make_engine(url).url.set(database="crowd").render_as_string(hide_password=False))


def enrol(number: int) -> list[str]:
    with session_scope() as session:
        load_course(session, TINY_COURSE)
    with session_scope() as session:
        return [open_session(session, make_user(session)) for _ in range(number)]


def serve(classroom: Classroom, tokens: list[str]) -> Site:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    classroom.start_web(port)
    site = Site("", port, None, tokens, LESSON)
    wait_for(lambda: is_up(port), "the web server answers")
    return site


def is_up(port: int) -> bool:
    try:
        return loops.run(ask, port, LESSON) == "200"
    except OSError:
        return False


def test_a_class_that_opens_a_lesson_together_after_a_break_gets_it_and_stops_nobody(
    classroom: Classroom,
) -> None:
    site = serve(classroom, enrol(READERS))
    with session_scope() as session:
        session.execute(update(UserSession).values(last_seen_at=now() - 3 * TOUCH_EVERY))

    async def run() -> tuple:
        one_by_one = await ask_all(site, at_once=1)
        bursting = asyncio.ensure_future(ask_all(site, at_once=READERS))
        started = time.perf_counter()
        pulse = await pulse_while(site.port, bursting)
        return one_by_one, bursting.result(), pulse, time.perf_counter() - started

    one_by_one, together, pulse, took = loops.run(run)

    assert together.statuses == Counter({"200": READERS})
    assert together.half < 6 * one_by_one.half
    assert max(pulse) < took / 2, "/healthz was silent while the class came"


class HangingStore:
    """Accepts connections and never answers."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self._listening.getsockname()[1]
        self._taken: list[socket.socket] = []
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        while True:
            try:
                self._taken.append(self._listening.accept()[0])
            except OSError:
                return

    def close(self) -> None:
        self._listening.close()
        for connection in self._taken:
            connection.close()


def test_a_store_that_hangs_stops_nobody_who_wants_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    classroom = Classroom(tmp_path)
    store = HangingStore()
    try:
        tokens = enrol(20)
        monkeypatch.setenv("SOPHORA_STORAGE_URL", "s3://files")
        monkeypatch.setenv("AWS_ENDPOINT", f"http://127.0.0.1:{store.port}")
        monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
        monkeypatch.setenv("AWS_REGION", "nowhere")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "-")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "-")
        site = serve(classroom, tokens)

        async def run() -> tuple:
            before = await ask_all(site, at_once=1)
            wanted = [*90 * [(PICTURE, "", "image")], ("/readyz",)]
            files = [asyncio.ensure_future(ask(site.port, *what)) for what in wanted]
            meanwhile = []
            while not all(file.done() for file in files):
                meanwhile.append(await ask_all(replace(site, tokens=tokens[:1]), at_once=1))
            return before, meanwhile, await asyncio.gather(*files)

        before, meanwhile, (*pictures, readiness) = loops.run(run)
    finally:
        classroom.close()
        store.close()

    assert sum((burst.statuses for burst in meanwhile), Counter()) == Counter({"200": len(meanwhile)})
    alone = before.seconds[-1] / len(before.seconds)
    assert statistics.median(burst.seconds[0] for burst in meanwhile) < 50 * alone
    assert Counter(pictures) == Counter({"503": 90})
    # Reading works without files, so the site stays in the load balancer.
    assert readiness == "200"
