import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from app.web.security import csrf
from tests.factories import PASSWORD, sign_up
from tests.integration.conftest import ON_SQLITE

pytestmark = ON_SQLITE

NEW = {"name": "Hao", "password": PASSWORD}


@pytest.fixture
def bare_client(client: TestClient) -> TestClient:
    """A client that sends neither Sec-Fetch-Site nor Origin."""
    del client.headers["Sec-Fetch-Site"]
    return client


def form_token(client: TestClient, path: str) -> str:
    return re.search(r'name="csrf_token" value="([0-9a-f]{64})"', client.get(path).text)[1]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_of_another_site_is_refused(client: TestClient, site: str) -> None:
    token = form_token(client, "/sign-up")
    answer = client.post("/sign-up", data={**NEW, "csrf_token": token}, headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_a_form_of_this_site_is_taken(client: TestClient, site: str) -> None:
    assert client.post("/sign-up", data=NEW, headers={"Sec-Fetch-Site": site}).status_code == 303


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "http://127.0.0.1:8001",
        "http://127.0.0.1:8000.evil.example",
        "http://[",
        "",
    ],
)
def test_another_origin_is_refused(bare_client: TestClient, origin: str) -> None:
    assert bare_client.post("/sign-up", data=NEW, headers={"Origin": origin}).status_code == 403


def test_our_own_origin_is_taken(bare_client: TestClient) -> None:
    assert (
        bare_client.post("/sign-up", data=NEW, headers={"Origin": "http://127.0.0.1:8000"}).status_code == 303
    )


def test_a_client_that_sends_neither_needs_the_forms_token(bare_client: TestClient) -> None:
    assert bare_client.post("/sign-up", data=NEW).status_code == 403
    assert bare_client.post("/sign-up", data={**NEW, "csrf_token": "0" * 64}).status_code == 403
    assert bare_client.post("/sign-up", data={**NEW, "csrf_token": "槐"}).status_code == 403
    assert (
        bare_client.post(
            "/sign-up", data={**NEW, "csrf_token": form_token(bare_client, "/sign-up")}
        ).status_code
        == 303
    )


def test_a_token_of_one_session_does_not_fit_another(bare_client: TestClient) -> None:
    visitors = form_token(bare_client, "/sign-up")
    bare_client.post("/sign-up", data={**NEW, "csrf_token": visitors})
    assert bare_client.post("/sign-out", data={"csrf_token": visitors}).status_code == 403
    assert (
        bare_client.post("/sign-out", data={"csrf_token": form_token(bare_client, "/progress")}).status_code
        == 303
    )


def test_a_token_lives_through_midnight_but_not_for_two_days(
    bare_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = form_token(bare_client, "/sign-up")
    real = csrf.now
    monkeypatch.setattr(csrf, "now", lambda: real() + timedelta(days=1))
    assert bare_client.post("/preferences", data={"language": "en", "csrf_token": token}).status_code == 303
    monkeypatch.setattr(csrf, "now", lambda: real() + timedelta(days=2))
    assert bare_client.post("/preferences", data={"language": "en", "csrf_token": token}).status_code == 403


def test_every_form_of_every_page_has_a_token(client: TestClient, course: object) -> None:
    """What a browser without Sec-Fetch-Site needs; a forgotten form would fail only there."""
    sign_up(client)
    for path in (
        "/",
        "/sign-in",
        "/sign-up",
        "/progress",
        "/jobs",
        "/courses/tiny",
        "/courses/tiny/lessons/00-start",
    ):
        text = client.get(path).text
        forms = [form for form in re.findall(r"<form.*?</form>", text, re.S) if 'method="post"' in form]
        assert forms
        for form in forms:
            assert 'name="csrf_token"' in form, f"{path}: {form[:120]}"


def test_reading_is_allowed_from_anywhere(client: TestClient) -> None:
    assert client.get("/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200
