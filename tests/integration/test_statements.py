"""SQL statements per page: constants that do not grow with what the page shows."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.clock import now
from app.courses.models import Course
from app.jobs.models import JobEpoch
from tests.factories import make_job, make_user
from tests.integration.statements import cost, statements

LIMITS = {
    "/": 11,  # today: check-ins, review, the running training, the latest answer
    "/courses/tiny": 6,
    "/courses/tiny/lessons/00-start": 8,
    "/jobs": 4,
    "/progress": 12,
    "/sign-in": 2,
}


@pytest.mark.parametrize(("path", "limit"), LIMITS.items())
def test_a_page_costs_few_statements(
    client: TestClient, course: Course, student: User, path: str, limit: int
) -> None:
    assert cost(client, path) <= limit


def test_a_visitors_lesson_costs_less(client: TestClient, course: Course) -> None:
    assert cost(client, "/courses/tiny/lessons/00-start") <= 3
    assert cost(client, "/") <= 2


@pytest.mark.parametrize("path", ["/", "/jobs", "/progress", "/courses/tiny/lessons/00-start"])
def test_a_page_costs_no_more_for_who_has_trained_much(
    client: TestClient, course: Course, student: User, session: Session, path: str
) -> None:
    client.get(path)
    before = cost(client, path)
    for number in range(15):
        make_job(session, student, created_at=now() - timedelta(minutes=number), state="succeeded")
    session.commit()
    assert cost(client, path) <= before


def test_the_page_of_a_job_costs_no_more_for_many_epochs_or_a_long_queue(
    client: TestClient, student: User, session: Session
) -> None:
    job = make_job(session, student)
    session.commit()
    before = cost(client, f"/jobs/{job.id}"), cost(client, f"/jobs/{job.id}/status")
    for number in range(30):
        make_job(session, make_user(session), created_at=now() - timedelta(minutes=number))
        session.add(
            JobEpoch(
                job_id=job.id,
                epoch=number + 1,
                attempt=1,
                metrics={"loss": 1, "val_loss": 1},
                seconds=1.0,
                points=[],
                extra={},
                checkpoint_key="-",
                stream_id="0-0",
            )
        )
    session.commit()
    # The queue was simulated for the first visit, and is not simulated again for each.
    assert cost(client, f"/jobs/{job.id}") <= before[0]
    assert cost(client, f"/jobs/{job.id}/status") <= before[1]
    assert before[0] <= 8
    assert before[1] <= 5


def test_reading_pages_writes_nothing(client: TestClient, course: Course, student: User) -> None:
    with statements() as found:
        for path in LIMITS:
            client.get(path)
    assert found
    assert all(statement.lstrip().upper().startswith("SELECT") for statement in found), found
