"""Withdrawn likes and cheers, and deleted accounts: their notifications follow."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from app.accounts.models import User
from app.accounts.passwords import hash_password
from app.accounts.proofs import Proof
from app.core import db
from app.notifications import delivery
from app.notifications.models import Kind, Way
from app.notifications.service import mark_read
from app.profiles.deletion import delete_account
from tests.factories import PASSWORD
from tests.integration.notifications.happenings import cheer, make_check_in, take_like_back
from tests.integration.notifications.pages import page
from tests.integration.notifications.postbox import Postbox, after
from tests.integration.people import choose, kinds, like, person, say, told, unread

pytestmark = pytest.mark.usefixtures("redis", "in_english")

HASH = hash_password(PASSWORD)
# Does a user's act, or undoes it: act(user), act(user, on=False).
Act = Callable[..., None]


@pytest.fixture(params=["like", "cheer"])
def act(request: pytest.FixtureRequest, hao: User) -> Act:
    """On something of 小昊's."""
    if request.param == "cheer":
        check_in = make_check_in(hao)
        return lambda user, *, on=True: cheer(user, check_in, on=on)
    comment = say(hao)
    return lambda user, *, on=True: (like if on else take_like_back)(user, comment)


def read_all(user: User) -> None:
    with db.session_scope() as session:
        mark_read(session, session.get_one(User, user.id))


def delete_account_of(user: User) -> None:
    with db.session_scope() as session:
        own = session.get_one(User, user.id)
        own.password_hash = HASH
        session.flush()
        delete_account(session, own, Proof(True, HASH))


def actors(user: User) -> list[str]:
    (notification,) = told(user)
    return notification.actors


def test_what_one_alone_did_and_took_back_was_never_told(act: Act, hao: User, ming: User) -> None:
    act(ming)
    act(ming, on=False)
    assert told(hao) == []
    assert unread(hao) == 0


def test_who_takes_it_back_is_counted_no_more(client: TestClient, act: Act, hao: User, ming: User) -> None:
    rui = person("Rui")
    for fan in (ming, rui):
        act(fan)
    act(rui, on=False)
    assert actors(hao) == [str(ming.id)]
    text = page(client, hao)
    assert "*g like" in text or "*g cheer" in text
    assert "*i" not in text and "other" not in text[text.index("told-words") : text.index("told-time")]
    assert unread(hao) == 1


def test_what_was_read_and_then_taken_back_is_not_shown_any_more(
    client: TestClient, act: Act, hao: User, ming: User
) -> None:
    act(ming)
    read_all(hao)
    act(ming, on=False)
    assert "told-entry" not in page(client, hao)


def test_what_was_read_taken_back_and_done_again_is_shown_but_is_no_news(
    client: TestClient, act: Act, hao: User, ming: User
) -> None:
    act(ming)
    read_all(hao)
    for _ in range(2):
        act(ming, on=False)
        act(ming)
    assert unread(hao) == 0
    assert "*g" in page(client, hao)


def test_somebody_else_is_news_after_all_have_taken_it_back(
    client: TestClient, act: Act, hao: User, ming: User
) -> None:
    act(ming)
    read_all(hao)
    act(ming, on=False)
    act(person("Rui"))
    assert unread(hao) == 1
    text = page(client, hao)
    assert "*i" in text and "*g" not in text


def test_what_is_taken_back_within_the_ten_minutes_is_not_mailed(
    postbox: Postbox, reader: User, act: Act, ming: User
) -> None:
    for kind in (Kind.LIKE, Kind.CHEER):
        choose(reader, kind, Way.MAIL)
    act(ming)
    act(ming, on=False)
    after(11)
    assert delivery.deliver_mail() == 0


def test_what_is_done_and_taken_back_again_and_again_is_mailed_once(
    postbox: Postbox, reader: User, act: Act, ming: User
) -> None:
    for kind in (Kind.LIKE, Kind.CHEER):
        choose(reader, kind, Way.MAIL)
    for _ in range(3):
        act(ming)
        after(120)
        delivery.deliver_mail()
        act(ming, on=False)
    assert len(postbox.received) == 1


def test_accounts_of_those_who_took_it_back_and_who_did_not_can_go(act: Act, hao: User, ming: User) -> None:
    rui = person("Rui")
    for fan in (ming, rui):
        act(fan)
    read_all(hao)
    act(ming, on=False)
    delete_account_of(ming)
    assert actors(hao) == [str(rui.id)]
    assert str(ming.id) not in str([(row.actors, row.details) for row in told(hao)])
    delete_account_of(rui)
    assert kinds(hao) == []


def test_an_account_that_is_gone_is_never_named_again(act: Act, hao: User, ming: User) -> None:
    """Rows of earlier releases may name one."""
    rui = person("Rui")
    for fan in (ming, rui):
        act(fan)
    with db.session_scope() as session:
        own = session.merge(told(hao)[0])
        own.actors = ["00000000-0000-4000-8000-000000000000", *own.actors]
    delete_account_of(rui)
    assert actors(hao) == [str(ming.id)]
