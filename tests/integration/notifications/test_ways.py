"""Which ways a kind goes, as its reader chose."""

import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.notifications.models import Kind, Way
from tests.integration.conftest import enter
from tests.integration.people import choose, say, told

pytestmark = pytest.mark.usefixtures("redis", "in_english")


@pytest.mark.parametrize("kind", [Kind.REPLY, Kind.MENTION])
def test_a_kind_that_is_not_wanted_is_not_told(hao: User, ming: User, kind: Kind) -> None:
    choose(hao, kind, Way.NONE)
    say(ming, f"thank you @[x](user:{hao.id}) for the hint", to=say(hao) if kind == Kind.REPLY else None)
    assert told(hao) == []


def test_the_settings_keep_what_was_chosen_and_ignore_what_cannot_be_had(
    client: TestClient, session: Session, hao: User
) -> None:
    enter(client, session, hao)
    sent = client.post("/settings/notifications", data={"like": "none", "reply": "mail", "nonsense": "none"})
    assert sent.status_code == 303
    text = client.get("/settings/notifications").text
    assert re.search(r'name="like" value="none" checked', text)
    assert re.search(r'name="reply" value="page" checked', text)


def test_without_a_mail_server_no_mail_is_offered(client: TestClient, session: Session, hao: User) -> None:
    enter(client, session, hao)
    assert "mail" not in client.get("/settings/notifications").text.lower().partition("<main")[2]
    assert client.post("/settings/mail-address", data={"address": "hao@example.org"}).status_code == 404
