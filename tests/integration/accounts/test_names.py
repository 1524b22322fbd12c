"""Names: renaming, reserving the old one for a while, and no two that readers could confuse."""

from datetime import timedelta
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import HeldName, Role, User
from app.accounts.names import masked
from app.board import places
from app.board.service import post
from app.core import db
from app.core.database_clock import database_now
from app.journal.models import Act
from tests.factories import PASSWORD, make_user, sign_up
from tests.integration.conftest import enter
from tests.integration.profiles.rows import HASH


def rename(client: TestClient, name: str, password: str = PASSWORD) -> int:
    return client.post("/settings/renaming", data={"name": name, "name_password": password}).status_code


def can_sign_up(client: TestClient, name: str) -> bool:
    client.cookies.clear()
    return client.post("/sign-up", data={"name": name, "password": PASSWORD}).status_code == 303


def can_sign_in(client: TestClient, name: str) -> bool:
    client.cookies.clear()
    return client.post("/sign-in", data={"name": name, "password": PASSWORD}).status_code == 303


def test_one_signs_in_with_the_new_name_and_the_old_one_is_nobody_elses(client: TestClient) -> None:
    sign_up(client, "Hao")
    assert rename(client, "Wang Hao") == 303
    assert not can_sign_in(client, "Hao")
    assert can_sign_in(client, "Wang Hao")
    assert not can_sign_up(client, "Hao") and not can_sign_up(client, "H\u0430o"), (
        "nor one that looks like it"
    )


def test_who_gave_a_name_up_may_have_it_back_at_once(client: TestClient) -> None:
    sign_up(client, "Hao")
    for name in ("Wang Hao", "Hao", "Wang Hao", "Hao"):
        assert rename(client, name) == 303


def test_after_a_while_a_name_that_was_given_up_is_free(client: TestClient) -> None:
    sign_up(client, "Hao")
    rename(client, "Wang Hao")
    with db.session_scope() as session:
        session.execute(update(HeldName).where(HeldName.name == "Hao").values(free_at=database_now(-1)))
    assert can_sign_up(client, "Hao")


def test_one_holds_no_more_than_three_names_that_one_gave_up(client: TestClient) -> None:
    sign_up(client, "first name")
    answers = [rename(client, name) for name in ("second name", "third name", "fourth name", "fifth name")]
    assert answers == [303, 303, 303, 422]
    assert rename(client, "second name") == 303


@pytest.mark.parametrize(
    "name", ["Lecturer Lin", "admin", "L\u0456n Teach", "a\u202eb", "M\u0456ng", "ming", "x"]
)
def test_a_new_name_is_refused_as_at_sign_up(client: TestClient, session: Session, name: str) -> None:
    make_user(session, "Lin Teach", Role.LECTURER)
    session.commit()
    sign_up(client, "Ming")
    sign_up(client, "Hao")
    assert rename(client, name) == 422
    assert can_sign_in(client, "Hao")


def test_a_name_is_changed_by_who_knows_the_password_alone(client: TestClient) -> None:
    sign_up(client, "Hao")
    assert rename(client, "Wang Hao", "not my password") == 422
    assert can_sign_in(client, "Hao")


def test_a_name_that_says_the_password_is_refused(client: TestClient) -> None:
    sign_up(client, "Hao")
    assert rename(client, PASSWORD) == 422


def test_mentions_and_links_keep_working_under_the_new_name(client: TestClient, session: Session) -> None:
    hao = make_user(session, "Hao")
    hao.password_hash, hao.shows_name = HASH, True
    reader = make_user(session, "Reader")
    session.commit()
    with db.session_scope() as writing:
        author = writing.get_one(User, reader.id)
        post(writing, author, places.CLASS, f"See what @[Hao](user:{hao.id}) has found", "k", 60)
    enter(client, session, hao)
    assert rename(client, "Haoyu") == 303
    board = client.get("/board").text
    assert ">@Haoyu</a>" in board or "@Haoyu" in board
    assert "@Hao " not in board
    assert "Haoyu" in client.get(f"/people/{hao.id}").text


def test_an_admin_sees_what_somebody_was_called_and_nobody_else_does(
    client: TestClient, session: Session
) -> None:
    sign_up(client, "Former Name")
    rename(client, "Present")
    with db.session_scope(writes=False) as reading:
        person = reading.scalar(select(User.id))
    assert isinstance(person, UUID)
    enter(client, session, make_user(session, "Teacher", Role.ADMIN))
    assert "Former Name" in client.get(f"/admin/people/{person}").text
    assert "Former Name" not in client.get(f"/people/{person}").text


def test_what_the_journal_says_of_somebody_is_forgotten_under_every_name(
    client: TestClient, session: Session
) -> None:
    sign_up(client, "Hao")
    with db.session_scope(writes=False) as reading:
        hao = reading.scalar(select(User))
    admin = make_user(session, "Teacher", Role.ADMIN)
    own = dict(client.cookies)
    enter(client, session, admin)
    client.post(f"/admin/people/{hao.id}/role", data={"role": "lecturer"})
    client.post(f"/admin/people/{hao.id}/role", data={"role": "student"})
    client.cookies.clear()
    client.cookies.update(own)
    rename(client, "Wang Hao")
    client.post("/settings/account-deletion", data={"deletion_password": PASSWORD})
    with db.session_scope(writes=False) as reading:
        assert set(reading.scalars(select(Act.subject))) == {""}


@pytest.mark.parametrize(
    ("known", "twin"),
    [
        ("Ren\u00e9", "Rene\u0301"),
        ("Ming", "M\u0456ng"),
        ("paul", "pau1"),
        ("小昊", "小 昊"),
        ("Ｍｅｉ", "mei"),
    ],
    ids=["decomposed", "Cyrillic", "digit", "space", "wide"],
)
def test_no_two_accounts_have_names_that_a_reader_takes_for_one(
    client: TestClient, known: str, twin: str
) -> None:
    sign_up(client, known)
    assert not can_sign_up(client, twin)


def test_names_of_signs_alone_are_told_apart(client: TestClient) -> None:
    sign_up(client, "\U0001f43c\U0001f43c")
    assert can_sign_up(client, "\U0001f33f\U0001f33f")


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("Li 👩‍👩‍👧", "👩‍👩‍👧"),
        ("Li 👍🏽", "👍🏽"),
        ("Li 🇨🇳", "🇨🇳"),
        ("Jose\u0301", "e\u0301"),
        ("स्त्री", None),
        ("กำ", "กำ"),
    ],
)
def test_a_masked_name_ends_in_a_whole_character(name: str, last: str | None) -> None:
    shown = masked(name)
    assert shown.startswith("*")
    if last:
        assert shown == f"*{last}"
    else:
        assert len(shown) > 2, "a vowel sign does not stand alone"


def test_a_former_names_days_are_counted(session: Session) -> None:
    from app.accounts import service

    user = service.sign_up(session, "Hao", "-")
    service.rename(session, user, "Wang Hao")
    held = session.scalar(select(HeldName).where(HeldName.name == "Hao"))
    assert held.free_at - user.created_at > timedelta(days=service.FORMER_NAME_DAYS - 1)
