"""Deleting an account concurrently with something else. With SQLite writes are serialised in any case."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from uuid import uuid4

import pytest
from sqlalchemy import text, update

from app.accounts.models import Role, User
from app.accounts.proofs import Proof
from app.board import service
from app.board.models import Comment
from app.board.places import CLASS
from app.core import db
from app.core.errors import Invalid
from app.profiles import deletion
from app.profiles.deletion import delete_account
from tests.factories import make_job
from tests.integration.people import person
from tests.integration.profiles.rows import HASH, count
from worker import claim

pytestmark = [
    pytest.mark.usefixtures("redis"),
    pytest.mark.parametrize("database", ["postgresql"], indirect=True),
]


@pytest.fixture
def others() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


def with_password(user: User) -> User:
    with db.session_scope() as session:
        session.execute(update(User).where(User.id == user.id).values(password_hash=HASH))
    return user


def leave(user: User) -> None:
    with db.session_scope() as session:
        delete_account(session, session.get_one(User, user.id), Proof(True, HASH))


def let_wait(work: Future) -> None:
    """Until `work` waits for a lock, or is done."""
    deadline = time.monotonic() + 10
    with db.get_engine().connect() as connection:
        while not work.done() and time.monotonic() < deadline:
            if connection.scalar(text("select count(*) from pg_locks where not granted")):
                return
            time.sleep(0.02)


def test_a_comment_that_is_just_being_posted_goes_with_the_account(
    hao: User, others: ThreadPoolExecutor
) -> None:
    with_password(hao)
    is_stored, may_end = Event(), Event()

    def post() -> None:
        with db.session_scope() as session:
            author = session.get_one(User, hao.id)
            service.post(session, author, CLASS, "words that should go", uuid4().hex, 60)
            is_stored.set()
            may_end.wait(10)

    posting = others.submit(post)
    assert is_stored.wait(10)
    leaving = others.submit(leave, hao)
    let_wait(leaving)
    may_end.set()
    posting.result(), leaving.result()
    assert count(User) == 0
    assert count(Comment) == count(Comment, body="", html="", state="deleted") == 1


@pytest.mark.parametrize("step", ["request_cancellation", "forget_actor"])
def test_no_worker_claims_a_waiting_training_while_its_owner_leaves(
    hao: User, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    with_password(hao)
    with db.session_scope() as session:
        make_job(session, hao)
    claimed = []
    do_step = getattr(deletion, step)

    def claim_before(*values: object) -> None:
        with db.session_scope() as session:
            claimed.append(claim.claim_next(session, "cpu"))
        do_step(*values)

    monkeypatch.setattr(deletion, step, claim_before)
    leave(hao)
    assert claimed == [None]


def test_of_two_admins_who_leave_at_once_one_has_to_stay(database: str, others: ThreadPoolExecutor) -> None:
    first, second = (with_password(person(name, Role.ADMIN)) for name in ("First", "Second"))
    with db.session_scope() as session:
        delete_account(session, session.get_one(User, first.id), Proof(True, HASH))
        leaving = others.submit(leave, second)
        let_wait(leaving)
    with pytest.raises(Invalid):
        leaving.result()
    assert count(User, role=Role.ADMIN) == 1
