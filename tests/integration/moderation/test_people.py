"""Moderators search for people by the name that readers see."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from tests.factories import make_user
from tests.integration.conftest import enter


@pytest.fixture
def hidden(session: Session) -> User:
    return make_user(session, "Zwiebelfisch昊")


def found(client: TestClient, name: str) -> str:
    return client.get("/moderation/people", params={"name": name}).text.partition("</form>\n  <ul")[2]


def test_a_lecturer_finds_a_masked_name_and_not_who_hides_behind_it(
    client: TestClient, session: Session, hidden: User
) -> None:
    enter(client, session, make_user(session, "Lin", Role.LECTURER))
    assert f'href="/people/{hidden.id}">*昊</a>' in found(client, "*昊")
    assert "Zwiebelfisch" not in found(client, "*昊")
    for guess in ("Zwiebelfisch昊", "Zwiebel", "*Zwiebelfisch昊", "*fisch昊"):
        assert str(hidden.id) not in found(client, guess)


def test_an_admin_sees_who_it_is(client: TestClient, session: Session, hidden: User) -> None:
    enter(client, session, make_user(session, "Lin", Role.ADMIN))
    assert f'href="/admin/people/{hidden.id}">Zwiebelfisch昊</a>' in found(client, "*昊")


def test_a_name_that_is_shown_is_found_as_it_is(client: TestClient, session: Session, hidden: User) -> None:
    hidden.shows_name = True
    enter(client, session, make_user(session, "Lin", Role.LECTURER))
    assert str(hidden.id) in found(client, "zwiebel") and str(hidden.id) not in found(client, "*昊")


def test_a_student_looks_for_nobody(client: TestClient, session: Session, hidden: User) -> None:
    enter(client, session, make_user(session))
    assert client.get("/moderation/people?name=*昊").status_code == 403
