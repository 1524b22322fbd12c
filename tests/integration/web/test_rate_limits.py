from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient
from limits import parse
from sqlalchemy.orm import Session
from starlette.requests import Request

from app.accounts.models import Role, User
from app.accounts.service import name_key
from app.courses.models import Course
from app.web.security.known_browsers import known_browser, known_browser_cookie_name
from tests.factories import NO_ID, PASSWORD, make_user, sign_up
from tests.integration.conftest import ON_SQLITE, enter

pytestmark = ON_SQLITE


@pytest.fixture
def limits(client: TestClient, configure: Callable[..., None]) -> None:
    configure(rate_limits="true", job_quota_active=1000)


def sign_in(client: TestClient, name: str) -> int:
    """An attempt without a password hash."""
    return client.post("/sign-in", data={"name": name, "password": "x" * 300}).status_code


def client_cookie(client: TestClient) -> bytes:
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar).encode()


def from_address(client: TestClient, address: str) -> TestClient:
    """Somebody elsewhere."""
    return TestClient(
        client.app,
        str(client.base_url),
        headers=dict(client.headers),
        client=(address, 50000),
        follow_redirects=False,
    )


def test_guessing_the_password_of_a_name_is_slowed_down(client: TestClient, limits: None) -> None:
    spellings = ("Hao", "hAO", " Hao ", "\uff28ao")
    assert [sign_in(client, spellings[number % 4]) for number in range(21)] == [422] * 20 + [429]
    assert sign_in(client, "Ming") == 422
    assert sign_in(from_address(client, "10.0.0.1"), "Hao") == 422


def test_guesses_at_the_same_moment_are_all_counted(client: TestClient, limits: None) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: sign_in(client, "Hao"), range(40)))
    assert (answers.count(422), answers.count(429)) == (20, 20)


def test_guesses_from_many_addresses_count_together(client: TestClient, limits: None) -> None:
    for number in range(15):
        elsewhere = from_address(client, f"10.0.0.{number}")
        assert {sign_in(elsewhere, "Hao") for _ in range(20)} == {422}
    assert sign_in(client, "Hao") == 429
    assert sign_in(client, "Ming") == 422


def test_one_address_alone_does_not_lock_a_name_elsewhere(client: TestClient, limits: None) -> None:
    assert {sign_in(client, "Hao") for _ in range(299)} == {422, 429}
    assert sign_in(from_address(client, "10.0.0.1"), "Hao") == 422


def test_the_addresses_of_one_ipv6_network_count_as_one(client: TestClient, limits: None) -> None:
    for number in range(20):
        assert sign_in(from_address(client, f"2001:db8:1:1::{number:x}"), "Hao") == 422
    assert sign_in(from_address(client, "2001:db8:1:1:ffff::1"), "Hao") == 429
    assert sign_in(from_address(client, "2001:db8:1:2::1"), "Hao") == 422


def test_a_right_password_uses_up_nothing(client: TestClient, limits: None) -> None:
    name = sign_up(client)
    right = {"name": name, "password": PASSWORD}
    for _ in range(3):
        assert {sign_in(stranger := from_address(client, "10.0.0.1"), name) for _ in range(6)} == {422}
        assert stranger.post("/sign-in", data=right).status_code == 303
    assert {sign_in(from_address(client, "10.0.0.1"), name) for _ in range(2)} == {422}
    assert sign_in(from_address(client, "10.0.0.1"), name) == 429


def test_strangers_who_guess_at_a_name_do_not_lock_out_a_browser_that_has_signed_in_before(
    client: TestClient, limits: None
) -> None:
    name = sign_up(client)
    client.post("/sign-out")
    for number in range(16):
        elsewhere = from_address(client, f"10.0.0.{number}")
        assert {sign_in(elsewhere, name) for _ in range(20)} <= {422, 429}
    neighbour = from_address(client, "testclient")
    right = {"name": name, "password": PASSWORD}
    assert neighbour.post("/sign-in", data=right).status_code == 429
    assert client.post("/sign-in", data=right).status_code == 303


def test_a_browser_that_has_signed_in_before_has_a_count_of_its_own(client: TestClient, limits: None) -> None:
    name = sign_up(client)
    client.post("/sign-out")
    assert [sign_in(client, name) for _ in range(21)] == [422] * 20 + [429]
    # It used up nothing of the others' limit, from the same address.
    assert sign_in(from_address(client, "testclient"), name) == 422
    assert sign_in(client, "somebody else") == 422


def test_the_sign_of_a_known_browser_is_for_its_account_and_cannot_be_made_up(
    client: TestClient, limits: None
) -> None:
    own = sign_up(client)
    entry = client.cookies[known_browser_cookie_name()]
    forged = [entry, entry[:-1] + ("A" if entry[-1] != "A" else "B"), "x", f"{entry}=", "%", "." * 300]
    other = sign_up(from_address(client, "10.0.0.2"))
    for number in range(21):
        thief = from_address(client, "10.0.0.1")
        thief.cookies.set(known_browser_cookie_name(), forged[number % len(forged)])
        last = sign_in(thief, other)
    assert last == 429
    strange = f"{known_browser_cookie_name()}=\u00e9.{entry}".encode("latin-1")
    assert known_browser(Request({"type": "http", "headers": [(b"cookie", strange)]}), name_key(own)) == entry
    thief.cookies.clear()
    assert sign_in(thief, own) == 422


