"""Moderators' decisions on comments, and undoing them."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.board.events import CommentFeatured, CommentModerated, CommentShown
from app.board.models import CommentReport, CommentState, Thread
from app.board.own import editing
from app.board.writing import spam
from app.core.errors import Conflict, Invalid, NotFound
from app.moderation import service as moderation
from app.moderation.service import TAKING_AWAY, Decision, Verdict
from tests.factories import make_user
from tests.integration.board.written import say
from tests.integration.moderation.acts import acts, decide, report, verdict

pytestmark = pytest.mark.usefixtures("redis")


@pytest.mark.parametrize(
    ("decision", "before", "after"),
    [
        (Decision.APPROVE, CommentState.PENDING, CommentState.VISIBLE),
        (Decision.APPROVE, CommentState.WITHHELD, CommentState.VISIBLE),
        (Decision.REJECT, CommentState.PENDING, CommentState.REJECTED),
        (Decision.WITHHOLD, CommentState.VISIBLE, CommentState.WITHHELD),
        (Decision.DELETE, CommentState.WITHHELD, CommentState.DELETED),
        (Decision.FEATURE, CommentState.WITHHELD, CommentState.VISIBLE),
    ],
)
def test_every_transition_is_logged_with_actor_and_reason(
    session: Session,
    author: User,
    lecturer: User,
    decision: Decision,
    before: CommentState,
    after: CommentState,
) -> None:
    comment = say(session, author, state=before)
    decide(session, lecturer, comment, decision)
    act = acts(session, comment)[0]
    assert comment.state == after
    assert (act.actor_id, act.reason) == (lecturer.id, "advertising or spam")
    assert (act.state_before, act.state_after) == (before, after)


def test_the_thread_counts_visible_comments_through_every_decision(
    session: Session, author: User, lecturer: User
) -> None:
    comment = say(session, author, state=CommentState.PENDING)
    thread = session.get_one(Thread, comment.thread_id)
    counts = []
    for decision in (Decision.APPROVE, Decision.WITHHOLD, Decision.APPROVE, Decision.DELETE):
        decide(session, lecturer, comment, decision)
        counts.append(thread.comment_count)
    assert counts == [1, 0, 1, 0]


@pytest.mark.parametrize("decision", sorted(TAKING_AWAY))
def test_taking_something_away_needs_a_reason(
    session: Session, author: User, lecturer: User, decision: Decision
) -> None:
    comment = say(session, author, state=CommentState.PENDING)
    with pytest.raises(Invalid):
        decide(session, lecturer, comment, decision, reason="")
    assert comment.state == CommentState.PENDING
    assert acts(session, comment) == []


def test_of_two_moderators_the_later_one_is_told_that_it_was_decided(
    session: Session, author: User, lecturer: User
) -> None:
    comment = say(session, author, state=CommentState.PENDING)
    seen_before = verdict(session, comment, Decision.REJECT)
    decide(session, lecturer, comment, Decision.APPROVE)
    with pytest.raises(Conflict):
        moderation.decide(session, make_user(session, role=Role.ADMIN), comment.id, seen_before)
    assert comment.state == CommentState.VISIBLE


def test_of_two_moderators_who_saw_the_same_report_the_later_one_is_told_that_it_was_settled(
    session: Session, author: User, lecturer: User
) -> None:
    comment = say(session, author)
    report(session, comment, 1)
    seen_before = verdict(session, comment, Decision.REJECT)
    decide(session, lecturer, comment, Decision.APPROVE)
    with pytest.raises(Conflict):
        moderation.decide(session, make_user(session, role=Role.ADMIN), comment.id, seen_before)
    assert comment.state == CommentState.VISIBLE


def test_a_decision_holds_only_for_the_text_that_the_moderator_saw(
    session: Session, author: User, lecturer: User
) -> None:
    comment = say(session, author, "A harmless question, is it not?", state=CommentState.PENDING)
    seen_before = verdict(session, comment, Decision.APPROVE)
    editing.edit(session, author, comment.id, "Buy cheap watches at once!")
    with pytest.raises(Conflict) as error:
        moderation.decide(session, lecturer, comment.id, seen_before)
    assert error.value.msgid == moderation.REWRITTEN
    assert comment.state == CommentState.PENDING
    decide(session, lecturer, comment, Decision.REJECT)
    assert comment.state == CommentState.REJECTED


@pytest.mark.parametrize("decision", [Decision.APPROVE, Decision.REJECT])
def test_a_decision_leaves_reports_open_that_the_moderator_has_not_seen(
    session: Session, author: User, lecturer: User, decision: Decision
) -> None:
    comment = say(session, author)
    report(session, comment, 1)
    seen_before = verdict(session, comment, decision)
    report(session, comment, 1)
    moderation.decide(session, lecturer, comment.id, seen_before)
    assert len(_open_reports(session)) == 1


def test_what_was_refused_changes_nothing(session: Session, author: User, lecturer: User) -> None:
    """The page that reports it is rendered in the same transaction, which then continues."""
    comment = say(session, author)
    report(session, comment, 1)
    seen = verdict(session, comment, Decision.APPROVE)
    with pytest.raises(Conflict):
        moderation.decide(
            session,
            lecturer,
            comment.id,
            Verdict(Decision.APPROVE, "", "visible.another", seen.reported_until),
        )
    assert len(_open_reports(session)) == 1


def test_approving_tells_the_author_and_shows_a_comment_that_was_never_seen(
    session: Session, author: User, lecturer: User, heard: list[Any]
) -> None:
    comment = say(session, author, state=CommentState.PENDING)
    spam.note_new(session, comment)
    session.flush()
    decide(session, lecturer, comment, Decision.APPROVE)
    assert heard == [CommentModerated(comment, "approve", "advertising or spam"), CommentShown(comment)]


def test_approving_what_was_seen_before_is_no_news_to_its_readers(
    session: Session, author: User, lecturer: User, heard: list[Any]
) -> None:
    comment = say(session, author)
    report(session, comment, 3)
    heard.clear()
    decide(session, lecturer, comment, Decision.APPROVE)
    assert [type(event) for event in heard] == [CommentModerated]


def test_one_key_features_a_comment_that_waits(
    session: Session, author: User, lecturer: User, heard: list[Any]
) -> None:
    comment = say(session, author, state=CommentState.WITHHELD)
    act = decide(session, lecturer, comment, Decision.FEATURE)
    assert (comment.state, comment.is_featured) == (CommentState.VISIBLE, True)
    assert CommentFeatured(comment, lecturer.id) in heard
    moderation.undo(session, lecturer, act.id)
    assert (comment.state, comment.is_featured) == (CommentState.WITHHELD, False)


# Undo


@pytest.mark.parametrize("decision", list(Decision))
def test_a_decision_can_be_taken_back(
    session: Session, author: User, lecturer: User, decision: Decision
) -> None:
    before = CommentState.VISIBLE if decision == Decision.WITHHOLD else CommentState.PENDING
    comment = say(session, author, state=before)
    act = decide(session, lecturer, comment, decision)
    moderation.undo(session, lecturer, act.id)
    assert comment.state == before
    assert act.undone_at is not None
    assert "undo" in {other.act for other in acts(session, comment)}


def test_taking_a_decision_back_opens_the_reports_again_that_it_settled(
    session: Session, author: User, lecturer: User
) -> None:
    comment = say(session, author)
    report(session, comment, 2)
    act = decide(session, lecturer, comment, Decision.APPROVE)
    assert _open_reports(session) == []
    moderation.undo(session, lecturer, act.id)
    assert len(_open_reports(session)) == 2


def test_nobody_takes_back_somebody_elses_decision(session: Session, author: User, lecturer: User) -> None:
    comment = say(session, author, state=CommentState.PENDING)
    act = decide(session, lecturer, comment, Decision.REJECT)
    with pytest.raises(NotFound):
        moderation.undo(session, make_user(session, role=Role.ADMIN), act.id)


def test_a_decision_is_taken_back_once(session: Session, author: User, lecturer: User) -> None:
    comment = say(session, author, state=CommentState.PENDING)
    act = decide(session, lecturer, comment, Decision.REJECT)
    moderation.undo(session, lecturer, act.id)
    with pytest.raises(NotFound):
        moderation.undo(session, lecturer, act.id)


def test_a_decision_is_not_taken_back_over_a_newer_one(
    session: Session, author: User, lecturer: User
) -> None:
    comment = say(session, author, state=CommentState.PENDING)
    act = decide(session, lecturer, comment, Decision.APPROVE)
    decide(session, make_user(session, role=Role.ADMIN), comment, Decision.REJECT)
    with pytest.raises(Conflict):
        moderation.undo(session, lecturer, act.id)


def test_a_decision_is_not_taken_back_over_newer_ones_that_came_to_the_same(
    session: Session, author: User, lecturer: User
) -> None:
    comment, other = say(session, author, state=CommentState.PENDING), make_user(session, role=Role.ADMIN)
    act = decide(session, lecturer, comment, Decision.APPROVE)
    decide(session, other, comment, Decision.WITHHOLD)
    decide(session, other, comment, Decision.APPROVE)
    with pytest.raises(Conflict):
        moderation.undo(session, lecturer, act.id)
    assert comment.state == CommentState.VISIBLE


def _open_reports(session: Session) -> list[CommentReport]:
    return list(session.scalars(select(CommentReport).where(CommentReport.resolved_at.is_(None))))
