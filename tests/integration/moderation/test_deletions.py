"""Deleting and restoring a comment."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board import states
from app.board.events import CommentModerated
from app.board.models import CommentState
from app.board.own import editing
from app.core.clock import now
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from tests.factories import make_user
from tests.integration.board.written import say
from tests.integration.moderation.acts import acts

pytestmark = pytest.mark.usefixtures("redis")


def test_a_deletion_can_be_undone_for_30_days(session: Session, author: User) -> None:
    comment = say(session, author)
    states.delete(session, author, comment.id)
    comment.deleted_at = now() - timedelta(days=29, hours=23)
    session.flush()
    states.restore(session, author, comment.id)
    assert (comment.state, comment.deleted_at) == (CommentState.VISIBLE, None)


def test_after_30_days_a_deletion_cannot_be_undone(session: Session, author: User, lecturer: User) -> None:
    comment = say(session, author)
    states.delete(session, author, comment.id)
    comment.deleted_at = now() - timedelta(days=30, seconds=1)
    session.flush()
    for user in (author, lecturer):
        with pytest.raises(Conflict):
            states.restore(session, user, comment.id)


def test_after_30_days_the_words_of_a_deleted_comment_are_removed(session: Session, author: User) -> None:
    old, recent, kept = say(session, author), say(session, author), say(session, author)
    for comment, days in ((old, 31), (recent, 29)):
        states.delete(session, author, comment.id)
        comment.deleted_at = now() - timedelta(days=days)
        acts(session, comment)[0].created_at = comment.deleted_at
    session.flush()
    assert editing.tidy(session) == 1
    session.expire_all()
    assert (old.body, old.html) == ("", "")
    assert recent.body and kept.body
    assert editing.tidy(session) == 0


def test_what_a_moderator_deleted_only_a_moderator_brings_back(
    session: Session, author: User, lecturer: User
) -> None:
    comment = say(session, author)
    states.delete(session, lecturer, comment.id, "unkind or insulting")
    with pytest.raises(Forbidden):
        states.restore(session, author, comment.id)
    states.restore(session, lecturer, comment.id)
    assert comment.state == CommentState.VISIBLE


def test_a_moderator_deletes_nothing_of_others_without_a_reason(
    session: Session, author: User, lecturer: User
) -> None:
    comment = say(session, author)
    with pytest.raises(Invalid):
        states.delete(session, lecturer, comment.id)
    assert comment.state == CommentState.VISIBLE
    states.delete(session, lecturer, say(session, lecturer).id)


def test_deleting_and_restoring_does_not_bring_a_withheld_comment_back(
    session: Session, author: User
) -> None:
    comment = say(session, author, state=CommentState.WITHHELD)
    states.delete(session, author, comment.id)
    states.restore(session, author, comment.id)
    assert comment.state == CommentState.WITHHELD


def test_nobody_deletes_or_restores_somebody_elses_comment(session: Session, author: User) -> None:
    comment, stranger = say(session, author), make_user(session)
    with pytest.raises(Forbidden):
        states.delete(session, stranger, comment.id)
    states.delete(session, author, comment.id)
    with pytest.raises(NotFound):
        states.restore(session, stranger, comment.id)


def test_restoring_by_a_moderator_tells_the_author(
    session: Session, author: User, lecturer: User, heard: list[Any]
) -> None:
    comment = say(session, author)
    states.delete(session, author, comment.id)
    assert heard == []
    states.restore(session, lecturer, comment.id)
    assert [(type(event), event.act) for event in heard] == [(CommentModerated, "restore")]
