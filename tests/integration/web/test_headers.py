import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import insert

from app.accounts.dependencies import CurrentUser
from app.accounts.models import User
from app.web.dependencies import Db
from app.web.security.cookies import session_cookie_name
from tests.fuzz.world import ACTORS, make_world
from tests.integration.conftest import ON_SQLITE
from tests.pages import addresses, page_routes

pytestmark = ON_SQLITE

# Nobody can see the example of these addresses: a one-use token, or a file that no training of the scene has.
SHOWN_TO_NOBODY = {
    "/setup/{token}",
    "/password-resets/{token}",
    "/mail-confirmations/{token}",
    "/unsubscriptions/{token}",
    "/shared/{token}",
    # Its lesson has no lab here.
    "/courses/{course}/lessons/{slug}/labs/{key}/curve",
    "/check-ins/calendar/{token}.ics",
    "/admin/import/{token}",
    "/jobs/{job_id}/files/{name}",
    # No training of the scene has weights.
    "/jobs/{job_id}/continuation",
    "/pictures/{name}",
    "/recipes/{slug}/parts/{name}",
    "/datasets/{slug}/arrays.npz",
    "/discussions/{thread_id}",
    "/authoring/lessons/{lesson_id}/differences",
}


def policy(headers: dict[str, str]) -> dict[str, str]:
    return dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))


def check_headers(answer: Response) -> None:
    assert answer.headers["content-type"].startswith("text/html"), answer.url
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
    """Every script has the nonce, and nothing in the page runs otherwise."""
    for tag in re.findall(r"<script[^>]*>", html):
        nonce = re.search('nonce="([^"]+)"', tag)[1]
        assert f"'nonce-{nonce}'" in script_policy, tag
    assert not re.search(r"<[^>]+\son\w+\s*=", html)
    assert not re.search(r"<[^>]+\sstyle\s*=", html)
    assert "<style" not in html
    assert "javascript:" not in html


def test_every_page_has_a_strict_policy_and_keeps_it_whoever_asks(
    client: TestClient, lessons: None, redis: None
) -> None:
    world, shown = make_world(), set()
    for actor in ACTORS:
        client.cookies.clear()
        if actor != "visitor":
            client.cookies.set(session_cookie_name(), world.tokens[actor], domain="127.0.0.1", path="/")
        for route, address in (
            *addresses(client.app, world.scene()),
            ("", "/nowhere"),
            ("", "/static/nothing.js"),
        ):
            answer = client.get(address, follow_redirects=False)
            if answer.headers.get("content-type", "").startswith("text/html"):
                check_headers(answer)
            if answer.status_code == 200 or (answer.status_code == 303 and actor != "visitor"):
                shown.add(route)
    assert set(page_routes(client.app)) - shown == SHOWN_TO_NOBODY


def test_the_page_of_an_unexpected_error_has_the_headers_too(client: TestClient) -> None:
    def fail() -> None:
        raise RuntimeError("a secret detail")

    client.app.add_api_route("/fails", fail)
    with TestClient(client.app, raise_server_exceptions=False) as calm:
        answer = calm.get("/fails")
    check_headers(answer)
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "Traceback" not in answer.text


def test_a_write_that_fails_still_gives_a_page(client: TestClient, student: User) -> None:
    def fail(session: Db, user: CurrentUser) -> None:
        values = {"id": user.id, "name": user.name, "name_key": user.name_key, "password_hash": "-"}
        session.execute(insert(User).values(values))

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
    for _ in range(2):  # the second time they are cached
        for accepted, tag in (("en-GB", "en"), ("zh-CN", "zh-Hans")):
            answer = client.get(lesson, headers={"Accept-Language": accepted})
            assert f'<html lang="{tag}"' in answer.text
            assert {"Cookie", "Accept-Language"} <= set(re.split(r",\s*", answer.headers["vary"]))
    client.cookies.set("language", "zh")
    assert '<html lang="zh-Hans"' in client.get(lesson, headers={"Accept-Language": "en-GB"}).text
