"""Two students and a lecturer; one of the students is signed in and owns something of every kind."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.core import db, storage
from app.courses.models import Course, Lesson
from app.jobs.models import Job, JobArtefact, JobEpoch, JobState
from app.notes.models import Note
from app.notifications.models import MailAddress
from tests.factories import make_job
from tests.integration.conftest import enter
from tests.integration.people import say, somebody
from tests.integration.profiles.rows import HASH

hao = somebody("小昊")
ming = somebody("Ming")
lecturer = somebody("Lecturer Lin", Role.LECTURER)


@pytest.fixture
def signed_in(client: TestClient, session: Session, hao: User) -> TestClient:
    """小昊, who has a real password."""
    session.execute(update(User).where(User.id == hao.id).values(password_hash=HASH))
    enter(client, session, hao)
    return client


@pytest.fixture
def belongings(course: Course, hao: User, ming: User) -> Job:
    """A bit of everything that 小昊 owns, beside the same of Ming; returns the finished training."""
    say(hao, f"dear @[Ming](user:{ming.id}), this is mine")
    say(ming, "this is Ming's alone")
    with db.session_scope() as session:
        lesson = session.scalars(select(Lesson)).first()
        for user in (hao, ming):
            session.add(
                Note(user_id=user.id, lesson_id=lesson.id, language="en", text=f"note of {user.name}")
            )
        session.add(MailAddress(user_id=hao.id, address="hao@example.org", language="zh"))
        job = make_job(session, hao, state=JobState.SUCCEEDED, attempt=1)
        key = f"jobs/{job.id}/1/model.keras"
        session.add(JobArtefact(job_id=job.id, attempt=1, name="model.keras", key=key, size=5))
        checkpoint = f"jobs/{job.id}/checkpoints/0001-1.npz"
        session.add(
            JobEpoch(
                job_id=job.id,
                epoch=1,
                attempt=1,
                metrics={"loss": 1},
                seconds=1,
                points=[],
                extra={},
                checkpoint_key=checkpoint,
                stream_id="0-0",
            )
        )
    storage.write(key, b"model")
    storage.write(checkpoint, b"weights")
    return job
