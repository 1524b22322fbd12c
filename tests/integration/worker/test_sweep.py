"""The sweep repairs losses: jobs whose worker fell silent, and tickets that Redis lost."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.core import db
from app.core.clock import now
from app.core.redis import get_redis
from app.jobs.models import Job, JobState
from app.jobs.queue.tickets import send_ticket, waiting_tickets
from app.jobs.stream import stream_key
from tests.factories import make_job, make_user
from worker.duties import sweep


@pytest.fixture(autouse=True)
def parts(redis: None, database: str) -> None:
    pass


def silent_job(session: Session, **values: object) -> Job:
    lease = now() - timedelta(seconds=1)
    return make_job(
        session, make_user(session), **{"state": "running", "attempt": 1, "lease_expires_at": lease, **values}
    )


def test_a_job_whose_worker_fell_silent_is_queued_again_with_a_ticket(session: Session) -> None:
    job = silent_job(session)
    session.commit()
    sweep()
    session.refresh(job)
    assert (job.state, job.interruptions) == (JobState.QUEUED, 1)
    assert waiting_tickets("cpu") == 1
    [(_, fields)] = get_redis().xrange(stream_key(job.id))
    assert fields[b"data"] == b'{"state":"queued"}'


def test_the_third_silence_ends_the_job_and_sends_no_ticket(session: Session) -> None:
    job = silent_job(session, interruptions=2)
    session.commit()
    sweep()
    session.refresh(job)
    assert job.state == JobState.FAILED
    assert waiting_tickets("cpu") == 0


def test_jobs_that_wait_without_a_ticket_get_one(session: Session) -> None:
    for _ in range(3):
        make_job(session, make_user(session))
    session.commit()
    sweep()
    assert waiting_tickets("cpu") == 1
    assert waiting_tickets("gpu") == 0


def test_tickets_do_not_pile_up(session: Session) -> None:
    make_job(session, make_user(session))
    session.commit()
    send_ticket("cpu")
    for _ in range(3):
        sweep()
    assert waiting_tickets("cpu") == 1


def test_a_quiet_classroom_gets_no_tickets() -> None:
    sweep()
    assert waiting_tickets("cpu") == waiting_tickets("gpu") == 0


def test_a_job_that_is_well_is_left_alone(session: Session) -> None:
    lease = now() + timedelta(minutes=1)
    job = silent_job(session, lease_expires_at=lease)
    session.commit()
    sweep()
    with db.session_scope(writes=False) as scope:
        found = scope.get_one(Job, job.id)
        assert (found.state, found.interruptions, found.lease_expires_at) == (JobState.RUNNING, 0, lease)
