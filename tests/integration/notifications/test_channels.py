"""The channels of each kind, as chosen by the reader."""

import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.notifications import delivery
from app.notifications.models import Kind, Way
from tests.integration.conftest import enter
from tests.integration.notifications.happenings import HAPPENINGS
from tests.integration.notifications.postbox import Postbox, after
from tests.integration.people import choose, kinds

pytestmark = pytest.mark.usefixtures("redis", "in_english")


@pytest.mark.parametrize("way", list(Way))
@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_goes_the_way_that_its_reader_chose(
    course: object, postbox: Postbox, reader: User, ming: User, lecturer: User, kind: Kind, way: Way
) -> None:
    choose(reader, kind, way)
    HAPPENINGS[kind](reader, ming, lecturer)
    assert kinds(reader) == ([] if way == Way.NONE else [kind])
    after(11)
    assert delivery.deliver_mail() == (way == Way.MAIL)


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
