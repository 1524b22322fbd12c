"""Editing a comment: what is marked, kept and shown of it."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board import editing
from app.board.models import CommentEdit, CommentState
from app.clock import now
from app.errors import Forbidden, Invalid, NotFound
from tests.integration.board_comments import say

pytestmark = pytest.mark.usefixtures("redis")


def test_an_edit_within_15_minutes_is_silent(session: Session, author: User) -> None:
    comment = say(session, author, ago=timedelta(minutes=14))
    editing.edit(session, author, comment.id, "I meant something **else**.")
    assert comment.edited_at is None
    assert "<strong>else</strong>" in comment.html
    assert editing.history(session, comment.id) == []


def test_an_edit_after_15_minutes_is_marked_and_keeps_what_was_said(session: Session, author: User) -> None:
    comment = say(session, author, "The answer is forty-two.", ago=timedelta(minutes=16))
    editing.edit(session, author, comment.id, "The answer is forty-three.")
    assert comment.edited_at is not None
    assert [edit.body for edit in editing.history(session, comment.id)] == ["The answer is forty-two."]


def test_history_is_shown_for_24_hours_and_then_removed(session: Session, author: User) -> None:
    comment = say(session, author, ago=timedelta(days=3))
    for hours in (23, 25):
        moment = now() - timedelta(hours=hours)
        session.add(CommentEdit(comment_id=comment.id, body=f"said {hours} hours ago", replaced_at=moment))
    session.flush()
    assert [edit.body for edit in editing.history(session, comment.id)] == ["said 23 hours ago"]
    editing.tidy(session)
    assert session.scalars(select(CommentEdit.body)).all() == ["said 23 hours ago"]


def test_an_edit_that_changes_nothing_leaves_no_mark(session: Session, author: User) -> None:
    comment = say(session, author, "The answer is forty-two.", ago=timedelta(hours=1))
    editing.edit(session, author, comment.id, "The answer is forty-two.\r\n")
    assert comment.edited_at is None


def test_nobody_edits_somebody_elses_comment(session: Session, author: User, lecturer: User) -> None:
    comment = say(session, author)
    with pytest.raises(NotFound):
        editing.edit(session, lecturer, comment.id, "Words in your mouth.")


@pytest.mark.parametrize("state", [CommentState.REJECTED, CommentState.DELETED])
def test_what_was_decided_or_deleted_cannot_be_edited(
    session: Session, author: User, state: CommentState
) -> None:
    comment = say(session, author, state=state)
    with pytest.raises(Forbidden):
        editing.edit(session, author, comment.id, "Let me try that again.")


def test_an_edited_text_obeys_the_same_bounds(session: Session, author: User) -> None:
    comment = say(session, author)
    for text in ("short", "x" * 4001):
        with pytest.raises(Invalid):
            editing.edit(session, author, comment.id, text)


def test_an_edit_does_not_bring_a_withheld_comment_back(session: Session, author: User) -> None:
    comment = say(session, author, state=CommentState.WITHHELD)
    editing.edit(session, author, comment.id, "Now it is quite harmless.")
    assert comment.state == CommentState.WITHHELD


def test_the_edit_of_an_author_who_is_checked_first_waits_for_a_moderator(
    session: Session, author: User
) -> None:
    comment = say(session, author, ago=timedelta(hours=9))
    for hours in (1, 2, 3):
        say(session, author, ago=timedelta(hours=hours), state=CommentState.REJECTED)
    editing.edit(session, author, comment.id, "Buy cheap watches now!")
    assert comment.state == CommentState.PENDING
