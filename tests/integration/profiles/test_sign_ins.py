import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.devices import browser_and_system
from app.accounts.models import User, UserSession
from app.accounts.service import open_session
from app.core.signing import hash_token
from tests.factories import PASSWORD
from tests.integration.conftest import ON_SQLITE

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
WECHAT = (
    "Mozilla/5.0 (Linux; Android 15; V2309A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/130.0 "
    "Mobile Safari/537.36 XWEB/1300 MMWEBSDK/2024 MicroMessenger/8.0"
)
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
EDGE = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0"


def elsewhere(session: Session, user: User, user_agent: str = WECHAT) -> str:
    """A sign-in on another device; returns its token."""
    token = open_session(session, user, user_agent=user_agent)
    session.commit()
    return token


def holds(client: TestClient, token: str) -> bool:
    other = TestClient(client.app, str(client.base_url), follow_redirects=False)
    other.cookies.set("sophora_session", token)
    return other.get("/settings").status_code == 200


def deletions(client: TestClient) -> list[str]:
    return re.findall(
        r'action="(/settings/sign-ins/[0-9a-f]+/deletion)"', client.get("/settings/sign-ins").text
    )


def test_the_list_says_in_plain_words_which_browsers_are_signed_in(
    signed_in: TestClient, session: Session, hao: User, ming: User, in_english: None
) -> None:
    elsewhere(session, hao)
    elsewhere(session, ming, EDGE)
    signed_in.post("/sign-in", data={"name": "小昊", "password": PASSWORD}, headers={"User-Agent": FIREFOX})
    text = signed_in.get("/settings/sign-ins").text
    assert re.findall(r'sign-in-device">([^<]*?)\s*(?:<span class="badge">([^<]+))?<', text) == [
        ("Firefox on Windows", "this browser"),
        ("WeChat on Android", ""),
    ]
    assert text.count("First used") == 2


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, ("Firefox", "Windows")),
        (WECHAT, ("WeChat", "Android")),
        (SAFARI, ("Safari", "iPhone")),
        (EDGE, ("Edge", "macOS")),
        ("", ("", "")),
        ("<script>" * 10_000, ("", "")),
    ],
)
def test_a_browser_is_known_by_what_it_says(user_agent: str, words: tuple[str, str]) -> None:
    assert browser_and_system(user_agent) == words


def test_a_sign_in_is_ended_and_the_others_stay(signed_in: TestClient, session: Session, hao: User) -> None:
    first, second = elsewhere(session, hao), elsewhere(session, hao)
    assert len(addresses := deletions(signed_in)) == 2
    assert signed_in.post(addresses[0]).status_code == 303
    assert sorted([holds(signed_in, first), holds(signed_in, second)]) == [False, True]
    assert deletions(signed_in) == addresses[1:]
    # A second press is harmless.
    assert signed_in.post(addresses[0]).headers["location"] == "/settings/sign-ins"


def test_nobody_ends_the_sign_in_of_another(
    signed_in: TestClient, session: Session, hao: User, ming: User
) -> None:
    from app.accounts.service import sign_in_handle

    token = elsewhere(session, ming)
    signed_in.post(f"/settings/sign-ins/{sign_in_handle(hash_token(token))}/deletion")
    assert holds(signed_in, token)


def test_the_list_holds_nothing_that_a_session_is_known_by(
    signed_in: TestClient, session: Session, hao: User
) -> None:
    elsewhere(session, hao)
    text = signed_in.get("/settings/sign-ins").text
    assert not any(token_hash in text for token_hash in session.scalars(select(UserSession.token_hash)))


def test_signing_out_everywhere_ends_every_sign_in(
    signed_in: TestClient, session: Session, hao: User, ming: User
) -> None:
    tokens, others = [elsewhere(session, hao), signed_in.cookies["sophora_session"]], elsewhere(session, ming)
    answer = signed_in.post("/settings/sign-ins/deletion")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert "sophora_session" not in signed_in.cookies
    assert not any(holds(signed_in, token) for token in tokens)
    assert holds(signed_in, others)


def test_a_new_password_gives_this_browser_a_new_session_and_ends_all_the_others(
    signed_in: TestClient, session: Session, hao: User
) -> None:
    other, before = elsewhere(session, hao), signed_in.cookies["sophora_session"]
    fields = {"password": PASSWORD, "new_password": "another sentence of my own"}
    assert signed_in.post("/settings/password", data=fields).status_code == 303
    assert signed_in.cookies["sophora_session"] != before
    assert signed_in.get("/settings").status_code == 200
    assert not holds(signed_in, before)
    assert not holds(signed_in, other)


@ON_SQLITE
def test_a_visitor_is_asked_to_sign_in_first(client: TestClient) -> None:
    assert client.get("/settings/sign-ins").headers["location"].startswith("/sign-in?next=")
