"""Entering and confirming an address; unsubscribing by one click."""

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core import db
from app.core.clock import now
from app.notifications import delivery
from app.notifications.models import Kind, MailAddress, NotificationChoice, Way
from tests.factories import PASSWORD, make_user
from tests.integration.conftest import ON_SQLITE, enter
from tests.integration.notifications.postbox import ADDRESS, Postbox, address_of, after, link, plain
from tests.integration.people import say
from tests.integration.profiles.rows import HASH


@pytest.fixture
def signed_in(client: TestClient, session: Session, postbox: Postbox, hao: User) -> TestClient:
    client.cookies.set("language", "en", domain="127.0.0.1", path="/")
    hao.password_hash = HASH
    session.merge(hao)
    enter(client, session, hao)
    return client


def give(client: TestClient, address: str = ADDRESS) -> int:
    return client.post("/settings/mail-address", data={"address": address, "password": PASSWORD}).status_code


def test_an_address_is_confirmed_by_the_link_in_its_first_mail(
    signed_in: TestClient,
    postbox: Postbox,
    hao: User,
    ming: User,
) -> None:
    assert give(signed_in) == 303
    say(ming, to=say(hao))
    after(11)
    assert delivery.deliver_mail() == 1
    assert postbox.recipients == [ADDRESS]
    path = link(postbox.received[0], "mail-confirmations")
    assert signed_in.get(path).status_code == 200
    assert address_of(hao).confirmed_at is None, "opening a link changes nothing"
    assert signed_in.post(path).status_code == 200
    assert address_of(hao).confirmed_at
    say(ming, to=say(hao))
    after(11)
    delivery.deliver_mail()
    assert postbox.received[1]["Subject"] == "1 notification · Sophora"


def test_before_it_is_confirmed_no_other_mail_goes_there(
    signed_in: TestClient,
    postbox: Postbox,
    hao: User,
    ming: User,
) -> None:
    give(signed_in)
    delivery.deliver_mail()
    say(ming, to=say(hao))
    after(120)
    assert delivery.deliver_mail() == 0


def test_the_link_of_another_address_or_an_old_one_confirms_nothing(
    signed_in: TestClient,
    postbox: Postbox,
    hao: User,
) -> None:
    give(signed_in, "wrong@example.org")
    delivery.deliver_mail()
    old = link(postbox.received[0], "mail-confirmations")
    give(signed_in)
    delivery.deliver_mail()
    assert signed_in.post(old).status_code == 404
    new = link(postbox.received[1], "mail-confirmations")
    assert signed_in.post(new[:-1] + ("0" if new[-1] != "0" else "1")).status_code == 404
    with db.session_scope() as session:
        session.execute(update(MailAddress).values(created_at=now() - timedelta(days=8)))
    assert signed_in.post(new).status_code == 404
    assert address_of(hao).confirmed_at is None


@ON_SQLITE
@pytest.mark.parametrize(
    "address",
    [
        "",
        "hao",
        "hao@",
        "@example.org",
        "hao@example",
        "a b@example.org",
        "hao@example.org\nBcc: all@example.org",
        "a" * 250 + "@e.org",
    ],
)
def test_what_is_no_address_is_refused_with_a_sentence(
    signed_in: TestClient,
    hao: User,
    address: str,
) -> None:
    answer = signed_in.post("/settings/mail-address", data={"address": address, "password": PASSWORD})
    assert answer.status_code == 422
    assert "field-error" in answer.text
    with db.session_scope(writes=False) as session:
        assert session.get(MailAddress, hao.id) is None


def test_few_first_mails_go_to_one_address_whoever_gives_it(
    client: TestClient, session: Session, postbox: Postbox, configure: Callable[..., None]
) -> None:
    configure(rate_limits="true")
    answers = []
    for number in range(5):
        user = make_user(session)
        user.password_hash = HASH
        enter(client, session, user)
        answers.append(give(client, "Victim@example.org" if number % 2 else "victim@example.org"))
        delivery.deliver_mail()
    assert answers == [303, 303, 303, 429, 429]
    assert len(postbox.received) == 3
    assert give(client, "another@example.org") == 303


def test_the_first_mail_has_no_link_to_unsubscribe_since_no_other_follows(
    signed_in: TestClient, postbox: Postbox
) -> None:
    give(signed_in)
    delivery.deliver_mail()
    assert postbox.received[0]["List-Unsubscribe"] is None
    assert "you will get no other email" in plain(postbox.received[0])


