from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts import service
from app.accounts.forms import SignUpForm
from app.accounts.lookalikes import is_kept
from app.accounts.models import Role, SetupLink, User
from app.core.clock import now
from app.core.config import get_settings
from tests.factories import PASSWORD, make_user, sign_up
from tests.integration.conftest import ON_SQLITE


def test_who_signs_up_is_signed_in_and_led_back_to_where_they_came_from(client: TestClient) -> None:
    answer = client.post("/sign-up", data={"name": "Hao", "password": PASSWORD, "next": "/progress"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/progress")
    assert "Hao" in client.get("/").text


def test_a_password_is_stored_as_an_argon2id_hash_only(client: TestClient, session: Session) -> None:
    name = sign_up(client)
    user = session.scalar(select(User).where(User.name == name))
    assert user.password_hash.startswith("$argon2id$")
    assert PASSWORD not in user.password_hash


def test_a_new_account_is_a_students(client: TestClient, session: Session) -> None:
    client.post("/sign-up", data={"name": "Hao", "password": PASSWORD, "role": "admin"})
    assert session.scalar(select(User.role)) == Role.STUDENT


@ON_SQLITE
@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("Hao", "password123"),
        ("Hao", "Password123"),
        ("Hao", "short"),
        ("Hao", "x" * 257),
        ("H", PASSWORD),
        ("H" * 41, PASSWORD),
        ("", PASSWORD),
    ],
    ids=[
        "common",
        "common in capitals",
        "short password",
        "long password",
        "short name",
        "long name",
        "no name",
    ],
)
def test_a_refused_account_leaves_a_sentence_at_the_field_and_no_account(
    client: TestClient, session: Session, name: str, password: str
) -> None:
    answer = client.post("/sign-up", data={"name": name, "password": password})
    assert answer.status_code == 422
    assert 'class="field-error"' in answer.text
    assert f'value="{name}"' in answer.text
    assert session.scalar(select(func.count(User.id))) == 0


UNSEEN = {
    "turned": "a\u202eb",
    "isolated": "a\u2066b",
    "invisible": "a\u200bb",
    "line": "a\nb",
    "private": "\ue000\ue001",
    "Hangul filler": "a\u3164b",
    "Hangul fillers of old": "a\u115f\u1160",
    "half-width filler": "ab\uffa0",
    "blank Braille": "\u2800\u2800",
    "grapheme joiner": "a\u034fb",
    "variation selector": "a\ufe01b",
    "emoji selector on a letter": "a\ufe0fb",
    "no-break space": "a\u00a0b",
    "object": "a\ufffcb",
    "joiner between letters": "a\u200db",
    "joiner at the end of a face": "ab\U0001f469\u200d",
    "non-joiner between Latin letters": "a\u200cb",
    "flag's tags without a flag": "ab\U000e0067\U000e0062\U000e007f",
    "stack of marks": "Z\u0300\u0301\u0302\u0303\u0304o",
    "stack of marks on composed letters": "\u1ea5\u0301\u0302b",
    "mark without a letter": "\u0301ab",
    "signs alone": "-_-",
    "one letter of two code points": "x\u0301",
}


@ON_SQLITE
@pytest.mark.parametrize("name", UNSEEN.values(), ids=UNSEEN)
def test_a_name_with_characters_that_hide_or_turn_text_is_refused(client: TestClient, name: str) -> None:
    answer = client.post("/sign-up", data={"name": name, "password": PASSWORD})
    assert answer.status_code == 422
    assert 'id="field-name-error"' in answer.text


def test_a_null_character_in_a_name_is_left_out(client: TestClient, session: Session) -> None:
    assert client.post("/sign-up", data={"name": "a\x00bc", "password": PASSWORD}).status_code == 303
    assert session.scalar(select(User.name)) == "abc"


def test_a_name_that_grows_when_it_is_folded_is_refused_and_not_an_error(client: TestClient) -> None:
    # This single character expands to 18.
    answer = client.post("/sign-up", data={"name": "\ufdfa" * 20, "password": PASSWORD})
    assert answer.status_code == 422
    assert 'id="field-name-error"' in answer.text


@pytest.mark.parametrize("twin", ["hao", "HAO", "Ｈａｏ", " Hao "])
def test_names_that_look_alike_are_one_name(client: TestClient, twin: str) -> None:
    sign_up(client, "Hao")
    answer = client.post("/sign-up", data={"name": twin, "password": PASSWORD})
    assert answer.status_code == 422
    assert 'id="field-name-error"' in answer.text


def test_two_who_want_one_name_at_the_same_moment_get_one_account_and_one_sentence(
    client: TestClient,
) -> None:
    def request(_: int) -> int:
        return client.post("/sign-up", data={"name": "Hao", "password": PASSWORD}).status_code

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(request, range(4)))
    assert answers == [303, 422, 422, 422]


def test_a_password_keeps_its_spaces(client: TestClient) -> None:
    client.post("/sign-up", data={"name": "Hao", "password": "  spaces matter  "})
    assert client.post("/sign-in", data={"name": "Hao", "password": "spaces matter"}).status_code == 422
    assert client.post("/sign-in", data={"name": "Hao", "password": "  spaces matter  "}).status_code == 303


def test_the_password_never_comes_back_in_the_page(client: TestClient) -> None:
    answer = client.post("/sign-up", data={"name": "", "password": PASSWORD})
    assert PASSWORD not in answer.text


