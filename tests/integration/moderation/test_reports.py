"""Reports by readers."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, get_args

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.board.events import CommentModerated
from app.board.forms import Reason
from app.board.log import ACTS
from app.board.models import CommentReport, CommentState, Thread
from app.board.states import REASONS
from app.core.db import session_scope
from app.core.errors import Forbidden, NotFound
from app.moderation import lists as moderation_lists
from app.moderation import service as moderation
from app.moderation.service import Decision
from tests.factories import make_user
from tests.integration.board.written import say
from tests.integration.moderation.acts import acts, decide, report, state_now

pytestmark = pytest.mark.usefixtures("redis")


def test_three_reports_from_different_readers_withhold_a_comment(
    session: Session, author: User, heard: list[Any]
) -> None:
    comment = say(session, author)
    report(session, comment, 2)
    assert comment.state == CommentState.VISIBLE
    report(session, comment, 1)
    assert comment.state == CommentState.WITHHELD
    assert acts(session, comment)[-1].actor_id is None
    assert heard[-1] == CommentModerated(comment, "withhold", moderation.MANY_REPORTS)


def test_three_reports_at_the_same_moment_withhold_a_comment_once(session: Session, author: User) -> None:
    comment = say(session, author)
    readers = [make_user(session) for _ in range(3)]
    session.commit()

    def tell(reader: User) -> None:
        with session_scope() as own:
            moderation.report(own, own.get_one(User, reader.id), comment.id, "spam", "")

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(tell, readers))
    assert state_now(session, comment) == CommentState.WITHHELD
    assert [act.act for act in acts(session, comment)] == ["withhold"]
    assert session.scalars(select(Thread.comment_count)).one() == 0


def test_a_reader_reports_a_comment_once(session: Session, author: User) -> None:
    comment, reader = say(session, author), make_user(session)
    for _again in range(3):
        moderation.report(session, reader, comment.id, "spam", "")
    assert comment.state == CommentState.VISIBLE
    assert len(session.scalars(select(CommentReport)).all()) == 1


def test_nobody_reports_a_comment_of_their_own(session: Session, author: User) -> None:
    with pytest.raises(Forbidden):
        moderation.report(session, author, say(session, author).id, "spam", "")


def test_a_comment_that_was_kept_needs_three_new_reports(
    session: Session, author: User, lecturer: User
) -> None:
    comment = say(session, author)
    readers = report(session, comment, 3)
    decide(session, lecturer, comment, Decision.APPROVE)
    for reader in readers:
        moderation.report(session, reader, comment.id, "spam", "")
    report(session, comment, 2)
    assert comment.state == CommentState.VISIBLE


@pytest.mark.parametrize("role", [Role.LECTURER, Role.ADMIN])
def test_reports_alone_do_not_withhold_what_staff_wrote_but_a_moderator_looks_at_it(
    session: Session, role: Role
) -> None:
    comment = say(session, make_user(session, role=role), "The exam is on Monday.")
    report(session, comment, 3)
    assert comment.state == CommentState.VISIBLE
    assert moderation_lists.waiting(session, None, 5) == [comment]


def test_what_readers_do_not_see_cannot_be_reported(session: Session, author: User) -> None:
    comment = say(session, author, state=CommentState.PENDING)
    with pytest.raises(NotFound):
        moderation.report(session, make_user(session), comment.id, "spam", "")


def test_the_reasons_of_the_form_are_those_that_are_explained() -> None:
    assert set(get_args(Reason)) == set(REASONS)
    assert {decision.value for decision in Decision} <= set(ACTS)