def test_a_forgotten_address_gets_no_mail(
    signed_in: TestClient,
    reader: User,
    ming: User,
    postbox: Postbox,
) -> None:
    say(ming, to=say(reader))
    assert signed_in.post("/settings/mail-address/deletion").status_code == 303
    after(11)
    assert delivery.deliver_mail() == 0


# Unsubscribing


def test_every_digest_can_be_unsubscribed_from_with_one_click(
    client: TestClient,
    postbox: Postbox,
    reader: User,
    ming: User,
) -> None:
    """As in RFC 8058: a mail program posts to the address in the header, without cookies or a form of ours."""
    say(ming, to=say(reader))
    after(11)
    delivery.deliver_mail()
    message = postbox.received[0]
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = urlsplit(message["List-Unsubscribe"].strip("<>")).path
    del client.headers["Sec-Fetch-Site"]
    client.cookies.clear()
    assert client.post(address, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert address_of(reader).stopped_at
    say(ming, to=say(reader))
    after(120)
    assert delivery.deliver_mail() == 0


def test_the_link_to_unsubscribe_asks_first(
    client: TestClient,
    postbox: Postbox,
    reader: User,
    ming: User,
) -> None:
    client.cookies.set("language", "en", domain="127.0.0.1", path="/")
    say(ming, to=say(reader))
    after(11)
    delivery.deliver_mail()
    path = link(postbox.received[0], "unsubscriptions")
    assert "Stop all emails" in client.get(path).text
    assert address_of(reader).stopped_at is None
    assert "No more emails go to" in client.post(path).text
    assert address_of(reader).stopped_at


def test_a_made_up_token_unsubscribes_nobody(client: TestClient, reader: User) -> None:
    for token in ("x", f"{reader.id.hex}.{'0' * 40}", f"{uuid4().hex}.{'0' * 40}"):
        assert client.post(f"/unsubscriptions/{token}").status_code == 404
    assert address_of(reader).stopped_at is None


def test_a_token_to_unsubscribe_confirms_no_address(
    signed_in: TestClient,
    postbox: Postbox,
    reader: User,
    ming: User,
) -> None:
    say(ming, to=say(reader))
    after(11)
    delivery.deliver_mail()
    token = link(postbox.received[0], "unsubscriptions").rpartition("/")[2]
    assert signed_in.post(f"/mail-confirmations/{token}").status_code == 404


def test_who_unsubscribed_may_start_anew(signed_in: TestClient, reader: User) -> None:
    with db.session_scope() as session:
        session.get_one(MailAddress, reader.id).stopped_at = now()
    assert "no more emails" in signed_in.get("/settings/notifications").text
    assert give(signed_in) == 303
    assert address_of(reader).stopped_at is None


def test_an_address_that_was_refused_is_not_said_to_have_been_unsubscribed(
    signed_in: TestClient, postbox: Postbox, reader: User, ming: User
) -> None:
    say(ming, to=say(reader))
    after(11)
    postbox.refusal = "550 no such mailbox"
    delivery.deliver_mail()
    text = signed_in.get("/settings/notifications").text
    assert "came back" in text and "no more emails" not in text
    assert give(signed_in) == 303
    assert "came back" not in signed_in.get("/settings/notifications").text


def test_who_unsubscribes_after_a_refusal_is_said_to_have_done_so(
    signed_in: TestClient, postbox: Postbox, reader: User, ming: User
) -> None:
    say(ming, to=say(reader))
    after(11)
    delivery.deliver_mail()
    with db.session_scope() as session:
        mail = session.get_one(MailAddress, reader.id)
        mail.stopped_at, mail.failures = now(), 1
    signed_in.post(link(postbox.received[0], "unsubscriptions"))
    assert "You asked for no more emails" in signed_in.get("/settings/notifications").text


def test_with_a_mail_server_and_an_address_mail_can_be_chosen(signed_in: TestClient, reader: User) -> None:
    signed_in.post("/settings/notifications", data={"like": "mail", "reply": "page"})
    text = signed_in.get("/settings/notifications").text
    assert re.search(r'name="like" value="mail" checked', text)
    assert re.search(r'name="reply" value="page" checked', text)
    with db.session_scope(writes=False) as session:
        kept = {choice.kind: choice.way for choice in session.scalars(select(NotificationChoice))}
    assert kept == {Kind.LIKE: Way.MAIL, Kind.REPLY: Way.PAGE}, "only what differs from how it went is kept"
