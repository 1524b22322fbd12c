"""An admin views a student's training and its log; a lecturer does not, and nobody acts in its owner's name."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.jobs.models import Job, JobLogLine
from tests.factories import make_job, make_user
from tests.integration.conftest import enter


@pytest.fixture
def job(session: Session) -> Job:
    return make_job(session, make_user(session, "Hao"))


def test_an_admin_opens_it_with_its_log(client: TestClient, session: Session, job: Job) -> None:
    session.add(JobLogLine(job_id=job.id, attempt=1, line="the loss is no number"))
    enter(client, session, make_user(session, role=Role.ADMIN))
    page = client.get(f"/jobs/{job.id}")
    assert page.status_code == 200
    assert "the loss is no number" in page.text and f'href="/admin/people/{job.user_id}"' in page.text
    assert f"/jobs/{job.id}/cancellation" not in page.text
    assert client.post(f"/jobs/{job.id}/cancellation").status_code == 404
    assert client.post(f"/jobs/{job.id}/sharing", data={"on": "true"}).status_code == 404


@pytest.mark.parametrize("role", [Role.STUDENT, Role.LECTURER])
def test_others_do_not(client: TestClient, session: Session, job: Job, role: Role) -> None:
    enter(client, session, make_user(session, role=role))
    for part in ("", "/status", "/clone", "/events"):
        assert client.get(f"/jobs/{job.id}{part}").status_code == 404
