"""Checkpoints of finished jobs are removed, those of resumable jobs are not."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.core import storage
from app.core.clock import now
from app.jobs.models import JobEpoch
from app.jobs.tasks import tidy_jobs
from tests.factories import make_job, make_user


@pytest.fixture(autouse=True)
def parts(redis: None, database: str) -> None:
    pass


@pytest.mark.parametrize(
    ("state", "hours", "is_kept"),
    [
        ("failed", 2, False),
        ("cancelled", 2, False),
        ("failed", 0, True),
        ("queued", 2, True),
        ("running", 2, True),
    ],
)
def test_a_checkpoint_is_kept_as_long_as_its_job_may_go_on(
    session: Session, state: str, hours: int, is_kept: bool
) -> None:
    then = now() - timedelta(hours=hours)
    finished = then if state in {"failed", "cancelled"} else None
    lease = now() if state == "running" else None
    job = make_job(
        session, make_user(session), state=state, finished_at=finished, lease_expires_at=lease, attempt=1
    )
    key = f"jobs/{job.id}/checkpoints/0001-1.npz"
    storage.write(key, b"weights")
    session.add(
        JobEpoch(
            job_id=job.id,
            epoch=1,
            attempt=1,
            metrics={},
            seconds=1,
            points=[],
            extra={},
            checkpoint_key=key,
            stream_id="0-0",
        )
    )
    session.commit()

    tidy_jobs()

    assert (storage.read(key) is not None) == is_kept
    tidy_jobs()  # nothing is left to do