def test_a_browser_is_known_to_the_last_twelve_accounts(client: TestClient, limits: None) -> None:
    names = [sign_up(client) for _ in range(13)]
    request = Request({"type": "http", "headers": [(b"cookie", client_cookie(client))]})
    assert [known_browser(request, name_key(name)) is not None for name in names] == [False] + [True] * 12


def test_signing_in_all_day_with_the_right_password_is_slowed_down(
    client: TestClient, limits: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.accounts.tries.RIGHT_PASSWORDS", parse("3/hour"))
    right = {"name": sign_up(client), "password": PASSWORD}
    assert [client.post("/sign-in", data=right).status_code for _ in range(4)] == [303] * 3 + [429]


def test_a_failed_sign_in_is_logged_without_what_was_typed(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    name = sign_up(client)
    with caplog.at_level("INFO"):
        client.post("/sign-in", data={"name": name, "password": "not my password"})
        client.post("/sign-in", data={"name": "hunter2 in the wrong field", "password": "not my password"})
        client.post("/sign-in", data={"name": name, "password": PASSWORD})
    events = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    assert [event["event"] for event in events if "sign" in event["event"]] == ["sign-in failed"] * 2 + [
        "signed in"
    ]
    assert all(event["address"] == "testclient" for event in events if "sign" in event["event"])
    assert events[0]["name"] != events[1]["name"]
    assert not any(word in str(events) for word in (name, "hunter2", "not my password", PASSWORD))


def test_a_class_behind_one_address_makes_accounts_and_signs_in(client: TestClient, limits: None) -> None:
    empty = {"name": "", "password": ""}
    for number in range(40):
        assert [client.post("/sign-up", data=empty).status_code for _ in range(3)] == [422] * 3
        assert [sign_in(client, f"student {number}") for _ in range(3)] == [422] * 3


def test_trying_many_names_and_making_many_accounts_is_slowed_down(client: TestClient, limits: None) -> None:
    empty = {"name": "", "password": ""}
    answers = [client.post("/sign-up", data=empty).status_code for _ in range(301)]
    assert answers == [422] * 300 + [429]
    assert [sign_in(client, f"name {number}") for number in range(301)] == [422] * 300 + [429]


@pytest.mark.parametrize(
    ("role", "method", "address", "allowed", "status"),
    [
        (Role.STUDENT, "GET", "/search?q=a", 60, 200),
        (Role.STUDENT, "POST", f"/lessons/{NO_ID}/notes", 60, 404),
        (Role.STUDENT, "POST", "/courses/tiny/lessons/01-next/questions/none/attempts", 120, 404),
        (Role.STUDENT, "POST", "/settings/name", 20, 422),
        (Role.STUDENT, "GET", "/board/people?thread=class&q=a", 240, 200),
        (Role.LECTURER, "POST", f"/authoring/lessons/{NO_ID}/pictures", 120, 404),
        (Role.ADMIN, "POST", "/admin/import", 60, 422),
    ],
)
def test_what_one_reader_does_does_not_use_up_anothers_limit_from_the_same_address(
    client: TestClient, course: Course, session: Session, limits: None,
    role: Role, method: str, address: str, allowed: int, status: int,
) -> None:  # fmt: skip
    enter(client, session, make_user(session, role=role))
    answers = [client.request(method, address).status_code for _ in range(allowed + 1)]
    assert answers == [status] * allowed + [429]
    enter(client, session, make_user(session, role=role))
    assert client.request(method, address).status_code == status


def test_one_students_trainings_do_not_use_up_anothers_limit_from_the_same_address(
    client: TestClient, course: Course, student: User, session: Session, limits: None
) -> None:
    address = "/courses/tiny/lessons/01-next/labs/free/jobs"
    answers = [client.post(address, data={}).status_code for _ in range(31)]
    assert answers == [422] * 30 + [429]
    enter(client, session, make_user(session))
    assert client.post(address, data={}).status_code == 422


def test_nobody_is_locked_out_while_redis_is_away(client: TestClient, limits: None, redis_away: None) -> None:
    assert {sign_in(client, "Hao") for _ in range(62)} == {422}


def test_the_sentence_says_how_long_to_wait(client: TestClient, limits: None) -> None:
    client.cookies.set("language", "en")
    for _ in range(20):
        sign_in(client, "Hao")
    answer = client.post("/sign-in", data={"name": "Hao"}, headers={"Accept": "application/json"})
    assert 500 < int(answer.headers["retry-after"]) <= 600
    assert f"wait {answer.headers['retry-after']} seconds" in answer.json()["error"]["message"]


def test_the_page_of_a_comment_too_many_knows_who_reads_it(
    client: TestClient, student: User, limits: None
) -> None:
    answers = [
        client.post("/threads/class/comments", data={"body": f"What I learnt today, part {number}"})
        for number in range(31)
    ]
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert student.name in refused.text
