"""Mail, from a notification to a real SMTP server on this machine: what goes out, when, to whom, and how it ends."""

import email
import re
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from aiosmtpd.smtp import Session as SmtpSession
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import db
from app.accounts.models import Role, User
from app.board import moderation
from app.board.models import Comment
from app.clock import now
from app.config import Settings
from app.jobs.models import JobState
from app.notifications import delivery
from app.notifications.models import Kind, MailAddress, Notification, NotificationChoice, Way
from app.notifications.service import mark_read
from app.signals import job_ended
from tests.factories import make_job
from tests.integration.conftest import enter
from tests.integration.people import choose, decide, like, person, say, somebody

ADDRESS = "hao@example.org"

hao = somebody("小昊")
ming = somebody("Ming")
lecturer = somebody("Lecturer Lin", Role.LECTURER)


@dataclass
class Postbox:
    """A real SMTP server that keeps what it gets, or answers as `refusal` says."""

    received: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    refusal: str | None = None

    async def handle_RCPT(
        self, _server: Any, _session: SmtpSession, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: SmtpSession, envelope: Envelope) -> str:
        self.received.append(email.message_from_bytes(envelope.content, policy=default))  # type: ignore[arg-type]
        self.recipients += envelope.rcpt_tos
        return "250 OK"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def postbox(configure: Callable[..., None], redis: None) -> Iterator[Postbox]:
    """The mail server that the settings name."""
    box, port = Postbox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    configure(smtp_url=f"smtp://127.0.0.1:{port}", mail_from="Sophora <sophora@example.org>")
    yield box
    controller.stop()


@pytest.fixture
def reader(database: str, postbox: Postbox, hao: User) -> User:
    """小昊, with a confirmed address, in English."""
    with db.session_scope() as session:
        session.add(MailAddress(user_id=hao.id, address=ADDRESS, language="en", confirmed_at=now()))
    return hao


def after(minutes: float) -> None:
    """As if so much time had passed for all mail that waits."""
    with db.session_scope() as session:
        earlier = timedelta(minutes=minutes)
        for told in session.scalars(select(Notification).where(Notification.mail_due_at.is_not(None))):
            told.mail_due_at -= earlier
        for mail in session.scalars(select(MailAddress)):
            mail.mailed_at = mail.mailed_at and mail.mailed_at - earlier
            mail.confirmation_due_at = mail.confirmation_due_at and mail.confirmation_due_at - earlier


def sent(box: Postbox) -> str:
    """The plain text of the one mail that came."""
    assert len(box.received) == 1
    return plain(box.received[0])


def plain(message: EmailMessage) -> str:
    return message.get_body(("plain",)).get_content()


def html(message: EmailMessage) -> str:
    return message.get_body(("html",)).get_content()


def address_of(user: User) -> MailAddress:
    with db.session_scope(writes=False) as session:
        return session.get_one(MailAddress, user.id)


def link(message: EmailMessage, name: str) -> str:
    """The path of a link in a mail, as a reader follows it."""
    return urlsplit(re.search(rf"http://\S+/{name}/\S+", plain(message))[0]).path


# The digest


def test_a_digest_says_what_happened_in_plain_text_and_html_with_masked_names(
    postbox: Postbox,
    reader: User,
    ming: User,
) -> None:
    reply = say(ming, "here is how I did it & <why>", to=say(reader))
    after(11)
    assert delivery.deliver_mail() == 1
    text = sent(postbox)
    message = postbox.received[0]
    assert "*g replied to you." in text and "here is how I did it & <why>" in text
    assert f"http://127.0.0.1:8000/comments/{reply.id}" in text
    assert "*g replied to you." in html(message) and "&amp; &lt;why&gt;" in html(message)
    assert "Ming" not in text + html(message)
    assert (message["To"], message["From"]) == (ADDRESS, "Sophora <sophora@example.org>")
    assert message["Subject"] == "1 piece of news · Sophora"
    assert message["Message-ID"].endswith("@example.org>") and message["Date"]
    assert message["Auto-Submitted"] == "auto-generated"


def test_mail_speaks_the_readers_language(postbox: Postbox, reader: User, ming: User) -> None:
    from app.i18n import current_language, gettext

    with db.session_scope() as session:
        session.get_one(MailAddress, reader.id).language = "zh"
    say(ming, to=say(reader))
    after(11)
    token = current_language.set("en")
    delivery.deliver_mail()
    assert current_language.get() == "en"
    current_language.set("zh")
    expected = gettext("{name} replied to you.").format(name="*g")
    current_language.reset(token)
    assert expected in sent(postbox)
    assert 'lang="zh-Hans"' in html(postbox.received[0])


