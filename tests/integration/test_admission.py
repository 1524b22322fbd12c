"""More requests than places: who waits, who is refused, and that nothing is held by those who wait."""

from collections.abc import Iterator

import anyio
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app import db
from app.admission import Admission, Line
from app.errors import Busy, FilesAway
from tests.connections import ConnectionWatch
from tests.integration.conftest import ON_SQLITE

pytestmark = ON_SQLITE


@pytest.fixture
def full(client: TestClient) -> Iterator[TestClient]:
    """A browser whose site has no place left, and nobody more may wait."""
    admission = client.app.state.admission
    client.app.state.admission = Admission(0, most_waiting=0)
    yield client
    client.app.state.admission = admission


def test_who_finds_the_site_full_is_told_when_to_come_again(full: TestClient, course: object) -> None:
    answer = full.get("/courses/tiny/lessons/00-start", headers={"Cookie": "language=en"})
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1
    assert "More readers have come at this moment" in answer.text
    assert 'href=""' in answer.text, "one can ask for the same page again"


def test_a_script_is_told_in_json(full: TestClient) -> None:
    answer = full.get("/jobs", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["error"]["status"]) == (503, 503)
    assert int(answer.headers["retry-after"]) >= 1


@pytest.mark.parametrize("path", ["/", "/jobs", "/live?topics=user", "/check-ins", "/settings/export"])
def test_every_page_says_so(full: TestClient, path: str) -> None:
    full.cookies.set("sophora_session", "any", domain="127.0.0.1", path="/")
    assert full.get(path).status_code == 503


def test_the_server_lives_and_is_ready_while_the_site_is_full(full: TestClient) -> None:
    assert full.get("/healthz").status_code == 200
    assert full.get("/readyz").json()["checks"]["database"] == "ok"


def test_those_who_wait_are_served_in_turn_and_no_more_at_once_than_there_are_places() -> None:
    async def run() -> tuple[int, int]:
        line, inside, most, served = Line(3, 100, 60), 0, 0, 0

        async def one() -> None:
            nonlocal inside, most, served
            async with line.turn():
                inside += 1
                most = max(most, inside)
                await anyio.sleep(0)
                inside -= 1
                served += 1

        async with anyio.create_task_group() as tasks:
            for _ in range(50):
                tasks.start_soon(one)
        return most, served

    assert anyio.run(run) == (3, 50)


def test_who_would_wait_too_long_is_refused_at_once() -> None:
    async def run() -> None:
        line = Line(1, most_waiting=100, patience=1, refusal=FilesAway)
        line._usual = 10.0
        async with line.turn(), anyio.create_task_group() as tasks:
            tasks.start_soon(line.turn().__aenter__)
            await anyio.wait_all_tasks_blocked()
            with pytest.raises(FilesAway) as refusal:
                await line.turn().__aenter__()
            assert refusal.value.values["seconds"] == 10
            tasks.cancel_scope.cancel()

    anyio.run(run)


def test_one_who_leaves_while_waiting_takes_no_place() -> None:
    async def run() -> None:
        line = Line(1, most_waiting=1, patience=60)
        async with line.turn():
            with anyio.move_on_after(0.01):
                async with line.turn():
                    raise AssertionError("there was no place")
        with anyio.fail_after(10):
            async with line.turn():
                pass

    anyio.run(run)


def test_a_request_never_waits_for_a_second_place() -> None:
    async def run() -> None:
        admission = Admission(2)
        async with admission.place():
            with pytest.raises(RuntimeError):
                await admission.run(str)
        with pytest.raises(Busy):
            await Admission(0, most_waiting=0).run(str)

    anyio.run(run)


@pytest.mark.parametrize("number", [1, 2])
def test_the_watch_over_connections_finds_who_takes_one_without_a_place_or_a_second_one(
    database: str, number: int
) -> None:
    """What every test with a `client` relies on."""
    app = FastAPI()
    app.state.admission = Admission()
    watch = ConnectionWatch(app)

    def ask(more: int) -> None:
        with db.session_scope(writes=False) as session:
            session.connection()
            if more:
                ask(more - 1)

    @app.get("/without")
    def without() -> None:
        ask(0)

    @app.get("/twice")
    async def twice() -> None:
        await app.state.admission.run(ask, 1)

    with TestClient(app) as browser:
        browser.get("/without" if number == 1 else "/twice")
    with pytest.raises(AssertionError, match="without a place" if number == 1 else "while it holds one"):
        watch.check()
