"""What somebody typed while signed out is sent after signing in: nothing is lost on the way, and nothing redirects elsewhere."""

import json
import re
from html import unescape

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.board.models import Comment
from app.core import db
from app.courses.models import Course
from app.jobs.models import Job
from app.recipes.recipe import all_recipes
from app.web.security.cookies import session_cookie_name
from tests.factories import PASSWORD, make_user, sign_up

WORDS = "Why does the loss fall faster\nwith momentum? <b>I</b> wonder."


def fields_of(page: str) -> dict[str, str]:
    """The fields of the last form on a page, by name."""
    form = page.rpartition("<main")[2].rpartition("<form")[2]
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    long = re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n(.*?)</textarea>', form, re.S)
    return {name: unescape(value) for name, value in [*hidden, *long]}


def action_of(page: str) -> str:
    return unescape(re.findall(r'<form[^>]* action="([^"]+)"', page.partition("<main")[2])[-1])


def refused(client: TestClient, address: str, fields: dict[str, str], referer: str = "") -> str:
    headers = {"Referer": f"http://127.0.0.1:8000{referer}"} if referer else {}
    answer = client.post(address, data=fields, headers=headers)
    assert answer.status_code == 401
    return answer.text


@pytest.mark.parametrize("way", ["/sign-in", "/sign-up"])
def test_a_comment_is_sent_after_signing_in_or_up(client: TestClient, session: Session, way: str) -> None:
    if way == "/sign-in":
        sign_up(client, "Hao")
        client.cookies.clear()
    comment = {"body": WORDS, "request_key": "k" * 20, "act": "send"}
    page = refused(client, "/threads/class/comments", comment, referer="/board?order=newest")
    carried = fields_of(page)
    assert carried["next"] == "/board?order=newest"
    wrong = client.post(way, data={**carried, "name": "Hao", "password": "short"})
    assert wrong.status_code == 422
    answer = client.post(way, data={**fields_of(wrong.text), "name": "Hao", "password": PASSWORD})
    assert answer.status_code == 200 and session_cookie_name() in client.cookies
    assert 'href="/board?order=newest"' in answer.text
    sent = client.post(action_of(answer.text), data=fields_of(answer.text), headers={"Sec-Fetch-Site": ""})
    assert sent.status_code == 403, "an empty header is from nowhere"
    del client.headers["Sec-Fetch-Site"]
    assert client.post(action_of(answer.text), data=fields_of(answer.text)).status_code == 303
    with db.session_scope(writes=False) as reading:
        assert reading.scalars(select(Comment.body)).all() == [WORDS]


def test_a_lab_forms_values_are_sent_after_signing_in(client: TestClient, course: Course) -> None:
    sign_up(client, "Hao")
    client.cookies.clear()
    recipe = all_recipes()["mnist-mlp"]
    values = {h.name: h.as_text(recipe.defaults[h.name]) for h in recipe.hyperparameters} | {"guess": "0.87"}
    page = refused(client, "/courses/tiny/lessons/00-start/labs/digits/jobs", values)
    answer = client.post("/sign-in", data={**fields_of(page), "name": "Hao", "password": PASSWORD})
    assert client.post(action_of(answer.text), data=fields_of(answer.text)).status_code == 303
    with db.session_scope(writes=False) as reading:
        assert float(reading.scalar(select(Job.guess))) == 0.87


def test_a_password_is_never_carried(client: TestClient) -> None:
    page = refused(client, "/settings/password", {"password": PASSWORD, "new_password": "one that is new"})
    assert PASSWORD not in page and "one that is new" not in page and "typed_for" not in page


@pytest.mark.parametrize(
    ("address", "typed"),
    [
        ("https://evil.example/", '[["a", "b"]]'),
        ("//evil.example", '[["a", "b"]]'),
        ("/\\evil.example", '[["a", "b"]]'),
        ("/board", "not JSON"),
        ("/board", "[" * 5000),
        ("/board", '{"a": "b"}'),
        ("/board", '[["a", 1]]'),
        ("/board", '[["a"]]'),
        ("/board", json.dumps([["a", "b"]] * 301)),
        ("/board", json.dumps([["a", "b" * 200_001]])),
        ("", '[["a", "b"]]'),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_no_page_of_ours_has_written_is_left_out(client: TestClient, address: str, typed: str) -> None:
    sign_up(client, "Hao")
    fields = {"name": "Hao", "password": PASSWORD, "typed_for": address, "typed": typed}
    assert client.post("/sign-in", data=fields).headers["location"] == "/"


def test_what_was_typed_stands_in_pages_as_text(client: TestClient) -> None:
    assert "<b>I</b>" not in refused(client, "/threads/class/comments", {"body": WORDS})


def test_the_header_offers_both_ways_in_and_brings_one_back(client: TestClient, course: Course) -> None:
    page = client.get("/courses/tiny?x=1").text
    for way in ("in", "up"):
        assert f'href="/sign-{way}?next=/courses/tiny%3Fx%3D1"' in page
    assert 'href="/sign-in"' in client.get("/sign-up").text


@pytest.mark.parametrize("address", ["/no-such-page", "/jobs/not-a-uuid", "/courses/none"])
def test_a_page_that_does_not_exist_knows_who_is_signed_in(client: TestClient, address: str) -> None:
    sign_up(client, "Hao")
    page = client.get(address)
    assert page.status_code == 404
    assert "Hao" in page.text and 'href="/sign-in' not in page.text and 'href="/sign-up' not in page.text


def test_a_page_that_does_not_exist_offers_visitors_to_sign_in(client: TestClient, session: Session) -> None:
    make_user(session, "Hao")
    session.commit()
    client.cookies.set(session_cookie_name(), "made-up", domain="127.0.0.1", path="/")
    assert 'href="/sign-in' in client.get("/no-such-page").text
