"""Whose job is next. One place says it: app.jobs.queue.fairness."""

from datetime import timedelta

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core import db
from app.core.clock import now
from app.jobs.models import Job, JobState
from app.jobs.queue.fairness import RECENT, fair_order, next_turn
from app.recipes.recipe import all_recipes
from tests.factories import make_job, make_user
from worker import claim


def train_next() -> Job:
    """Claim the next job and finish it successfully."""
    with db.session_scope() as session:
        taken = claim.claim_next(session, "cpu")
        assert taken is not None
        claim.finish(session, taken.job_id, taken.attempt, JobState.SUCCEEDED)
        return session.get_one(Job, taken.job_id)


def order_of_owners(users: list[User], jobs: int) -> list[int]:
    numbers = {user.id: number for number, user in enumerate(users)}
    return [numbers[train_next().user_id] for _ in range(jobs)]


def test_with_fifty_students_of_two_jobs_each_nobodys_second_is_before_anybodys_first(
    session: Session,
) -> None:
    """With one slot each student submits both at once, and each of the jobs is done before the next one starts."""
    users = [make_user(session) for _ in range(50)]
    for user in users:
        make_job(session, user)
        make_job(session, user)
    session.commit()
    owners = order_of_owners(users, 100)
    assert owners[:50] == list(range(50))
    assert owners[50:] == list(range(50))


def test_five_jobs_of_one_student_let_eighteen_others_go_between_them(session: Session) -> None:
    eager = make_user(session)
    for _ in range(5):
        make_job(session, eager)
    session.commit()
    train_next()
    others = [make_user(session) for _ in range(18)]
    for user in others:
        make_job(session, user)
    session.commit()
    assert order_of_owners([*others, eager], 22) == [*range(18), 18, 18, 18, 18]


def test_who_sends_the_second_when_the_first_is_done_waits_for_all_firsts_too(session: Session) -> None:
    quick, others = make_user(session), [make_user(session) for _ in range(3)]
    make_job(session, quick)
    for user in others:
        make_job(session, user)
    session.commit()
    train_next()
    make_job(session, quick)
    session.commit()
    assert order_of_owners([*others, quick], 4) == [0, 1, 2, 3]


def test_nobody_collects_credit_by_staying_away(session: Session) -> None:
    """Ten rounds later a student joins the current round: with three jobs she does not precede everyone else three times."""
    regular, late = make_user(session), make_user(session)
    for _ in range(10):
        make_job(session, regular)
        session.commit()
        train_next()
    make_job(session, regular)
    make_job(session, regular)
    for _ in range(3):
        make_job(session, late)
    session.commit()
    assert order_of_owners([regular, late], 5) == [1, 0, 1, 0, 1]


def test_what_was_trained_long_ago_does_not_set_anybody_back(session: Session) -> None:
    early, other = make_user(session), make_user(session)
    make_job(session, early, created_at=now() - RECENT - timedelta(minutes=1))
    session.commit()
    train_next()
    make_job(session, early)
    make_job(session, other)
    session.commit()
    assert order_of_owners([early, other], 2) == [0, 1]


def test_a_job_that_waits_for_more_than_an_hour_still_counts(session: Session) -> None:
    user = make_user(session)
    make_job(session, user, created_at=now() - RECENT - timedelta(hours=1))
    assert next_turn(session, user.id, "cpu") == 1


def test_a_job_that_was_cancelled_before_it_started_took_no_turn(session: Session) -> None:
    user = make_user(session)
    make_job(session, user, state="cancelled")
    assert next_turn(session, user.id, "cpu") == 0
    make_job(session, user, state="cancelled", attempt=1)
    assert next_turn(session, user.id, "cpu") == 1


def test_the_queues_count_for_themselves(session: Session) -> None:
    user = make_user(session)
    make_job(session, user, queue="gpu")
    assert next_turn(session, user.id, "cpu") == 0


def test_a_claim_among_ten_thousand_reads_the_first_entry_of_an_index(session: Session) -> None:
    """According to both query planners: neither sorts, nor scans the table."""
    settings = all_recipes()["line"].defaults
    users = [make_user(session).id for _ in range(100)]
    session.execute(
        insert(Job),
        [
            {"user_id": users[n % 100], "recipe": "line", "hyperparameters": settings, "turn": n // 100}
            for n in range(10_000)
        ],
    )
    session.commit()
    if session.bind.dialect.name == "postgresql":
        with db.get_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("analyze jobs"))
    first = (
        select(Job.id)
        .where(Job.state == JobState.QUEUED, Job.queue == "cpu")
        .order_by(*fair_order())
        .limit(1)
    )
    highest = select(Job.turn).where(Job.queue == "cpu", Job.attempt > 0).order_by(Job.turn.desc()).limit(1)
    explain = "explain query plan" if session.bind.dialect.name == "sqlite" else "explain"
    for statement, index in ((first, "ix_jobs_state_queue_turn"), (highest, "ix_jobs_queue_turn_started")):
        compiled = statement.compile(session.bind, compile_kwargs={"literal_binds": True})
        plan = "\n".join(str(row) for row in session.execute(text(f"{explain} {compiled}")))
        assert index in plan, plan
        assert "sort" not in plan.lower() and "temp b-tree" not in plan.lower(), plan
