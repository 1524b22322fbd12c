import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core import db
from app.core.clock import now
from app.jobs.models import Job
from app.jobs.pages import StatusLine
from app.jobs.queue.waiting import QueuePosition, current_place, expected_seconds, place_in_queue
from app.recipes.recipe import all_recipes
from tests.factories import make_job, make_user
from tests.integration.statements import statements
from worker import claim

ESTIMATE = all_recipes()["mnist-mlp"].estimate.seconds


def queued(session: Session, user: object, minutes_ago: float, **values: object) -> Job:
    return make_job(session, user, created_at=now() - timedelta(minutes=minutes_ago), **values)


def done(session: Session, seconds: float, epochs: int, **values: object) -> Job:
    finished = now()
    return make_job(
        session, make_user(session), state="succeeded", attempt=1, hyperparameters={"epochs": epochs},
        started_at=finished - timedelta(seconds=seconds), finished_at=finished, **values,
    )  # fmt: skip


def test_who_is_alone_is_next_and_waits_for_nothing(session: Session) -> None:
    job = queued(session, make_user(session), 1)
    place = place_in_queue(session, job)
    assert (place.position, place.seconds) == (1, 0)


def test_each_waits_for_those_before(session: Session) -> None:
    jobs = [queued(session, make_user(session), minutes) for minutes in (3, 2, 1)]
    places = [place_in_queue(session, job) for job in jobs]
    assert [place.position for place in places] == [1, 2, 3]
    assert [place.seconds for place in places] == pytest.approx([0, ESTIMATE, 2 * ESTIMATE])


def test_more_slots_mean_less_waiting(session: Session, configure: Callable[..., None]) -> None:
    configure(job_slots=2)
    jobs = [queued(session, make_user(session), minutes) for minutes in (3, 2, 1)]
    assert [place_in_queue(session, job).seconds for job in jobs] == pytest.approx([0, 0, ESTIMATE])


def test_a_running_job_is_waited_for_as_long_as_it_still_needs(session: Session) -> None:
    make_job(
        session, make_user(session), state="running", attempt=1, lease_expires_at=now() + timedelta(minutes=1),
        started_at=now() - timedelta(seconds=ESTIMATE / 2),
    )  # fmt: skip
    job = queued(session, make_user(session), 1)
    assert place_in_queue(session, job).seconds == pytest.approx(ESTIMATE / 2, abs=1)


def test_a_job_that_takes_longer_than_expected_never_makes_the_wait_negative(session: Session) -> None:
    make_job(
        session, make_user(session), state="running", attempt=1, lease_expires_at=now() + timedelta(minutes=1),
        started_at=now() - timedelta(hours=1),
    )  # fmt: skip
    job = queued(session, make_user(session), 1)
    assert place_in_queue(session, job).seconds >= 1


def test_the_place_that_is_shown_is_the_order_in_which_jobs_are_claimed(
    session: Session, configure: Callable[..., None]
) -> None:
    """Three students with four, two and one jobs, and as many slots as jobs: the predictions come true."""
    configure(job_slots=7)
    jobs = [
        queued(session, user, 60 - 10 * who - number)
        for who, (user, count) in enumerate(
            zip([make_user(session) for _ in range(3)], (4, 2, 1), strict=True)
        )
        for number in range(count)
    ]
    session.commit()
    expected = [job.id for job in sorted(jobs, key=lambda job: place_in_queue(session, job).position)]
    session.rollback()
    claimed = []
    for _ in jobs:
        with db.session_scope() as scope:
            claimed.append(claim.claim_next(scope, "cpu").job_id)
    assert claimed == expected


def test_without_experience_the_recipes_own_estimate_counts(session: Session) -> None:
    user = make_user(session)
    assert expected_seconds(session, make_job(session, user)) == ESTIMATE
    assert expected_seconds(session, make_job(session, user, hyperparameters={"epochs": 10})) == 2 * ESTIMATE


def test_experience_counts_more_than_the_estimate_and_by_the_epoch(session: Session) -> None:
    for seconds, epochs in ((10, 10), (30, 10), (1000, 10)):
        done(session, seconds, epochs)
    job = make_job(session, make_user(session), hyperparameters={"epochs": 4})
    assert expected_seconds(session, job) == pytest.approx(4 * 3)


def test_jobs_that_were_interrupted_teach_nothing_about_the_time(session: Session) -> None:
    done(session, 10, 10)
    done(session, 5000, 1).attempt = 2
    session.flush()
    job = make_job(session, make_user(session), hyperparameters={"epochs": 10})
    assert expected_seconds(session, job) == pytest.approx(10)


def test_a_recipe_that_is_gone_still_has_a_guess(session: Session) -> None:
    job = make_job(session, make_user(session))
    job.recipe = "no-longer-offered"
    assert expected_seconds(session, job) > 0


def test_another_queue_is_another_line(session: Session) -> None:
    queued(session, make_user(session), 5, queue="gpu")
    job = queued(session, make_user(session), 1)
    assert place_in_queue(session, job).position == 1


def test_a_class_that_waits_has_the_queue_played_once_for_all(client: TestClient, session: Session) -> None:
    """The cost of a waiting page does not grow with the number of jobs or pages."""
    users = [make_user(session) for _ in range(20)]
    jobs = [queued(session, user, 30 - number) for number, user in enumerate(users)]
    session.commit()
    with db.session_scope(writes=False) as scope:
        current_place(scope, jobs[0])
        with statements() as found:
            places = [current_place(scope, job) for job in jobs]
    assert [place.position for place in places] == list(range(1, 21))
    assert len(found) == 0


def test_a_job_that_has_just_come_is_counted_as_soon_as_the_queue_is_played_again(session: Session) -> None:
    first = queued(session, make_user(session), 2)
    session.commit()
    assert current_place(session, first).position == 1
    second = queued(session, make_user(session), 1)
    session.commit()
    deadline = time.monotonic() + 30
    while (place := current_place(session, second)) is None:
        assert time.monotonic() < deadline
    assert place.position == 2


@pytest.mark.parametrize(("position", "seconds"), [(1, 5), (3, 6), (30, 60), (200, 120)])
def test_a_page_asks_the_later_the_further_back_its_job_stands(position: int, seconds: int) -> None:
    assert StatusLine(Job(), QueuePosition(position, 1.0), 1, 0, None).ask_again_after == seconds


def test_a_waiting_page_is_told_when_to_ask_again(
    client: TestClient, session: Session, student: User
) -> None:
    job = queued(session, student, 1)
    session.commit()
    assert 'data-ask-again-after="5"' in client.get(f"/jobs/{job.id}/status").text
