"""The position of pinned or featured comments while readers do not see them."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board import marks, states
from app.board.models import CommentState, Rank
from app.board.places import CLASS
from app.moderation import service as moderation
from app.moderation.service import Decision
from tests.integration.board.talk import shown
from tests.integration.board.written import say
from tests.integration.moderation.acts import decide

pytestmark = pytest.mark.usefixtures("redis")


def test_the_stub_of_a_pinned_comment_does_not_stay_on_top_and_the_comment_comes_back_there(
    session: Session, author: User, lecturer: User
) -> None:
    pinned = say(session, author, ago=timedelta(hours=3))
    say(session, author, parent=pinned)
    newer = say(session, author)
    marks.pin(session, lecturer, pinned)
    assert [entry.id for entry in shown(session, CLASS).entries] == [pinned.id, newer.id]
    states.delete(session, author, pinned.id)
    assert [entry.id for entry in shown(session, CLASS).entries] == [newer.id, pinned.id]
    states.restore(session, author, pinned.id)
    assert [entry.id for entry in shown(session, CLASS).entries] == [pinned.id, newer.id]


@pytest.mark.parametrize("decision", [Decision.REJECT, Decision.WITHHOLD, Decision.DELETE])
def test_a_featured_comment_keeps_its_place_through_a_decision_that_was_taken_back(
    session: Session, author: User, lecturer: User, decision: Decision
) -> None:
    comment = say(session, author)
    marks.feature(session, lecturer, comment)
    act = decide(session, lecturer, comment, decision)
    assert (comment.is_featured, comment.rank) == (True, Rank.PLAIN)
    moderation.undo(session, lecturer, act.id)
    assert (comment.state, comment.rank) == (CommentState.VISIBLE, Rank.FEATURED)
