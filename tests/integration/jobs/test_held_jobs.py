"""Infrastructure failures requeue a job and count against nobody; a worker claims only what it can train."""

import errno
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from pathlib import Path
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from obstore.exceptions import GenericError
from redis.exceptions import ConnectionError as RedisAway
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core import db
from app.core.clock import now
from app.core.redis import get_redis
from app.jobs.models import Job, JobEpoch, JobLogLine, JobState
from app.jobs.queue import workers
from app.jobs.queue.held import HELD_BY
from app.jobs.queue.tickets import waiting_tickets
from app.recipes.dataset import DatasetError
from app.recipes.recipe import all_recipes, recipe_digest
from tests.factories import make_job, make_user, sign_up
from worker import claim, recipe_versions, roll
from worker.duties import sweep
from worker.faults import EXIT_CODES, KINDS, SiteFault, kind_of
from worker.readiness import Readiness, recipes_at_hand


def taken(known: dict[str, str] | None = None) -> claim.Claim | None:
    with db.session_scope() as session:
        return claim.claim_next(session, "cpu", known)


def given_back(found: claim.Claim, kind: str | None) -> Job:
    with db.session_scope() as session:
        claim.give_back(session, found.job_id, found.attempt, kind)
    return stored(found.job_id)


def stored(job_id: UUID) -> Job:
    with db.session_scope(writes=False) as session:
        return session.get_one(Job, job_id)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "disk"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "disk"),
        (GenericError("Generic LocalFileSystem error: No space left on device (os error 28)"), "disk"),
        (GenericError("Generic S3 error: error sending request for url (http://10.0.0.7:9000/b)"), "store"),
        (OperationalError("select 1", {}, Exception("server closed the connection")), "database"),
        (RedisAway("Connection refused"), "part"),
        (DatasetError("the file is missing"), "data"),
        (SiteFault("recipe", "changed"), "recipe"),
        (ValueError("a shape that does not fit"), None),
        (FileNotFoundError(errno.ENOENT, "of a recipe's own"), None),
        (MemoryError(), None),
    ],
    ids=str,
)
def test_each_error_is_booked_to_the_site_or_to_the_training(error: Exception, kind: str | None) -> None:
    assert kind_of(error) == kind


def test_what_an_error_came_from_counts_too() -> None:
    try:
        try:
            raise OSError(errno.ENOSPC, "full")
        except OSError as full:
            raise RuntimeError("could not save") from full
    except RuntimeError as error:
        assert kind_of(error) == "disk"


def test_every_kind_has_an_exit_code_of_its_own_and_words_for_the_student() -> None:
    assert set(EXIT_CODES) == set(HELD_BY)
    assert {KINDS[code] for code in EXIT_CODES.values()} == set(HELD_BY)


def test_give_backs_for_the_sites_fault_never_count_and_wait_longer_each_time(
    session: Session, redis: None
) -> None:
    job = make_job(session, make_user(session))
    session.commit()
    pauses = []
    for _ in range(9):
        found = taken()
        assert found is not None
        held = given_back(found, "store")
        assert held.held_until is not None
        pauses.append((held.held_until - now()).total_seconds())
        with db.session_scope() as scope:
            scope.execute(update(Job).values(held_until=None))
    assert pauses[0] < 1
    assert pauses[1:] == pytest.approx([2, 4, 8, 16, 32, 60, 60, 60], abs=1)
    held = stored(job.id)
    assert (held.state, held.interruptions, held.give_backs, held.held_by) == (JobState.QUEUED, 0, 9, "store")


def test_a_held_job_lets_others_pass_until_its_pause_is_over(session: Session, redis: None) -> None:
    held, other = make_job(session, make_user(session)), make_job(session, make_user(session))
    held.held_until = now() + timedelta(minutes=1)
    session.commit()
    first = taken()
    assert first is not None and first.job_id == other.id
    assert taken() is None
    with db.session_scope() as scope:
        scope.execute(update(Job).values(held_until=now() - timedelta(seconds=1)))
        assert claim.has_queued(scope, "cpu")
    assert taken() is not None


def test_a_job_that_is_given_back_or_interrupted_sends_a_ticket(session: Session, redis: None) -> None:
    make_job(session, make_user(session))
    session.commit()
    found = taken()
    assert found is not None
    given_back(found, None)
    assert waiting_tickets("cpu") == 1
    again = taken()
    assert again is not None
    with db.session_scope() as scope:
        claim.interrupt(scope, again.job_id, again.attempt, "a test")
    assert waiting_tickets("cpu") == 2


def test_the_page_says_that_the_site_is_at_fault_without_an_address(
    client: TestClient, session: Session, redis: None
) -> None:
    name = sign_up(client)
    owner = session.scalars(select(User).where(User.name == name)).one()
    job = make_job(session, owner)
    session.commit()
    found = taken()
    assert found is not None
    given_back(found, "store")
    client.cookies.set("language", "en")
    page = unescape(client.get(f"/jobs/{job.id}").text)
    assert HELD_BY["store"] in page
    assert "does not count against you" in page
    lines = session.scalars(select(JobLogLine.line)).all()
    assert lines == [f"Back to the queue: {claim.HELD_LOG}"]


