"""Mail servers that refuse, are unreachable, or require a password."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from app.accounts.models import User
from app.core import db
from app.core.clock import now
from app.core.config import Settings
from app.notifications import addresses, delivery, smtp
from app.notifications.models import MailAddress
from tests.integration.notifications.postbox import ADDRESS, Postbox, address_of, after, free_port
from tests.integration.people import person, say

CERTIFICATE = Path(__file__).parent / "localhost.pem"


def readers(number: int, teller: User) -> list[User]:
    """`number` readers, each with an address and something to be mailed."""
    people = [person(f"reader {place}") for place in range(number)]
    with db.session_scope() as session:
        for place, reader in enumerate(people):
            address = f"r{place}@example.org"
            session.add(MailAddress(user_id=reader.id, address=address, language="en", confirmed_at=now()))
    for reader in people:
        say(teller, to=say(reader))
    return people


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


def test_an_address_that_is_refused_for_now_again_and_again_is_left_alone(
    postbox: Postbox, reader: User, ming: User
) -> None:
    say(ming, to=say(reader))
    postbox.refusal = "451 later, please"
    for number in range(delivery.MOST_FAILURES):
        assert address_of(reader).stopped_at is None
        after(10 * number + 11)
        delivery.deliver_mail()
    assert address_of(reader).stopped_at


@pytest.mark.parametrize("command", ["MAIL", "DATA"])
def test_a_server_that_refuses_the_sender_or_the_mail_is_no_fault_of_the_address(
    postbox: Postbox, reader: User, ming: User, command: str
) -> None:
    say(ming, to=say(reader))
    postbox.refusal, postbox.refuses = "550 not from you", command
    for number in range(3):
        after(10 * number + 11)
        assert delivery.deliver_mail() == 0
    assert address_of(reader).stopped_at is None
    postbox.refusal = None
    after(60)
    assert delivery.deliver_mail() == 1


def test_a_mail_that_is_refused_again_and_again_is_given_up_and_the_next_one_goes_out(
    postbox: Postbox, reader: User, ming: User
) -> None:
    say(ming, "words that no server likes", to=say(reader))
    postbox.refusal, postbox.refuses = "554 looks like spam", "DATA"
    for number in range(delivery.MOST_FAILURES):
        after(10 * number + 11)
        delivery.deliver_mail()
    postbox.refusal = None
    after(600)
    assert delivery.deliver_mail() == 0
    assert address_of(reader).stopped_at is None
    say(ming, to=say(reader))
    after(11)
    assert delivery.deliver_mail() == 1


def test_when_the_sender_is_refused_the_round_ends(postbox: Postbox, ming: User) -> None:
    people = readers(3, ming)
    after(11)
    postbox.refusal, postbox.refuses = "550 not from you", "MAIL"
    delivery.deliver_mail()
    postbox.refusal = None
    assert delivery.deliver_mail() == 2, "one has been tried, and is tried again later"
    after(11)
    assert delivery.deliver_mail() == 1
    assert [address_of(reader).failures for reader in people] == [0] * 3


@pytest.mark.parametrize("farewell", [None, "MAIL", "RCPT", "DATA"])
def test_a_server_that_leaves_in_between_counts_against_nobody_and_loses_nothing(
    postbox: Postbox, ming: User, farewell: str | None
) -> None:
    people = readers(5, ming)
    after(11)

    def leave() -> bool:
        """At the second mail, silently or in response to a command."""
        if farewell and postbox.received:
            postbox.refusal, postbox.refuses = "421 closing", farewell
        return bool(farewell or not postbox.received)

    postbox.meanwhile = leave
    assert delivery.deliver_mail() == 1
    postbox.meanwhile, postbox.refusal = lambda: None, None
    assert [address_of(reader).failures for reader in people] == [0] * 5
    assert delivery.deliver_mail() == 3, "one has been tried, and is tried again later"
    after(11)
    assert delivery.deliver_mail() == 1
    assert sorted(postbox.recipients) == [f"r{place}@example.org" for place in range(5)]


def forget(user: User) -> None:
    with db.session_scope() as session:
        addresses.forget_address(session, session.get_one(User, user.id))


def change_address(user: User) -> None:
    with db.session_scope() as session:
        addresses.set_address(session, session.get_one(User, user.id), "other@example.org")
        session.get_one(MailAddress, user.id).confirmation_due_at = None


def remove(user: User) -> None:
    with db.session_scope() as session:
        session.delete(session.get_one(User, user.id))


@pytest.mark.parametrize("change", [forget, change_address, remove])
def test_an_address_that_goes_before_its_mail_does_holds_up_nobody(
    postbox: Postbox, ming: User, monkeypatch: pytest.MonkeyPatch, change: Callable[[User], None]
) -> None:
    people, claim = readers(3, ming), delivery.claim_digest

    def claim_and_change(user_id: Any) -> delivery.Claimed | None:
        claimed = claim(user_id)
        if user_id == people[0].id:
            change(people[0])
        return claimed

    monkeypatch.setattr(delivery, "claim_digest", claim_and_change)
    after(11)
    assert delivery.deliver_mail() == 2
    assert sorted(postbox.recipients) == ["r1@example.org", "r2@example.org"]


@pytest.mark.parametrize("refusal", [None, "550 no such mailbox"])
@pytest.mark.parametrize("change", [forget, change_address, remove])
def test_an_address_that_goes_while_its_mail_does_harms_nothing(
    postbox: Postbox, reader: User, ming: User, change: Callable[[User], None], refusal: str | None
) -> None:
    say(ming, to=say(reader))
    after(11)
    postbox.refusal, postbox.meanwhile = refusal, lambda: change(reader)
    assert delivery.deliver_mail() == (0 if refusal else 1)
    if change is change_address:
        assert (address_of(reader).stopped_at, address_of(reader).failures) == (None, 0)


def test_a_server_that_is_away_loses_nothing(
    postbox: Postbox,
    reader: User,
    ming: User,
    configure: Callable[..., None],
) -> None:
    from app.core.config import get_settings

    url = get_settings().smtp_url
    say(ming, to=say(reader))
    after(11)
    configure(smtp_url=f"smtp://127.0.0.1:{free_port()}")
    assert delivery.deliver_mail() == 0
    configure(smtp_url=url)
    assert delivery.deliver_mail() == 1


# Passwords


@contextmanager
def server_with_password(box: Postbox, **options: Any) -> Iterator[tuple[int, list[tuple[bytes, bytes]]]]:
    """Its port, and the commands received. Accepts passwords without TLS, too."""
    seen: list[tuple[bytes, bytes]] = []

    def authenticator(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        seen.append((data.login, data.password))
        return AuthResult(success=True)

    options = {"authenticator": authenticator, "auth_require_tls": False, **options}
    controller = Controller(box, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    yield controller.port, seen
    controller.stop()


def test_a_password_is_given_to_the_server(configure: Callable[..., None], reader: User, ming: User) -> None:
    with server_with_password(Postbox()) as (port, seen):
        configure(smtp_url=f"smtp://class:se%40cret@127.0.0.1:{port}")
        say(ming, to=say(reader))
        after(11)
        assert delivery.deliver_mail() == 1
    assert seen == [(b"class", b"se@cret")]


def test_no_password_goes_out_in_the_clear_but_to_this_machine(
    configure: Callable[..., None], reader: User, ming: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "LOCAL", set())
    with server_with_password(Postbox()) as (port, seen):
        configure(smtp_url=f"smtp://class:secret@127.0.0.1:{port}")
        say(ming, to=say(reader))
        after(11)
        assert delivery.deliver_mail() == 0
    assert seen == []


@pytest.mark.parametrize("is_trusted", [True, False])
def test_where_the_server_has_tls_password_and_mail_go_through_it_if_its_certificate_is_trusted(
    configure: Callable[..., None],
    reader: User,
    ming: User,
    monkeypatch: pytest.MonkeyPatch,
    is_trusted: bool,
) -> None:
    monkeypatch.setattr(smtp, "LOCAL", set())
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    box = Postbox()
    with server_with_password(box, tls_context=context, require_starttls=True) as (port, seen):
        configure(smtp_url=f"smtp://class:secret@127.0.0.1:{port}")
        say(ming, to=say(reader))
        after(11)
        assert delivery.deliver_mail() == is_trusted
    assert seen == ([(b"class", b"secret")] if is_trusted else [])
    assert box.recipients == ([ADDRESS] if is_trusted else [])


@pytest.mark.parametrize("sender", ["", "Sophora", "sophora@"])
def test_a_mail_server_without_a_sender_is_refused_at_the_start(sender: str) -> None:
    with pytest.raises(ValueError, match="SOPHORA_MAIL_FROM"):
        Settings(smtp_url="smtp://127.0.0.1", mail_from=sender)
