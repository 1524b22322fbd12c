"""What readers may change about their own account."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import User, UserSession
from app.core import db
from app.core.clock import now
from app.core.config import get_settings
from tests.factories import PASSWORD
from tests.integration.profiles.rows import count

pytestmark = pytest.mark.usefixtures("in_english")


NEW_PASSWORD = "another sentence of mine"


def test_the_name_is_shown_or_masked_as_its_owner_chooses(signed_in: TestClient, hao: User) -> None:
    for shown in ("yes", "no"):
        assert signed_in.post("/settings/name", data={"shown": shown}).status_code == 303
        with db.session_scope(writes=False) as session:
            assert session.get_one(User, hao.id).shows_name == (shown == "yes")


def test_a_new_password_ends_the_sign_ins_on_other_devices(
    signed_in: TestClient,
    session: Session,
    hao: User,
) -> None:
    with db.session_scope() as writing:
        writing.add(UserSession(token_hash="b" * 64, user_id=hao.id))
    fields = {"password": PASSWORD, "new_password": NEW_PASSWORD}
    assert signed_in.post("/settings/password", data=fields).status_code == 303
    assert signed_in.get("/settings").status_code == 200
    assert count(UserSession, user_id=hao.id) == 1
    assert signed_in.post("/sign-in", data={"name": "小昊", "password": NEW_PASSWORD}).status_code == 303


def test_with_a_sign_in_those_that_have_ended_are_forgotten(
    signed_in: TestClient, hao: User, ming: User
) -> None:
    long_ago = now() - timedelta(days=get_settings().session_absolute_days, hours=1)
    idle_since = now() - timedelta(days=get_settings().session_idle_days, hours=1)
    with db.session_scope() as writing:
        writing.add(UserSession(token_hash="a" * 64, user_id=hao.id, created_at=long_ago))
        writing.add(UserSession(token_hash="b" * 64, user_id=hao.id, last_seen_at=idle_since))
        writing.add(UserSession(token_hash="c" * 64, user_id=hao.id))
        writing.add(UserSession(token_hash="d" * 64, user_id=ming.id, created_at=long_ago))
    assert signed_in.post("/sign-in", data={"name": "小昊", "password": PASSWORD}).status_code == 303
    assert [count(UserSession, token_hash=letter * 64) for letter in "abcd"] == [0, 0, 1, 1]
    assert count(UserSession, user_id=hao.id) == 2


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("a wrong one", NEW_PASSWORD, "This is not your password."),
        (PASSWORD, "short", "at least 8"),
        (PASSWORD, "password123", "Too many people"),
    ],
)
def test_a_password_is_not_changed_without_the_old_one_or_to_a_poor_one(
    signed_in: TestClient, old: str, new: str, sentence: str
) -> None:
    answer = signed_in.post("/settings/password", data={"password": old, "new_password": new})
    assert answer.status_code == 422 and sentence in answer.text
    assert signed_in.post("/sign-in", data={"name": "小昊", "password": PASSWORD}).status_code == 303
