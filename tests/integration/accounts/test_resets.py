"""A lost password: by mail, by an admin's link, by a command; and what a stranger learns from asking."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from app.accounts import resets
from app.accounts.models import ResetLink, Role, User, UserSession
from app.accounts.service import hash_token, name_key, open_session
from app.cli import cli
from app.core import db
from app.core.clock import now
from app.core.database_clock import database_now
from app.journal.models import Act
from app.notifications import delivery
from app.notifications.models import AccountMail, MailAddress
from tests.factories import PASSWORD, make_user
from tests.integration.conftest import enter
from tests.integration.notifications.postbox import Postbox, link, plain

NEW = "quite another sentence"


@pytest.fixture
def hao(session: Session) -> User:
    user = make_user(session, "Hao")
    address = MailAddress(user_id=user.id, address="hao@example.org", language="en", confirmed_at=now())
    session.add(address)
    session.commit()
    return user


def ask(client: TestClient, name: str) -> str:
    answer = client.post("/lost-password", data={"name": name})
    assert answer.status_code == 200
    return re.sub(
        r"nonce[-=]\"?[\w-]+|[0-9a-f]{64}|name=\"request_key\" value=\"[0-9a-f]{32}", "", answer.text
    ).replace(name, "NAME")


def stored(statement: Any) -> Any:
    with db.session_scope(writes=False) as session:
        return session.scalar(statement)


def fresh_link(session: Session, user: User, made_by: str = resets.ADMIN) -> str:
    token = resets.make_link(session, user.id, made_by)
    session.commit()
    return f"/password-resets/{token}"


def test_a_link_that_came_by_mail_sets_a_password_once_and_ends_every_sign_in(
    client: TestClient, session: Session, postbox: Postbox, hao: User
) -> None:
    open_session(session, hao)
    session.commit()
    ask(client, "hAO")
    assert delivery.deliver_mail() == 1
    assert postbox.recipients == ["hao@example.org"]
    path = link(postbox.received[0], "password-resets")
    assert client.get(path).status_code == 200
    assert client.get(path).status_code == 200, "opening a link uses up nothing"
    answer = client.post(path, data={"new_password": NEW})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?password=new")
    assert "sophora_session" not in client.cookies, "the link itself signs nobody in"
    assert stored(select(func.count(UserSession.token_hash))) == 0
    assert client.get(path).status_code == client.post(path, data={"new_password": NEW}).status_code == 404
    assert client.post("/sign-in", data={"name": "Hao", "password": NEW}).status_code == 303


def test_a_mail_says_that_the_password_was_changed_however_it_was(
    client: TestClient, session: Session, postbox: Postbox, hao: User
) -> None:
    client.post(fresh_link(session, hao), data={"new_password": NEW})
    delivery.deliver_mail()
    assert postbox.received[0]["Subject"] == "Your password was changed · Sophora"
    client.post("/sign-in", data={"name": "Hao", "password": NEW})
    client.post("/settings/password", data={"password": NEW, "new_password": PASSWORD})
    delivery.deliver_mail()
    assert len(postbox.received) == 2 and "/lost-password" in plain(postbox.received[1])


def test_known_and_unknown_names_get_the_same_answer_and_leave_the_same_behind(
    client: TestClient, postbox: Postbox, hao: User
) -> None:
    assert ask(client, "Hao") == ask(client, "Nobody here")
    with db.session_scope(writes=False) as session:
        kept = [(mail.kind, mail.user_id, mail.failures) for mail in session.scalars(select(AccountMail))]
    assert kept == [("reset", None, 0)] * 2
    assert delivery.deliver_mail() == 1
    assert stored(select(func.count(AccountMail.id))) == 0


@pytest.mark.parametrize(
    "values", [{"confirmed_at": None}, {"stopped_at": now()}], ids=["unconfirmed", "stopped"]
)
def test_no_link_goes_to_an_address_that_is_not_confirmed_or_wants_no_mail(
    client: TestClient, postbox: Postbox, hao: User, values: dict[str, object]
) -> None:
    with db.session_scope() as session:
        session.execute(update(MailAddress).values(**values))
    ask(client, "Hao")
    assert delivery.deliver_mail() == 0
    assert stored(select(func.count(ResetLink.token_hash))) == 0


def test_a_stranger_who_asks_again_and_again_sends_three_mails_and_voids_none(
    client: TestClient, postbox: Postbox, hao: User
) -> None:
    for _ in range(6):
        ask(client, "Hao")
    assert delivery.deliver_mail() == 3
    for message in postbox.received:
        assert client.get(link(message, "password-resets")).status_code == 200
    client.post(link(postbox.received[0], "password-resets"), data={"new_password": NEW})
    assert client.get(link(postbox.received[1], "password-resets")).status_code == 404, "all end with one"


def test_what_one_address_may_ask_for_has_a_limit(
    client: TestClient, postbox: Postbox, configure: Callable[..., None]
) -> None:
    configure(rate_limits="true")
    states = [client.post("/lost-password", data={"name": f"n{n}"}).status_code for n in range(61)]
    assert states == [200] * 60 + [429]


def test_a_request_waits_while_the_mail_server_refuses_and_is_dropped_when_too_late(
    client: TestClient, postbox: Postbox, hao: User
) -> None:
    ask(client, "Hao")
    postbox.refusal = "451 later"
    assert delivery.deliver_mail() == 0
    with db.session_scope() as session:
        session.execute(update(AccountMail).values(due_at=now()))
    postbox.refusal = None
    assert delivery.deliver_mail() == 1
    ask(client, "Hao")
    with db.session_scope() as session:
        session.execute(update(AccountMail).values(created_at=now() - timedelta(hours=1)))
    assert delivery.deliver_mail() == 0


def test_a_link_ends_by_the_databases_clock(client: TestClient, session: Session, hao: User) -> None:
    path = fresh_link(session, hao)
    session.execute(update(ResetLink).values(expires_at=database_now(-1)))
    session.commit()
    assert client.get(path).status_code == client.post(path, data={"new_password": NEW}).status_code == 404


@pytest.mark.parametrize("new", ["kurz", "password123", "haohaohao"])
def test_a_password_that_is_refused_uses_up_no_link(
    client: TestClient, session: Session, hao: User, new: str
) -> None:
    path = fresh_link(session, hao)
    answer = client.post(path, data={"new_password": new})
    assert answer.status_code == 422
    assert "field-error" in answer.text and new not in answer.text
    assert client.post(path, data={"new_password": NEW}).status_code == 303


def test_another_site_cannot_send_the_form(client: TestClient, session: Session, hao: User) -> None:
    path = fresh_link(session, hao)
    for address, data in ((path, {"new_password": NEW}), ("/lost-password", {"name": "Hao"})):
        assert client.post(address, data=data, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_only_a_hash_of_the_token_is_stored(session: Session, hao: User) -> None:
    token = fresh_link(session, hao).rpartition("/")[2]
    assert stored(select(ResetLink.token_hash)) == hash_token(token)


def test_without_a_mail_server_the_page_says_whom_to_ask_and_takes_nothing(
    client: TestClient, hao: User
) -> None:
    client.cookies.set("language", "en", domain="127.0.0.1", path="/")
    page = client.get("/lost-password").text
    assert "an admin can make you a link" in page and 'name="name"' not in page
    ask(client, "Hao")
    assert stored(select(func.count(AccountMail.id))) == 0


def test_an_admins_link_is_shown_once_kept_by_no_browser_and_in_the_journal(
    client: TestClient, session: Session, hao: User
) -> None:
    enter(client, session, make_user(session, "Teacher", Role.ADMIN))
    answer = client.post(f"/admin/people/{hao.id}/reset-links")
    assert answer.headers["cache-control"] == "no-store"
    path = urlsplit(re.search(r"http://[^<\s]+/password-resets/[\w-]+", answer.text)[0]).path
    token = path.rpartition("/")[2]
    assert token not in client.get(f"/admin/people/{hao.id}").text
    assert stored(select(Act.kind)) == "reset-link" and token not in str(stored(select(Act.details)))
    client.cookies.clear()
    assert client.post(path, data={"new_password": NEW}).status_code == 303


def test_a_newer_link_of_an_admin_ends_the_older_and_leaves_those_in_the_mail(
    client: TestClient, session: Session, hao: User
) -> None:
    older, mailed = fresh_link(session, hao), fresh_link(session, hao, resets.MAIL)
    newer = fresh_link(session, hao)
    assert [client.get(path).status_code for path in (older, mailed, newer)] == [404, 200, 200]


@pytest.mark.parametrize("role", [Role.STUDENT, Role.LECTURER])
def test_nobody_but_an_admin_makes_a_link(
    client: TestClient, session: Session, hao: User, role: Role
) -> None:
    enter(client, session, make_user(session, role=role))
    assert client.post(f"/admin/people/{hao.id}/reset-links").status_code == 403
    assert client.get(f"/admin/people/{hao.id}").status_code == 403


def test_an_admin_makes_no_link_for_their_own_account(client: TestClient, session: Session) -> None:
    admin = make_user(session, "Teacher", Role.ADMIN)
    enter(client, session, admin)
    assert client.post(f"/admin/people/{admin.id}/reset-links").status_code == 409


def test_a_command_prints_a_link_and_says_it_where_there_is_no_such_account(
    client: TestClient, hao: User
) -> None:
    told = CliRunner().invoke(cli, ["reset-password", "hao"])
    assert told.exit_code == 0
    assert client.get(urlsplit(told.stdout.strip()).path).status_code == 200
    assert CliRunner().invoke(cli, ["reset-password", "nobody"]).exit_code == 1


def test_a_name_that_grows_when_it_is_folded_is_asked_for_as_any_other(
    client: TestClient, postbox: Postbox
) -> None:
    name = "\ufdfa" * 150
    assert len(name_key(name)) > 200
    ask(client, name)
    assert delivery.deliver_mail() == 0
