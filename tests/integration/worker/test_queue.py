"""The database is the queue of record: who gets which job, who owns it, and what happens when its owner dies."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core import db
from app.core.clock import now
from app.core.config import get_settings
from app.jobs.models import Job, JobLogLine, JobState
from app.jobs.result.reasons import INTERRUPTED_TOO_OFTEN
from tests.factories import make_job, make_user
from worker import claim
from worker.channel import AttemptSuperseded


def claimed(queue: str = "cpu") -> claim.Claim | None:
    """One claim in a transaction of its own, like a worker's."""
    with db.session_scope() as session:
        return claim.claim_next(session, queue)


def stored(job_id: UUID) -> Job:
    with db.session_scope(writes=False) as session:
        return session.get_one(Job, job_id)


def end(taken: claim.Claim, state: JobState = JobState.SUCCEEDED) -> None:
    with db.session_scope() as session:
        claim.finish(session, taken.job_id, taken.attempt, state)


def let_lease_run_out(job_id: UUID) -> None:
    with db.session_scope() as session:
        session.execute(
            update(Job).where(Job.id == job_id).values(lease_expires_at=now() - timedelta(seconds=1))
        )


def interrupted(job_id: UUID, attempt: int) -> JobState:
    with db.session_scope() as session:
        return claim.interrupt(session, job_id, attempt, "a test")


@pytest.fixture
def queued(session: Session) -> Job:
    job = make_job(session, make_user(session), hyperparameters={"epochs": 3})
    session.commit()
    return job


def test_a_claim_takes_the_job_with_its_settings_and_a_lease(queued: Job) -> None:
    taken = claimed()
    threads = get_settings().threads_of_a_job
    assert taken == claim.Claim(queued.id, 1, "mnist-mlp", queued.hyperparameters, "cpu", threads)
    job = stored(queued.id)
    assert (job.state, job.attempt, job.phase) == (JobState.RUNNING, 1, "preparing")
    lease = (job.lease_expires_at - now()).total_seconds()
    assert 0 < lease <= get_settings().job_lease_seconds
    assert job.started_at is not None


def test_an_empty_queue_gives_nothing(database: str) -> None:
    assert claimed() is None


def test_a_doubled_ticket_runs_nothing_twice(queued: Job) -> None:
    assert [claimed() is None for _ in range(10)] == [False] + [True] * 9
    assert stored(queued.id).attempt == 1


def test_each_queue_has_its_own_jobs(session: Session) -> None:
    job = make_job(session, make_user(session), queue="gpu")
    session.commit()
    assert claimed("cpu") is None
    assert claimed("gpu").job_id == job.id


def test_one_users_jobs_run_in_the_order_they_were_sent(session: Session) -> None:
    user = make_user(session)
    jobs = [make_job(session, user, created_at=now() - timedelta(minutes=minutes)) for minutes in (3, 2, 1)]
    session.commit()
    assert [claimed().job_id for _ in range(3)] == [job.id for job in jobs]


def test_one_students_twenty_jobs_do_not_starve_another(session: Session) -> None:
    """With one slot: while the busy student's first job runs, a second student arrives; hers is next, not the 20th."""
    busy, other = make_user(session), make_user(session)
    for minutes in range(20, 0, -1):
        make_job(session, busy, created_at=now() - timedelta(minutes=minutes))
    session.commit()
    claimed()
    late = make_job(session, other)
    session.commit()
    assert claimed().job_id == late.id


def test_slots_are_shared_evenly_however_many_jobs_each_has_sent(session: Session) -> None:
    users = [make_user(session) for _ in range(4)]
    for user, jobs in zip(users, (20, 5, 3, 2), strict=True):
        for number in range(jobs):
            make_job(session, user, created_at=now() - timedelta(minutes=60 - number))
    session.commit()
    owners = Counter(stored(claimed().job_id).user_id for _ in range(8))
    assert owners == {user.id: 2 for user in users}


