"""More requests than slots: those without one are told so, and nobody takes a connection without one."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core import db
from app.core.admission import Admission
from tests.connections import ConnectionWatch
from tests.integration.conftest import ON_SQLITE

pytestmark = ON_SQLITE


@pytest.fixture
def full(client: TestClient) -> Iterator[TestClient]:
    """A browser of a site without a free slot, and with a full queue."""
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