def test_mail_is_held_back_ten_minutes(postbox: Postbox, reader: User, ming: User) -> None:
    say(ming, to=say(reader))
    after(9)
    assert delivery.deliver_mail() == 0
    after(1)
    assert delivery.deliver_mail() == 1


def test_an_edit_within_the_ten_minutes_goes_out_edited(postbox: Postbox, reader: User, ming: User) -> None:
    reply = say(ming, "the first wording of it", to=say(reader))
    with db.session_scope() as session:
        session.get_one(Comment, reply.id).body = "the second wording of it"
    after(11)
    delivery.deliver_mail()
    assert "second wording" in sent(postbox) and "first wording" not in sent(postbox)


def test_a_comment_deleted_within_the_ten_minutes_is_not_mailed(
    postbox: Postbox,
    reader: User,
    ming: User,
) -> None:
    reply = say(ming, to=say(reader))
    with db.session_scope() as session:
        moderation.delete(session, session.get_one(User, ming.id), reply.id)
    after(11)
    assert delivery.deliver_mail() == 0
    assert postbox.received == []


def test_what_was_read_on_the_page_is_not_mailed(postbox: Postbox, reader: User, ming: User) -> None:
    say(ming, to=say(reader))
    with db.session_scope() as session:
        mark_read(session, session.get_one(User, reader.id))
    after(11)
    assert delivery.deliver_mail() == 0


def test_all_that_is_due_is_gathered_in_one_mail(postbox: Postbox, reader: User, ming: User) -> None:
    for number in range(3):
        say(ming, f"thought number {number}", to=say(reader))
    after(11)
    delivery.deliver_mail()
    assert all(f"thought number {number}" in sent(postbox) for number in range(3))
    assert postbox.received[0]["Subject"] == "3 pieces of news · Sophora"


def test_an_hour_lies_between_two_mails_to_the_same_reader(
    postbox: Postbox, reader: User, ming: User
) -> None:
    for minutes, mails in ((11, 1), (30, 1), (31, 2)):
        say(ming, to=say(reader))
        after(minutes)
        delivery.deliver_mail()
        assert len(postbox.received) == mails


def test_the_same_is_never_mailed_twice(postbox: Postbox, reader: User, ming: User) -> None:
    say(ming, to=say(reader))
    for _ in range(3):
        after(120)
        delivery.deliver_mail()
    assert len(postbox.received) == 1


def test_two_workers_send_nothing_twice(postbox: Postbox, reader: User, ming: User) -> None:
    for number in range(3):
        fan = person(f"reader {number}")
        with db.session_scope() as session:
            session.add(
                MailAddress(
                    user_id=fan.id, address=f"r{number}@example.org", language="en", confirmed_at=now()
                )
            )
        say(ming, to=say(fan))
    say(ming, to=say(reader))
    after(11)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: delivery.deliver_mail(), range(4)))
    assert sorted(postbox.recipients) == [ADDRESS, "r0@example.org", "r1@example.org", "r2@example.org"]


@pytest.mark.parametrize(("way", "mails"), [(Way.MAIL, 1), (Way.PAGE, 0), (Way.NONE, 0)])
def test_each_kind_goes_the_way_its_reader_chose(
    postbox: Postbox,
    reader: User,
    ming: User,
    way: Way,
    mails: int,
) -> None:
    choose(reader, Kind.LIKE, way)
    like(ming, say(reader))
    after(11)
    assert delivery.deliver_mail() == mails


def test_a_way_by_mail_taken_back_holds_what_waits(
    client: TestClient,
    session: Session,
    postbox: Postbox,
    reader: User,
    ming: User,
) -> None:
    say(ming, to=say(reader))
    enter(client, session, reader)
    client.post("/settings/notifications", data={"reply": "page"})
    after(11)
    assert delivery.deliver_mail() == 0


def test_a_decision_of_a_moderator_and_an_ended_training_are_mailed(
    postbox: Postbox,
    reader: User,
    lecturer: User,
) -> None:
    decide(lecturer, say(reader), moderation.Decision.REJECT, "off the subject")
    with db.session_scope() as session:
        job_ended.send(session, job=make_job(session, reader, state=JobState.FAILED))
    after(11)
    delivery.deliver_mail()
    assert "off the subject" in sent(postbox) and "has failed" in sent(postbox)
    assert "Lin" not in sent(postbox)


def test_without_a_mail_server_nothing_waits_for_one(
    postbox: Postbox,
    reader: User,
    ming: User,
    configure: Callable[..., None],
) -> None:
    configure(smtp_url="")
    say(ming, to=say(reader))
    after(11)
    assert delivery.deliver_mail() == 0
    with db.session_scope(writes=False) as session:
        assert session.scalars(select(Notification.mail_due_at)).all() == [None]