def test_the_setup_link_makes_the_admin_once(client: TestClient, session: Session) -> None:
    token = service.make_setup_link(session)
    session.commit()
    assert client.get(f"/setup/{token}").status_code == 200
    assert client.post(f"/setup/{token}", data={"name": "Teacher", "password": PASSWORD}).status_code == 303
    assert session.scalar(select(User.role).where(User.name == "Teacher")) == Role.ADMIN
    session.rollback()
    assert client.get(f"/setup/{token}").status_code == 404
    assert client.post(f"/setup/{token}", data={"name": "Thief", "password": PASSWORD}).status_code == 404
    assert session.scalar(select(func.count(User.id))) == 1


def test_a_refused_setup_form_does_not_use_up_the_link(client: TestClient, session: Session) -> None:
    token = service.make_setup_link(session)
    session.commit()
    assert client.post(f"/setup/{token}", data={"name": "Teacher", "password": "short"}).status_code == 422
    assert client.post(f"/setup/{token}", data={"name": "Teacher", "password": PASSWORD}).status_code == 303


def test_a_newer_setup_link_ends_the_older(client: TestClient, session: Session) -> None:
    older = service.make_setup_link(session)
    newer = service.make_setup_link(session)
    session.commit()
    assert client.get(f"/setup/{older}").status_code == 404
    assert client.get(f"/setup/{newer}").status_code == 200


def test_a_setup_link_ends_after_a_week(client: TestClient, session: Session) -> None:
    token = service.make_setup_link(session)
    session.scalar(select(SetupLink)).created_at = now() - service.SETUP_LINK_LIFETIME
    session.commit()
    assert client.get(f"/setup/{token}").status_code == 404


def test_there_is_no_setup_link_once_there_is_an_admin(session: Session) -> None:
    make_user(session, role=Role.ADMIN)
    assert service.make_setup_link(session) is None


def test_only_the_hash_of_a_setup_link_is_stored(session: Session) -> None:
    token = service.make_setup_link(session)
    session.flush()
    assert token not in session.scalar(select(SetupLink.token_hash))


def test_no_account_exists_by_default(session: Session) -> None:
    assert get_settings().environment == "development"
    assert session.scalar(select(func.count(User.id))) == 0


@pytest.mark.parametrize(
    "name",
    [
        "小昊",
        "Nguyễn Thế",
        "हिन्दी",
        "שָׁלוֹם",
        "李 明",
        "❤\ufe0f小",
        "O'Neil",
        "badminton",
        "Ὅμηρος",
        "ไม่รู้",
        "槐花",
        "王老吉",
    ],
)
def test_a_name_in_any_writing_is_taken(name: str) -> None:
    SignUpForm(name=name, password=PASSWORD)
    assert not is_kept(name)


@pytest.mark.parametrize(
    "name",
    [
        "admin", "ADMIN", "Adm1n", "\u0430dmin", "ａｄｍｉｎ", "𝐚𝐝𝐦𝐢𝐧", "a.d.m.i.n", "admin 2", "Lin (lecturer)", "te\u0430cher", "teacher_wang", "王老师", "讲师",
        "管理员", "管理员01", "审核员", "讲 师", "助教小李", "槐", "S\u043ephora", "Sophora团队", "Ádmin", "rnoderator",
    ],
)  # fmt: skip
def test_words_for_those_who_teach_are_kept_for_them(name: str) -> None:
    assert is_kept(name)


@ON_SQLITE
@pytest.mark.parametrize(
    "twin",
    [
        "Lin Wei",
        "lin.wei",
        "Iin Wei",
        "L\u0456n W\u0435\u0456",
        "Lín Wëi",
        "LinWei",
        "ｌｉｎ　ｗｅｉ",
        "Lin\u2010Wei",
    ],
)
def test_a_name_that_looks_like_a_lecturers_is_refused(
    client: TestClient, session: Session, twin: str
) -> None:
    make_user(session, "Lin-Wei", Role.LECTURER)
    session.commit()
    answer = client.post("/sign-up", data={"name": twin, "password": PASSWORD})
    assert answer.status_code == 422
    assert 'id="field-name-error"' in answer.text


@ON_SQLITE
def test_a_name_that_exists_keeps_working_when_its_like_begins_to_teach(
    client: TestClient, session: Session
) -> None:
    sign_up(client, "Lin Wei")
    make_user(session, "Lin-Wei", Role.LECTURER)
    session.commit()
    assert client.post("/sign-in", data={"name": "Lin Wei", "password": PASSWORD}).status_code == 303


@pytest.mark.parametrize(
    "password",
    [
        "        ",
        "\u3000\u3000\u3000\u3000\u3000\u3000\u3000\u3000",
        "\u3164" * 8,
        "HaoTianYi",
        "hao tian yi 123",
        "iYnAiToAh",
        "HaoTianYiHaoTianYi",
        "sophora2026",
        "arohpos!",
        "槐槐槐槐槐槐槐槐",
    ],
)
def test_a_password_is_neither_blank_nor_the_name_nor_the_sites(password: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        SignUpForm(name="Hao Tianyi", password=password)
    assert [error["loc"] for error in refusal.value.errors()] == [("password",)]


@pytest.mark.parametrize(
    "password", [PASSWORD, "sophora and me", "Hao likes rain", "s!!!!!!!1234", "一二三四五六七八九"]
)
def test_a_password_may_hold_the_name(password: str) -> None:
    SignUpForm(name="Hao Tianyi", password=password)