def test_claims_at_the_same_moment_never_give_one_job_twice(session: Session) -> None:
    users = [make_user(session) for _ in range(3)]
    jobs = {make_job(session, users[number % 3]).id for number in range(12)}
    session.commit()
    start = Barrier(6)

    def work(_: int) -> list[claim.Claim]:
        start.wait()
        taken = []
        while (found := claimed()) is not None:
            taken.append(found)
        return taken

    with ThreadPoolExecutor(6) as pool:
        taken = [found for part in pool.map(work, range(6)) for found in part]
    # On PostgreSQL a claim may find the last free job locked by another and give up: the other's ticket still works.
    while (found := claimed()) is not None:
        taken.append(found)
    assert Counter(found.job_id for found in taken) == dict.fromkeys(jobs, 1)
    assert {found.attempt for found in taken} == {1}


def test_claiming_and_submitting_at_the_same_moment_loses_nothing(session: Session) -> None:
    user = make_user(session)
    session.commit()
    start = Barrier(4)

    def submit(_: int) -> None:
        start.wait()
        for _ in range(5):
            with db.session_scope() as scope:
                make_job(scope, scope.merge(user))

    def work(_: int) -> int:
        start.wait()
        return sum(claimed() is not None for _ in range(10))

    with ThreadPoolExecutor(4) as pool:
        submitting = [pool.submit(submit, number) for number in range(2)]
        working = [pool.submit(work, number) for number in range(2)]
        taken = sum(future.result() for future in working)
        for future in submitting:
            future.result()
    while claimed() is not None:
        taken += 1
    assert taken == 10


def test_a_renewed_lease_reaches_further(queued: Job) -> None:
    taken = claimed()
    let_lease_run_out(taken.job_id)
    with db.session_scope() as session:
        assert claim.renew_lease(session, taken.job_id, taken.attempt) is False
    assert stored(taken.job_id).lease_expires_at > now()
    with db.session_scope(writes=False) as session:
        assert claim.expired(session) == []


def test_a_renewal_tells_of_a_cancellation(queued: Job) -> None:
    taken = claimed()
    with db.session_scope() as session:
        session.execute(update(Job).values(cancel_requested_at=now()))
    with db.session_scope() as session:
        assert claim.renew_lease(session, taken.job_id, taken.attempt) is True


def test_only_running_jobs_whose_lease_ran_out_are_expired(session: Session) -> None:
    user = make_user(session)
    make_job(session, user)
    make_job(session, user, state="running", attempt=1, lease_expires_at=now() + timedelta(minutes=1))
    dead = make_job(
        session, user, state="running", attempt=2, lease_expires_at=now() - timedelta(seconds=1), queue="gpu"
    )
    make_job(session, user, state="succeeded", attempt=1)
    session.commit()
    assert claim.expired(session) == [(dead.id, 2, "gpu")]


def test_a_job_whose_worker_died_is_queued_again_and_keeps_its_start(queued: Job) -> None:
    taken = claimed()
    started = stored(taken.job_id).started_at
    assert interrupted(taken.job_id, taken.attempt) == JobState.QUEUED
    job = stored(taken.job_id)
    assert (job.state, job.interruptions, job.lease_expires_at, job.phase) == (JobState.QUEUED, 1, None, None)
    again = claimed()
    assert again.attempt == 2
    assert stored(taken.job_id).started_at == started


def test_a_job_that_was_interrupted_three_times_fails_with_a_reason(queued: Job) -> None:
    states = []
    for _ in range(3):
        taken = claimed()
        states.append(interrupted(taken.job_id, taken.attempt))
    assert states == [JobState.QUEUED, JobState.QUEUED, JobState.FAILED]
    job = stored(queued.id)
    assert job.failure == {"message": INTERRUPTED_TOO_OFTEN, "values": {"count": 3}}
    assert job.finished_at is not None
    assert claimed() is None


def test_how_many_interruptions_are_too_many_is_a_setting(
    queued: Job, configure: Callable[..., None]
) -> None:
    configure(job_interruptions=1)
    taken = claimed()
    assert interrupted(taken.job_id, taken.attempt) == JobState.FAILED


