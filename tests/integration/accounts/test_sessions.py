import re
from collections.abc import Callable
from datetime import timedelta
from http.cookies import Morsel, SimpleCookie

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts import service
from app.accounts.models import User, UserSession
from app.core import db
from app.core.clock import now
from app.core.config import get_settings
from app.core.signing import hash_token
from tests.factories import PASSWORD, make_job, sign_up
from tests.integration.conftest import wait_until_noted

HOUR_IDLE = timedelta(hours=1)


def is_signed_in(client: TestClient) -> bool:
    return client.get("/progress").status_code == 200


def age_session(**ages: timedelta) -> None:
    with db.session_scope() as session:
        session.execute(update(UserSession).values({name: now() - age for name, age in ages.items()}))


def cookie_of(answer: Response, name: str) -> Morsel[str]:
    cookies: SimpleCookie = SimpleCookie()
    for header in answer.headers.get_list("set-cookie"):
        cookies.load(header)
    return cookies[name]


def test_an_unknown_name_and_a_wrong_password_get_the_same_answer(client: TestClient) -> None:
    sign_up(client, "Hao")
    wrong = client.post("/sign-in", data={"name": "Hao", "password": "not my password"})
    unknown = client.post("/sign-in", data={"name": "Nobody", "password": "not my password"})
    assert wrong.status_code == unknown.status_code == 422

    def words(answer: Response, name: str) -> str:
        nonce = answer.headers["content-security-policy"].split("'nonce-")[1].split("'")[0]
        text = answer.text.replace(name, "NAME").replace(nonce, "NONCE")
        return re.sub(r'name="request_key" value="[0-9a-f]{32}"', "", text)

    assert words(wrong, "Hao") == words(unknown, "Nobody")


