"""Two students and a lecturer of a class that talks, and a mail server."""

from collections.abc import Callable, Iterator

import pytest
from aiosmtpd.controller import Controller

from app.accounts.models import Role, User
from app.core import db
from app.core.clock import now
from app.notifications.models import MailAddress
from tests.integration.notifications.postbox import ADDRESS, Postbox, free_port
from tests.integration.people import somebody

hao = somebody("小昊")
ming = somebody("Ming")
lecturer = somebody("Lecturer Lin", Role.LECTURER)


@pytest.fixture
def postbox(configure: Callable[..., None], redis: None) -> Iterator[Postbox]:
    """The configured mail server."""
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
