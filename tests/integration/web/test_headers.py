import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.dependencies import CurrentUser
from app.accounts.models import User
from app.courses.models import Course
from app.web.dependencies import Db
from tests.factories import make_job
from tests.integration.conftest import ON_SQLITE

pytestmark = ON_SQLITE

VISITOR_PAGES = [
    "/",
    "/sign-in",
    "/sign-up",
    "/courses/tiny",
    "/courses/tiny/lessons/00-start",
    "/styleguide",
    "/nowhere",
    "/static/nothing.js",
    "/setup/wrong",
]
READER_PAGES = ["/progress", "/jobs", "/jobs/{job}", "/jobs/{job}/status", "/jobs/{job}/clone"]


def policy(headers: dict[str, str]) -> dict[str, str]:
    return dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))


def check_headers(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.headers["content-type"].startswith("text/html"), path
    directives = policy(answer.headers)
    assert directives["default-src"] == "'none'"
    assert directives["base-uri"] == directives["frame-ancestors"] == "'none'"
    assert directives["form-action"] == "'self'"
    assert re.fullmatch(r"'nonce-[\w-]{20,}' 'strict-dynamic' 'wasm-unsafe-eval'", directives["script-src"])
    assert "unsafe-inline" not in answer.headers["content-security-policy"]
    assert "'unsafe-eval'" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert "private" in answer.headers["cache-control"]
    assert "Cookie" in answer.headers["vary"]
    check_scripts(answer.text, directives["script-src"])


def check_scripts(html: str, script_policy: str) -> None:
    """Every script bears the nonce, and nothing in the page runs otherwise."""
    for tag in re.findall(r"<script[^>]*>", html):
        nonce = re.search('nonce="([^"]+)"', tag)[1]
        assert f"'nonce-{nonce}'" in script_policy, tag
    assert not re.search(r"<[^>]+\son\w+\s*=", html)
    assert not re.search(r"<[^>]+\sstyle\s*=", html)
    assert "<style" not in html
    assert "javascript:" not in html


@pytest.mark.parametrize("path", VISITOR_PAGES)
def test_every_page_for_visitors_has_a_strict_policy_and_keeps_it(
    client: TestClient, course: Course, path: str
) -> None:
    check_headers(client, path)


@pytest.mark.parametrize("path", READER_PAGES)
def test_every_page_for_readers_has_a_strict_policy_and_keeps_it(
    client: TestClient, student: User, session: Session, path: str
) -> None:
    job = make_job(session, student)
    session.commit()
    check_headers(client, path.format(job=job.id))


def test_the_page_of_an_unexpected_error_has_the_headers_too(client: TestClient) -> None:
    def fail() -> None:
        raise RuntimeError("a secret detail")

    client.app.add_api_route("/fails", fail)
    with TestClient(client.app, raise_server_exceptions=False) as calm:
        check_headers(calm, "/fails")
        answer = calm.get("/fails")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "Traceback" not in answer.text


def test_a_write_that_fails_still_gives_a_page(client: TestClient, student: User) -> None:
    def fail(session: Db, user: CurrentUser) -> None:
        session.add(User(id=user.id, name=user.name, name_key=user.name_key, password_hash="-"))
        session.flush()

    client.app.add_api_route("/fails", fail, methods=["POST"])
    with TestClient(
        client.app,
        raise_server_exceptions=False,
        headers={"Sec-Fetch-Site": "same-origin"},
        cookies=dict(client.cookies),
    ) as calm:
        answer = calm.post("/fails")
    assert answer.status_code == 500
    assert "<!doctype html>" in answer.text


def test_each_answer_to_a_reader_has_a_nonce_of_its_own(client: TestClient, student: User) -> None:
    assert (
        policy(client.get("/jobs").headers)["script-src"] != policy(client.get("/jobs").headers)["script-src"]
    )


@pytest.mark.parametrize("path", ["/", "/sign-in", "/healthz", "/static/nothing.js"])
def test_tls_is_insisted_on_where_there_is_tls(
    configure: Callable[..., None], client: TestClient, path: str
) -> None:
    configure(public_url="https://sophora.example")
    assert "max-age=31536000" in client.get(path).headers["strict-transport-security"]


def test_tls_is_not_insisted_on_where_there_is_none(client: TestClient) -> None:
    assert "strict-transport-security" not in client.get("/sign-in").headers


def test_the_server_does_not_describe_its_interface_to_machines(client: TestClient) -> None:
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert client.get(path).status_code == 404


# The language of a first visit


def test_kept_pages_are_kept_by_language_until_the_reader_chooses(client: TestClient, lessons: None) -> None:
    lesson = "/courses/tiny/lessons/00-start"
    for _ in range(2):  # the second time they are kept
        for accepted, tag in (("en-GB", "en"), ("zh-CN", "zh-Hans")):
            answer = client.get(lesson, headers={"Accept-Language": accepted})
            assert f'<html lang="{tag}"' in answer.text
            assert {"Cookie", "Accept-Language"} <= set(re.split(r",\s*", answer.headers["vary"]))
    client.cookies.set("language", "zh")
    assert '<html lang="zh-Hans"' in client.get(lesson, headers={"Accept-Language": "en-GB"}).text
