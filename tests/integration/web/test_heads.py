"""Other requests than forms: HEAD, an address that accepts forms only, JSON that must not be cached."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.main import create_app
from tests.factories import NO_ID, make_job
from tests.fuzz.requests import routes_of
from tests.integration.conftest import ON_SQLITE

pytestmark = ON_SQLITE
LESSON = "/courses/tiny/lessons/00-start"


def test_head_is_answered_as_get_is_without_the_body(
    client: TestClient, lessons: None, student: User
) -> None:
    for path in (
        "/",
        LESSON,
        "/healthz",
        "/readyz",
        "/jobs",
        "/sign-in",
        "/nothing",
        "/static/none.js",
        "/settings/export",
    ):
        got, head = client.get(path), client.head(path)
        assert head.status_code == got.status_code, path
        assert head.content == b""
        assert head.headers.get("content-type") == got.headers.get("content-type"), path


def test_head_of_live_events_ends(client: TestClient, session: Session, student: User) -> None:
    job = make_job(session, student)
    session.commit()
    for path in (f"/jobs/{job.id}/events", "/live?topics=user"):
        answer = client.head(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")


def test_every_address_that_can_be_read_answers_head(client: TestClient) -> None:
    for route in routes_of(create_app()):
        if route.method == "GET":
            assert client.head(route.path).status_code != 405, route.path


@pytest.mark.parametrize(
    ("address", "page"),
    [
        (f"{LESSON}/questions/largest/attempts", LESSON),
        (f"{LESSON}/labs/first/jobs", LESSON),
        (f"/jobs/{NO_ID}/clones", f"/jobs/{NO_ID}"),
        ("/check-ins/make-ups", "/check-ins"),
        ("/check-ins/zone", "/check-ins"),
        ("/settings/password", "/settings"),
        ("/settings/mail-address", "/settings"),
        (f"/authoring/courses/{NO_ID}/modules", "/authoring"),
        (f"/authoring/lessons/{NO_ID}/schedule", f"/authoring/lessons/{NO_ID}"),
        (f"/moderation/comments/{NO_ID}/decisions", "/moderation"),
        (f"/review/cards/{NO_ID}/answers", f"/review/cards/{NO_ID}"),
        (f"/lessons/{NO_ID}/notes", f"/notes?lesson={NO_ID}"),
        ("/preferences", "/"),
    ],
)
def test_an_address_that_a_refused_form_leaves_in_the_bar_leads_to_a_page(
    client: TestClient, lessons: None, student: User, address: str, page: str
) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.headers["location"]) == (303, page)


def test_no_address_that_takes_forms_says_that_it_takes_no_get(
    client: TestClient, lessons: None, student: User
) -> None:
    for route in routes_of(create_app()):
        if route.method == "POST":
            path = route.path.replace("{_rest}", "x")
            for name in route.path_names:
                path = path.replace(f"{{{name}}}", str(NO_ID))
            assert client.get(path).status_code != 405, path


def test_a_script_is_told_that_an_address_takes_forms_only(client: TestClient) -> None:
    answer = client.get("/preferences", headers={"Accept": "application/json"})
    assert answer.status_code == 405
    assert client.get("/no/such/thing").status_code == 404


def test_nobody_keeps_json_of_somebodys_own(client: TestClient, lessons: None, student: User) -> None:
    for path in ("/notifications/unread", "/board/people?thread=class&q=m"):
        assert client.get(path).headers["cache-control"] == "no-store", path
    refused = client.get(f"/jobs/{NO_ID}", headers={"Accept": "application/json"})
    assert refused.headers["cache-control"] == "no-store"