def test_a_worker_with_older_recipes_takes_nothing_and_one_with_the_right_ones_does(session: Session) -> None:
    job = make_job(session, make_user(session), "line", recipe_digest=recipe_digest("line"))
    session.commit()
    older = recipes_at_hand() | {"line": "0" * 64}
    assert taken(older) is None
    assert taken({}) is None
    found = taken(recipes_at_hand())
    assert found is not None and found.job_id == job.id


def test_a_job_from_before_digests_goes_by_its_recipes_name(session: Session) -> None:
    make_job(session, make_user(session), "line")
    session.commit()
    assert taken({"toy-2d": "0" * 64}) is None
    assert taken({"line": "0" * 64}) is not None


def test_the_first_claim_fixes_the_threads_and_later_ones_keep_them(
    session: Session, redis: None, configure: Callable[..., None]
) -> None:
    make_job(session, make_user(session))
    session.commit()
    configure(job_threads=3)
    first = taken()
    assert first is not None and first.threads == 3
    given_back(first, None)
    configure(job_threads=7)
    second = taken()
    assert second is not None and second.threads == 3


def test_everything_that_is_installed_is_at_hand() -> None:
    assert recipes_at_hand() == {slug: recipe_digest(slug) for slug in all_recipes()}


def test_a_worker_whose_store_is_away_knows_nothing_and_pauses_for_longer_each_time(
    database: str, configure: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readiness = Readiness()
    assert set(readiness.known_recipes()) == set(all_recipes())
    from app.core import storage

    def away(*_: object) -> None:
        raise GenericError("Generic S3 error")

    monkeypatch.setattr(storage, "write", away)
    pauses = []
    for _ in range(5):
        readiness._store_answered = -1e9
        readiness._paused_until = 0.0
        with pytest.raises(SiteFault):
            readiness.known_recipes()
        pauses.append(readiness.pause_left())
    assert pauses == pytest.approx([1, 2, 4, 5, 5], abs=0.5)


def test_a_recipe_at_fault_is_left_alone_and_stops_no_other(database: str) -> None:
    readiness = Readiness()
    readiness.has_faulted("recipe", "line")
    assert readiness.pause_left() == 0
    assert set(readiness.known_recipes()) == set(all_recipes()) - {"line"}
    readiness.has_faulted("store", "line")
    assert readiness.pause_left() > 0


def test_a_recipe_that_no_worker_has_is_said_and_after_a_while_taken_anew(session: Session) -> None:
    current = recipe_digest("line")
    values = {"recipe_digest": "0" * 64, "created_at": now() - timedelta(minutes=1), "attempt": 1}
    job = make_job(session, make_user(session), "line", **values)
    session.add(
        JobEpoch(
            job_id=job.id, epoch=1, attempt=1, metrics={}, seconds=1, points=[], extra={}, checkpoint_key="k", stream_id="0-0"
        )
    )  # fmt: skip
    session.commit()

    recipe_versions.care(session, live={current})
    session.commit()
    assert (stored(job.id).held_by, stored(job.id).recipe_digest) == ("recipe", "0" * 64)

    recipe_versions.care(session, {current}, taken_anew_after=timedelta(seconds=30))
    session.commit()
    assert (stored(job.id).held_by, stored(job.id).recipe_digest) == (None, current)
    assert session.scalars(select(JobEpoch)).all() == []
    assert session.scalars(select(JobLogLine.line)).all() == [recipe_versions.CHANGED]


def test_a_sweep_sends_as_many_tickets_as_jobs_can_start(session: Session, redis: None) -> None:
    for _ in range(5):
        make_job(session, make_user(session))
    session.commit()
    for worker in ("one", "two", "three"):
        roll.sign(get_redis(), worker, 1, ["cpu"], ["a"])
    sweep()
    assert waiting_tickets("cpu") == 3
    sweep()
    assert waiting_tickets("cpu") == 3
    assert waiting_tickets("gpu") == 0


def test_a_sweep_sends_no_more_tickets_than_jobs_wait(session: Session, redis: None) -> None:
    make_job(session, make_user(session))
    session.commit()
    roll.sign(get_redis(), "big", 8, ["cpu"], ["a"])
    sweep()
    assert waiting_tickets("cpu") == 1


def test_who_signed_off_counts_no_more(redis: None) -> None:
    roll.sign(get_redis(), "one", 2, ["cpu", "gpu"], ["a", "b"])
    assert workers.count_slots(get_redis(), "cpu") == 2
    assert workers.known_digests(get_redis()) == {"a", "b"}
    roll.sign_off(get_redis(), "one", 2, ["cpu", "gpu"])
    assert workers.count_slots(get_redis(), "gpu") == 0


def test_leases_are_set_and_compared_by_the_databases_clock(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host whose clock is 40 s ahead ends no lease, and grants none that is longer."""
    make_job(session, make_user(session))
    session.commit()
    real = now()
    for module in ("app.core.clock", "app.jobs.models", "app.jobs.queue.fairness"):
        monkeypatch.setattr(f"{module}.now", lambda: now() + timedelta(seconds=40))
    found = taken()
    assert found is not None
    assert stored(found.job_id).lease_expires_at < real + timedelta(seconds=35)
    with db.session_scope(writes=False) as scope:
        assert claim.expired(scope) == []
