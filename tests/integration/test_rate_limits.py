from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.courses.models import Course
from tests.factories import PASSWORD, make_user
from tests.integration.conftest import ON_SQLITE, enter

pytestmark = ON_SQLITE


@pytest.fixture
def limits(client: TestClient, configure: Callable[..., None]) -> None:
    configure(rate_limits="true", job_quota_active=1000)


def test_guessing_passwords_is_slowed_down(client: TestClient, limits: None) -> None:
    answers = [client.post("/sign-in", data={"name": "Hao", "password": "x" * 300}) for _ in range(21)]
    assert [answer.status_code for answer in answers] == [422] * 20 + [429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60


def test_making_accounts_is_slowed_down(client: TestClient, limits: None) -> None:
    answers = [client.post("/sign-up", data={"name": "", "password": ""}).status_code for _ in range(21)]
    assert answers == [422] * 20 + [429]


def test_one_students_trainings_do_not_use_up_anothers_limit_from_the_same_address(
    client: TestClient, course: Course, student: User, session: Session, limits: None
) -> None:
    address = "/courses/tiny/lessons/01-next/labs/free/jobs"
    answers = [client.post(address, data={}).status_code for _ in range(31)]
    assert answers == [422] * 30 + [429]
    enter(client, session, make_user(session))
    assert client.post(address, data={}).status_code == 422


def test_nobody_is_locked_out_while_redis_is_away(client: TestClient, limits: None, redis_away: None) -> None:
    answers = [
        client.post("/sign-in", data={"name": "Hao", "password": "x" * 300}).status_code for _ in range(22)
    ]
    assert set(answers) == {422}


def test_the_sentence_says_how_long_to_wait(client: TestClient, limits: None) -> None:
    client.cookies.set("language", "en")
    for _ in range(20):
        client.post("/sign-up", data={"name": "", "password": PASSWORD})
    answer = client.post(
        "/sign-up", data={"name": "", "password": PASSWORD}, headers={"Accept": "application/json"}
    )
    assert f"wait {answer.headers['retry-after']} seconds" in answer.json()["error"]["message"]
