"""Mail servers that refuse, are away, or want a password."""

from collections.abc import Callable
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from app.accounts.models import User
from app.config import Settings
from app.notifications import delivery
from tests.integration.notifications.postbox import Postbox, address_of, after, free_port
from tests.integration.people import say


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
