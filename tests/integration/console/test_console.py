"""The console: what an admin sees of queue, workers, times and disk, and does with them."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.console import service
from app.core import db, storage
from app.core.clock import now
from app.core.redis import get_redis
from app.jobs.models import Job, JobArtefact, JobState, QueuePause
from app.jobs.queue.pauses import pause, resume
from app.jobs.queue.reports import KEPT_SECONDS, give_report
from app.jobs.result.reasons import OUT_OF_MEMORY, TOO_LONG
from app.journal.models import Act
from tests.factories import make_job, make_user
from worker import claim, report
from worker.channel import AttemptSuperseded

pytestmark = pytest.mark.usefixtures("redis")


@pytest.fixture
def running(session: Session) -> Job:
    values = {"state": JobState.RUNNING, "attempt": 2, "started_at": now(), "interruptions": 1}
    job = make_job(
        session, make_user(session, "Hao"), lease_expires_at=now() + timedelta(minutes=1), **values
    )
    session.commit()
    return job


def stored(job_id: UUID) -> Job:
    with db.session_scope(writes=False) as session:
        return session.get_one(Job, job_id)


def claimed(worker: str = "") -> UUID | None:
    with db.session_scope() as session:
        found = claim.claim_next(session, "cpu", worker=worker)
    return found.job_id if found else None


def say(node: str, *trainings: tuple[str, int]) -> None:
    content = report.content(("cpu",)) | {"slots": 2, "trainings": trainings}
    give_report(get_redis(), node, content)


def test_the_console_says_what_runs_where_and_who_waits(
    client: TestClient, admin: User, running: Job, session: Session
) -> None:
    for _ in range(3):
        make_job(session, session.merge(admin))
    session.commit()
    say("worker@attic", (str(running.id), 2))
    page = client.get("/admin/queue").text
    assert page.count("worker@attic") >= 2, "among the workers and beside its training"
    assert "1 / 2" in page and "alive" in page and "tensorflow" in page
    assert f'href="/jobs/{running.id}"' in page and ">Hao</a>" in page
    assert ">Teacher</a>" in page


def test_a_worker_that_fell_silent_is_said_to_be_and_so_is_its_training(
    client: TestClient, admin: User, running: Job
) -> None:
    say("worker@attic", (str(running.id), 2))
    get_redis().pexpire("sophora:report:worker@attic", (KEPT_SECONDS - 20) * 1000)
    page = client.get("/admin/queue").text
    assert "silent for" in page and "its worker is silent" in page and "alive" not in page


def test_without_redis_the_console_still_shows_the_queue(
    client: TestClient, admin: User, running: Job, redis_away: None
) -> None:
    page = client.get("/admin/queue")
    assert page.status_code == 200
    assert "Redis does not answer" in page.text and f'href="/jobs/{running.id}"' in page.text


def test_a_paused_queue_gives_no_training_until_it_is_resumed(
    client: TestClient, admin: User, session: Session
) -> None:
    job = make_job(session, make_user(session))
    session.commit()
    for _twice in range(2):
        assert client.post("/admin/queue/pauses", data={"target": "queue:cpu"}).status_code == 303
    assert claimed() is None
    assert "paused since" in client.get("/admin/queue").text
    assert client.post("/admin/queue/pauses/deletion", data={"target": "queue:cpu"}).status_code == 303
    assert claimed() == job.id
    with db.session_scope(writes=False) as reading:
        acts = reading.execute(select(Act.kind, Act.subject).order_by(Act.id)).all()
    assert acts == [("pause", "queue:cpu"), ("resumption", "queue:cpu")]


def test_a_drained_worker_takes_no_more_and_others_do(database: str, session: Session) -> None:
    job = make_job(session, make_user(session))
    pause(session, "worker:worker@attic")
    session.commit()
    assert claimed("worker@attic") is None
    assert claimed("worker@cellar") == job.id
    assert resume(session, "worker:worker@attic") and not resume(session, "worker:worker@attic")


@pytest.mark.parametrize("target", ["", "cpu", "queue:tpu", "worker:a b", "worker:" + "x" * 400])
def test_what_is_no_queue_or_worker_cannot_be_paused(client: TestClient, admin: User, target: str) -> None:
    assert client.post("/admin/queue/pauses", data={"target": target}).status_code == 422
    with db.session_scope(writes=False) as session:
        assert session.scalar(select(func.count()).select_from(QueuePause)) == 0


def test_a_running_training_goes_back_to_the_queue_and_its_worker_loses_it(
    client: TestClient, admin: User, running: Job
) -> None:
    assert client.post(f"/admin/jobs/{running.id}/requeuing").status_code == 303
    assert (stored(running.id).state, stored(running.id).interruptions) == (JobState.QUEUED, 1)
    with pytest.raises(AttemptSuperseded), db.session_scope() as session:
        claim.renew_lease(session, running.id, 2)
    assert claimed() == running.id and stored(running.id).attempt == 3


def test_a_failed_training_begins_anew_and_no_other_does(
    client: TestClient, admin: User, session: Session
) -> None:
    user = make_user(session)
    ended = {"attempt": 1, "started_at": now(), "finished_at": now()}
    failed = make_job(
        session, user, state=JobState.FAILED, failure={"message": TOO_LONG, "values": {"minutes": 1}}, interruptions=3, **ended
    )  # fmt: skip
    others = [
        make_job(session, user, state=state, **ended) for state in (JobState.SUCCEEDED, JobState.CANCELLED)
    ]
    others.append(make_job(session, user))
    session.commit()
    assert client.post(f"/admin/jobs/{failed.id}/requeuing").status_code == 303
    again = stored(failed.id)
    assert (again.state, again.failure, again.finished_at, again.interruptions) == (
        JobState.QUEUED,
        None,
        None,
        0,
    )
    for job in others:
        assert client.post(f"/admin/jobs/{job.id}/requeuing").status_code == 409


def test_times_and_reasons_are_shown_per_recipe_with_examples(
    client: TestClient, admin: User, session: Session
) -> None:
    user = make_user(session)
    for seconds in (10, 20, 90):
        begun = now() - timedelta(seconds=seconds)
        make_job(
            session, user, state=JobState.SUCCEEDED, attempt=1, created_at=begun, started_at=begun, finished_at=now()
        )  # fmt: skip
    reason = {"message": OUT_OF_MEMORY, "values": {}}
    failed = make_job(session, user, state=JobState.FAILED, attempt=1, finished_at=now(), failure=reason)
    long_ago = now() - timedelta(days=40)
    make_job(session, user, "line", state=JobState.FAILED, attempt=1, finished_at=long_ago, failure=reason)
    session.commit()
    page = client.get("/admin/recipes").text
    assert ">20 s<" in page and "needed more memory" in page and f'href="/jobs/{failed.id}"' in page
    assert "recipe=line" not in page


@pytest.fixture
def files(session: Session) -> Callable[..., Job]:
    def make(days: int, **values: object) -> Job:
        ended = now() - timedelta(days=days)
        values = {
            "state": JobState.SUCCEEDED,
            "attempt": 1,
            "started_at": ended,
            "finished_at": ended,
            **values,
        }
        job = make_job(session, make_user(session), **values)
        key = f"jobs/{job.id}/1/model.keras"
        session.add(JobArtefact(job_id=job.id, attempt=1, name="model.keras", key=key, size=2000))
        session.commit()
        storage.write(key, b"x" * 2000)
        return job

    return make


def kept(*jobs: Job) -> list[bool]:
    return [storage.has(f"jobs/{job.id}/1/model.keras") for job in jobs]


def test_a_clean_up_deletes_what_its_preview_shows_and_nothing_else(
    client: TestClient, admin: User, session: Session, files: Callable[..., Job]
) -> None:
    old, young, shared, started_from = files(40), files(20), files(40, shared_at=now()), files(40)
    make_job(session, make_user(session), continued_from_id=started_from.id)
    session.commit()
    preview = client.get("/admin/disk?days=30").text
    assert "1 file would go" in preview and "model.keras" in preview
    before = (now() - timedelta(days=30)).date().isoformat()
    assert client.post("/admin/disk/cleaning", data={"before": before}).status_code == 303
    assert kept(old, young, shared, started_from) == [False, True, True, True]
    assert "Nothing is that old." in client.get("/admin/disk?days=30").text
    assert client.get(f"/jobs/{old.id}").status_code == 200


def test_a_clean_up_of_days_to_come_is_refused(
    client: TestClient, admin: User, files: Callable[..., Job]
) -> None:
    young = files(0)
    tomorrow = (now() + timedelta(days=2)).date().isoformat()
    assert client.post("/admin/disk/cleaning", data={"before": tomorrow}).status_code == 409
    assert client.post("/admin/disk/cleaning", data={"before": "soon"}).status_code == 422
    assert kept(young) == [True]


def test_many_files_go_in_several_steps_the_oldest_first(
    session: Session, database: str, files: Callable[..., Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "AT_ONCE", 1)
    younger, older = files(40), files(50)
    with db.session_scope() as writing:
        admin = make_user(writing, role=Role.ADMIN)
        assert service.clean_up(writing, admin, date.today() - timedelta(days=10)) == (1, 2000)
    assert kept(younger, older) == [True, False]