def test_each_interruption_stands_in_the_jobs_log(queued: Job, session: Session) -> None:
    taken = claimed()
    interrupted(taken.job_id, taken.attempt)
    assert session.scalar(select(JobLogLine.line)) == "Interrupted (a test); interruption 1"


def test_an_interrupted_job_that_was_to_be_cancelled_is_not_started_again(queued: Job) -> None:
    taken = claimed()
    with db.session_scope() as session:
        session.execute(update(Job).values(cancel_requested_at=now()))
    assert interrupted(taken.job_id, taken.attempt) == JobState.CANCELLED
    assert claimed() is None


def test_a_job_given_back_by_a_worker_that_stops_is_no_interruption(queued: Job) -> None:
    taken = claimed()
    with db.session_scope() as session:
        claim.give_back(session, taken.job_id, taken.attempt)
    job = stored(queued.id)
    assert (job.state, job.interruptions, job.lease_expires_at) == (JobState.QUEUED, 0, None)
    assert claimed().attempt == 2


WRITES = {
    "renewing the lease": lambda session, taken: claim.renew_lease(session, taken.job_id, taken.attempt),
    "a plain write": lambda session, taken: claim.write_as(
        session, taken.job_id, taken.attempt, phase="training"
    ),
    "success": lambda session, taken: claim.finish(
        session, taken.job_id, taken.attempt, JobState.SUCCEEDED, report={}
    ),
    "failure": lambda session, taken: claim.finish(session, taken.job_id, taken.attempt, JobState.FAILED),
    "giving back": lambda session, taken: claim.give_back(session, taken.job_id, taken.attempt),
    "an interruption": lambda session, taken: claim.interrupt(
        session, taken.job_id, taken.attempt, "too late"
    ),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_every_write_of_a_superseded_attempt_is_refused(
    queued: Job, write: Callable[[Session, claim.Claim], object]
) -> None:
    old = claimed()
    interrupted(old.job_id, old.attempt)
    current = claimed()
    before = stored(queued.id)
    with pytest.raises(AttemptSuperseded), db.session_scope() as session:
        write(session, old)
    after = stored(queued.id)
    assert (after.state, after.attempt, after.lease_expires_at, after.phase) == (
        JobState.RUNNING,
        current.attempt,
        before.lease_expires_at,
        "preparing",
    )


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
@pytest.mark.parametrize("state", [JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED])
def test_nothing_is_written_to_a_job_that_has_ended(
    queued: Job, state: JobState, write: Callable[[Session, claim.Claim], object]
) -> None:
    taken = claimed()
    end(taken, state)
    with pytest.raises(AttemptSuperseded), db.session_scope() as session:
        write(session, taken)
    assert stored(queued.id).state == state


def test_a_job_that_does_not_exist_belongs_to_no_attempt(database: str) -> None:
    with pytest.raises(AttemptSuperseded), db.session_scope() as session:
        claim.renew_lease(session, uuid4(), 1)


def test_a_job_cancelled_while_it_waits_is_never_claimed(queued: Job) -> None:
    from app.jobs.service import request_cancellation

    with db.session_scope() as session:
        request_cancellation(session, session.get_one(User, queued.user_id), queued.id)
    assert claimed() is None


def test_the_database_itself_refuses_a_running_job_without_a_lease(session: Session) -> None:
    with pytest.raises(IntegrityError):
        make_job(session, make_user(session), state="running")


def test_the_database_itself_refuses_a_state_that_is_none(session: Session) -> None:
    with pytest.raises(IntegrityError):
        make_job(session, make_user(session), state="paused")


def test_a_job_that_is_rolled_back_sends_no_ticket(database: str, redis: None) -> None:
    from app.jobs.queue.tickets import waiting_tickets
    from app.jobs.service import submit_job
    from app.recipes.recipe import all_recipes

    recipe = all_recipes()["mnist-cnn"]
    with pytest.raises(RuntimeError), db.session_scope() as session:
        submit_job(session, make_user(session), recipe, recipe.defaults)
        raise RuntimeError
    assert waiting_tickets("cpu") == 0
    with db.session_scope(writes=False) as session:
        assert session.scalar(select(func.count(Job.id))) == 0
