from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.courses.models import Course
from tests.factories import NO_ID, make_user
from tests.integration.conftest import ON_SQLITE, enter

pytestmark = ON_SQLITE


@pytest.fixture
def limits(client: TestClient, configure: Callable[..., None]) -> None:
    configure(rate_limits="true", job_quota_active=1000)


def sign_in(client: TestClient, name: str) -> int:
    """A try that costs no hash."""
    return client.post("/sign-in", data={"name": name, "password": "x" * 300}).status_code


def from_address(client: TestClient, address: str) -> TestClient:
    """Somebody elsewhere."""
    return TestClient(client.app, str(client.base_url), headers=dict(client.headers), client=(address, 50000))


def test_guessing_the_password_of_a_name_is_slowed_down(client: TestClient, limits: None) -> None:
    spellings = ("Hao", "hAO", " Hao ", "\uff28ao")
    assert [sign_in(client, spellings[number % 4]) for number in range(61)] == [422] * 60 + [429]
    assert sign_in(client, "Ming") == 422
    assert sign_in(from_address(client, "10.0.0.1"), "Hao") == 422


def test_guesses_from_many_addresses_count_together(client: TestClient, limits: None) -> None:
    for number in range(5):
        elsewhere = from_address(client, f"10.0.0.{number}")
        assert {sign_in(elsewhere, "Hao") for _ in range(60)} == {422}
    assert sign_in(client, "Hao") == 429
    assert sign_in(client, "Ming") == 422


def test_one_address_alone_does_not_lock_a_name_elsewhere(client: TestClient, limits: None) -> None:
    assert {sign_in(client, "Hao") for _ in range(299)} == {422, 429}
    assert sign_in(from_address(client, "10.0.0.1"), "Hao") == 422


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
    for _ in range(60):
        sign_in(client, "Hao")
    answer = client.post("/sign-in", data={"name": "Hao"}, headers={"Accept": "application/json"})
    assert 3000 < int(answer.headers["retry-after"]) <= 3600
    assert f"wait {answer.headers['retry-after']} seconds" in answer.json()["error"]["message"]