# Failures


def test_a_server_that_refuses_for_now_gets_it_later(postbox: Postbox, reader: User, ming: User) -> None:
    say(ming, to=say(reader))
    after(11)
    postbox.refusal = "451 later, please"
    assert delivery.deliver_mail() == 0
    postbox.refusal = None
    assert delivery.deliver_mail() == 0
    after(11)
    assert delivery.deliver_mail() == 1
    assert address_of(reader).failures == 0


def test_an_address_that_does_not_exist_is_left_alone(postbox: Postbox, reader: User, ming: User) -> None:
    say(ming, to=say(reader))
    after(11)
    postbox.refusal = "550 no such mailbox"
    delivery.deliver_mail()
    postbox.refusal = None
    say(ming, to=say(reader))
    after(600)
    assert delivery.deliver_mail() == 0
    assert address_of(reader).stopped_at


def test_a_server_that_is_away_loses_nothing(
    postbox: Postbox,
    reader: User,
    ming: User,
    configure: Callable[..., None],
) -> None:
    from app.config import get_settings

    url = get_settings().smtp_url
    say(ming, to=say(reader))
    after(11)
    configure(smtp_url=f"smtp://127.0.0.1:{free_port()}")
    assert delivery.deliver_mail() == 0
    configure(smtp_url=url)
    assert delivery.deliver_mail() == 1


def test_a_password_is_given_to_the_server(configure: Callable[..., None], reader: User, ming: User) -> None:
    seen: list[tuple[bytes, bytes]] = []

    def authenticator(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        seen.append((data.login, data.password))
        return AuthResult(success=True)

    box, port = Postbox(), free_port()
    controller = Controller(
        box, hostname="127.0.0.1", port=port, authenticator=authenticator, auth_require_tls=False
    )
    controller.start()
    configure(smtp_url=f"smtp://class:se%40cret@127.0.0.1:{port}")
    say(ming, to=say(reader))
    after(11)
    assert delivery.deliver_mail() == 1
    controller.stop()
    assert seen == [(b"class", b"se@cret")]


@pytest.mark.parametrize("sender", ["", "Sophora", "sophora@"])
def test_a_mail_server_without_a_sender_is_refused_at_the_start(sender: str) -> None:
    with pytest.raises(ValueError, match="SOPHORA_MAIL_FROM"):
        Settings(smtp_url="smtp://127.0.0.1", mail_from=sender)


# Addresses


@pytest.fixture
def signed_in(client: TestClient, session: Session, postbox: Postbox, hao: User) -> TestClient:
    client.cookies.set("language", "en", domain="127.0.0.1", path="/")
    enter(client, session, hao)
    return client


def give(client: TestClient, address: str = ADDRESS) -> int:
    return client.post("/settings/mail-address", data={"address": address}).status_code


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
    assert postbox.received[1]["Subject"] == "1 piece of news · Sophora"


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
    answer = signed_in.post("/settings/mail-address", data={"address": address})
    assert answer.status_code == 422
    assert "field-error" in answer.text
    with db.session_scope(writes=False) as session:
        assert session.get(MailAddress, hao.id) is None


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
    """As RFC 8058 has it: a mail program posts to the address in the header, without cookies or a form of ours."""
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
    assert "Stop all mail" in client.get(path).text
    assert address_of(reader).stopped_at is None
    assert "No more mail goes to" in client.post(path).text
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
    assert "no more mail" in signed_in.get("/settings/notifications").text
    assert give(signed_in) == 303
    assert address_of(reader).stopped_at is None


def test_with_a_mail_server_and_an_address_mail_can_be_chosen(signed_in: TestClient, reader: User) -> None:
    signed_in.post("/settings/notifications", data={"like": "mail", "reply": "page"})
    text = signed_in.get("/settings/notifications").text
    assert re.search(r'name="like" value="mail" checked', text)
    assert re.search(r'name="reply" value="page" checked', text)
    with db.session_scope(writes=False) as session:
        kept = {choice.kind: choice.way for choice in session.scalars(select(NotificationChoice))}
    assert kept == {Kind.LIKE: Way.MAIL, Kind.REPLY: Way.PAGE}, "only what differs from how it went is kept"


def test_the_worker_does_it_once_a_minute() -> None:
    from worker.celery_app import app

    entries = {entry["task"]: entry["schedule"] for entry in app.conf.beat_schedule.values()}
    assert entries[delivery.DELIVER_MAIL] == 60
    import worker.tasks  # noqa: F401

    assert delivery.DELIVER_MAIL in app.tasks