def test_an_unknown_name_costs_a_hash_as_a_known_one_does(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.accounts import passwords

    verified = []
    real = passwords._hasher.verify
    monkeypatch.setattr(passwords._hasher, "verify", lambda *values: verified.append(values) or real(*values))
    assert not passwords.verify_password("anything", None)
    assert verified[0][1].startswith("$argon2id$")


def test_even_the_password_of_nobody_lets_nobody_in() -> None:
    from app.accounts.passwords import verify_password

    assert not verify_password("nobody has this password", None)


def test_one_signs_in_with_the_name_in_any_case(client: TestClient) -> None:
    sign_up(client, "Hao")
    assert client.post("/sign-in", data={"name": "hAO", "password": PASSWORD}).status_code == 303


def test_a_name_with_a_null_character_is_unknown_and_not_an_error(client: TestClient) -> None:
    assert client.post("/sign-in", data={"name": "a\x00b", "password": PASSWORD}).status_code == 422


def test_signing_in_gives_a_new_session_and_ends_the_old(client: TestClient, session: Session) -> None:
    sign_up(client, "Hao")
    before = client.cookies["sophora_session"]
    client.post("/sign-in", data={"name": "Hao", "password": PASSWORD})
    after = client.cookies["sophora_session"]
    assert before != after
    assert session.scalars(select(UserSession.token_hash)).all() == [hash_token(after)]


def test_a_session_id_that_the_browser_brought_along_is_not_taken_over(client: TestClient) -> None:
    client.cookies.set("sophora_session", "chosen-by-somebody-else")
    answer = client.post("/sign-up", data={"name": "Hao", "password": PASSWORD})
    assert cookie_of(answer, "sophora_session").value != "chosen-by-somebody-else"
    assert len(cookie_of(answer, "sophora_session").value) >= 43


def test_the_database_does_not_hold_what_the_cookie_holds(client: TestClient, session: Session) -> None:
    sign_up(client)
    assert session.scalar(select(UserSession.token_hash)) != client.cookies["sophora_session"]


def test_signing_out_ends_the_session_on_the_server(client: TestClient, session: Session) -> None:
    sign_up(client)
    token = client.cookies["sophora_session"]
    answer = client.post("/sign-out")
    assert answer.status_code == 303
    assert "sophora_session" not in client.cookies
    client.cookies.set("sophora_session", token)
    assert not is_signed_in(client)
    assert session.scalar(select(func.count(UserSession.token_hash))) == 0


def test_reading_a_page_changes_nothing_even_with_a_sign_out_address(client: TestClient) -> None:
    sign_up(client)
    assert client.get("/sign-out", follow_redirects=False).status_code == 303, "to a page that can be read"
    assert is_signed_in(client)


def test_a_session_ends_when_it_is_idle_too_long(client: TestClient) -> None:
    sign_up(client)
    age_session(last_seen_at=timedelta(days=get_settings().session_idle_days) - HOUR_IDLE)
    assert is_signed_in(client)
    wait_until_noted()
    age_session(last_seen_at=timedelta(days=get_settings().session_idle_days) + HOUR_IDLE)
    assert not is_signed_in(client)


def test_a_session_ends_at_its_absolute_limit_however_much_it_is_used(client: TestClient) -> None:
    sign_up(client)
    age_session(
        created_at=timedelta(days=get_settings().session_absolute_days) + HOUR_IDLE, last_seen_at=timedelta()
    )
    assert not is_signed_in(client)


def test_use_keeps_a_session_alive(client: TestClient, session: Session) -> None:
    sign_up(client)
    age_session(last_seen_at=HOUR_IDLE)
    client.get("/")
    wait_until_noted()
    assert now() - session.scalar(select(UserSession.last_seen_at)) < HOUR_IDLE


def test_a_form_sent_after_an_hour_of_reading_is_taken(client: TestClient, session: Session) -> None:
    """Recording the session's use must not wait for the request's own transaction."""
    name = sign_up(client)
    job = make_job(session, session.scalar(select(User).where(User.name == name)))
    session.commit()
    age_session(last_seen_at=HOUR_IDLE)
    assert client.post(f"/jobs/{job.id}/cancellation").status_code == 303
    assert now() - session.scalar(select(UserSession.last_seen_at)) < HOUR_IDLE


def test_a_page_that_is_read_often_writes_nothing(client: TestClient, session: Session) -> None:
    sign_up(client)
    age_session(last_seen_at=timedelta(minutes=5))
    before = session.scalar(select(UserSession.last_seen_at))
    session.rollback()
    client.get("/")
    assert session.scalar(select(UserSession.last_seen_at)) == before


def test_all_sessions_end_when_an_account_is_disabled(client: TestClient) -> None:
    sign_up(client, "Hao")
    with db.session_scope() as session:
        service.disable(session, session.scalar(select(User)))
    assert not is_signed_in(client)
    answer = client.post("/sign-in", data={"name": "Hao", "password": PASSWORD})
    assert answer.status_code == 403
    assert not is_signed_in(client)


def test_a_session_of_a_disabled_account_is_refused_even_where_it_was_left(client: TestClient) -> None:
    sign_up(client)
    with db.session_scope() as session:
        session.execute(update(User).values(disabled_at=now()))
    assert not is_signed_in(client)


def test_a_visitor_is_led_to_sign_in_and_back(client: TestClient) -> None:
    answer = client.get("/jobs?page=2")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Fjobs%3Fpage%3D2"
    assert 'name="next" value="/jobs?page=2"' in client.get(answer.headers["location"]).text


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(client: TestClient) -> None:
    answer = client.post("/sign-up", data={"name": "Hao", "password": PASSWORD})
    cookie = cookie_of(answer, "sophora_session")
    assert cookie["httponly"]
    assert cookie["samesite"].lower() == "lax"
    assert cookie["path"] == "/"
    assert not cookie["domain"]
    assert int(cookie["max-age"]) == get_settings().session_absolute_days * 86400


def test_behind_tls_the_session_cookie_is_bound_to_the_host(
    client: TestClient, configure: Callable[..., None]
) -> None:
    configure(public_url="https://sophora.example")
    client.base_url = "https://127.0.0.1:8000"
    answer = client.post("/sign-up", data={"name": "Hao", "password": PASSWORD})
    cookie = cookie_of(answer, "__Host-session")
    assert cookie["secure"]
    assert cookie["httponly"]
    assert cookie["path"] == "/"
    assert not cookie["domain"]
    assert is_signed_in(client)


def test_behind_tls_the_sign_out_clears_the_same_cookie(
    client: TestClient, configure: Callable[..., None]
) -> None:
    configure(public_url="https://sophora.example")
    client.base_url = "https://127.0.0.1:8000"
    sign_up(client)
    client.post("/sign-out")
    assert "__Host-session" not in client.cookies
    assert not is_signed_in(client)


OTHER_SITES = [
    "//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "evil.example", "//[", "http://[",
    "/\t/evil.example", "/\n/evil.example", "",
]  # fmt: skip


@pytest.mark.parametrize("target", OTHER_SITES)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_address_leads_to_another_site(client: TestClient, target: str) -> None:
    answer = client.post("/preferences", data={"language": "en", "next": target})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    page = client.get("/sign-in", params={"next": target})
    assert page.status_code == 200
    assert 'name="next" value="/"' in page.text


def test_signing_in_leads_to_this_site_only(client: TestClient) -> None:
    sign_up(client, "Hao")
    for target, leads_to in (("//evil.example", "/"), ("/jobs?page=2", "/jobs?page=2")):
        answer = client.post("/sign-in", data={"name": "Hao", "password": PASSWORD, "next": target})
        assert answer.headers["location"] == leads_to
