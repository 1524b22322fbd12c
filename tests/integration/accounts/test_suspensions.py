"""A suspension has a reason, an end, and a message for its subject only."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.accounts.service import open_session
from app.core import db
from app.core.database_clock import database_now
from app.web.security.cookies import session_cookie_name
from tests.factories import PASSWORD, make_user
from tests.integration.conftest import enter
from tests.integration.profiles.rows import HASH

REASON = "Copied the others' answers"


@pytest.fixture
def hao(client: TestClient, session: Session) -> User:
    """Suspended by an admin for a week."""
    client.cookies.set("language", "en", domain="127.0.0.1", path="/")
    user = make_user(session, "Hao")
    user.password_hash = HASH
    enter(client, session, make_user(session, "Teacher Zhang", Role.ADMIN))
    answer = client.post(f"/admin/people/{user.id}/suspension", data={"reason": REASON, "days": "7"})
    assert answer.status_code == 303
    client.cookies.delete(session_cookie_name())
    return user


def sign_in(client: TestClient, password: str = PASSWORD) -> tuple[int, str]:
    answer = client.post("/sign-in", data={"name": "Hao", "password": password})
    return answer.status_code, answer.text


def end_it() -> None:
    with db.session_scope() as session:
        session.execute(update(User).where(User.name == "Hao").values(suspended_until=database_now(-1)))


def test_who_knows_the_password_is_told_why_until_when_and_whom_to_ask(client: TestClient, hao: User) -> None:
    state, page = sign_in(client)
    assert state == 403
    with db.session_scope(writes=False) as session:
        until = session.scalar(select(User.suspended_until).where(User.id == hao.id))
    for told in ("Copied the others", until.isoformat(), "Teacher Zhang"):
        assert told in page
    assert session_cookie_name() not in client.cookies


def test_who_does_not_know_it_learns_nothing(client: TestClient, hao: User) -> None:
    state, page = sign_in(client, "not the password")
    assert state == 422
    assert "Name and password do not match." in page and "suspended" not in page


def test_it_ends_by_itself_by_the_databases_clock(client: TestClient, hao: User) -> None:
    end_it()
    assert sign_in(client)[0] == 303
    assert client.get("/progress").status_code == 200


def test_a_left_session_holds_no_longer_while_it_lasts(
    client: TestClient, session: Session, hao: User
) -> None:
    token = open_session(session, hao)
    session.commit()
    client.cookies.set(session_cookie_name(), token, domain="127.0.0.1", path="/")
    assert client.get("/progress").status_code == 303


def test_one_without_an_end_lasts(client: TestClient, hao: User) -> None:
    with db.session_scope() as session:
        session.execute(update(User).where(User.name == "Hao").values(suspended_until=None))
    state, page = sign_in(client)
    assert state == 403 and "until an admin opens it again" in page


def test_a_reason_is_asked_for_and_what_was_typed_stays(client: TestClient, session: Session) -> None:
    ming = make_user(session, "Ming")
    enter(client, session, make_user(session, "Teacher", Role.ADMIN))
    for fields in ({"days": "7"}, {"reason": REASON, "days": "400"}, {"reason": "x" * 501, "days": "7"}):
        answer = client.post(f"/admin/people/{ming.id}/suspension", data=fields)
        assert answer.status_code == 422 and "field-error" in answer.text
    assert client.get("/admin/people?state=suspended").text.count("Ming") == 0


def test_who_was_suspended_once_can_be_suspended_again(
    client: TestClient, session: Session, hao: User
) -> None:
    end_it()
    admin = session.scalar(select(User).where(User.role == Role.ADMIN))
    enter(client, session, admin)
    assert ">Hao<" not in client.get("/admin/people?state=suspended").text
    assert ">Hao<" in client.get("/admin/people?state=active").text
    client.post(f"/admin/people/{hao.id}/suspension", data={"reason": "again", "days": ""})
    assert ">Hao<" in client.get("/admin/people?state=suspended").text
    client.post(f"/admin/people/{hao.id}/reinstatement")
    client.cookies.delete(session_cookie_name())
    assert sign_in(client)[0] == 303
