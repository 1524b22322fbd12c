"""Every act of moderation leaves a row with its actor and its reason."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board import marks, states
from app.board.log import ACTS, OF_ITSELF, record
from app.board.models import Comment, CommentState
from app.moderation import service as moderation
from app.moderation.service import Decision
from tests.integration.board.written import say
from tests.integration.conftest import enter
from tests.integration.moderation.acts import acts, decide

pytestmark = pytest.mark.usefixtures("redis")
Do = Callable[[Session, User, Comment], object]


def _restore(session: Session, staff: User, comment: Comment) -> None:
    states.delete(session, staff, comment.id, "unkind or insulting")
    states.restore(session, staff, comment.id)


def _undo(session: Session, staff: User, comment: Comment) -> None:
    moderation.undo(session, staff, decide(session, staff, comment, Decision.REJECT).id)


DONE: dict[str, Do] = {
    "approve": lambda session, staff, comment: decide(session, staff, comment, Decision.APPROVE, reason=""),
    "feature": lambda session, staff, comment: marks.feature(session, staff, comment),
    "unfeature": lambda session, staff, comment: (
        marks.feature(session, staff, comment),
        marks.feature(session, staff, comment, False),
    ),
    "pin": lambda session, staff, comment: marks.pin(session, staff, comment),
    "unpin": lambda session, staff, comment: (
        marks.pin(session, staff, comment),
        marks.pin(session, staff, comment, False),
    ),
    "restore": _restore,
    "undo": _undo,
}


def test_each_act_that_needs_no_reason_is_tried_here() -> None:
    assert set(DONE) == set(OF_ITSELF)
    assert set(OF_ITSELF) < set(ACTS)


@pytest.mark.parametrize("act", DONE)
def test_what_needs_no_reason_is_logged_with_one_that_is_always_the_same(
    session: Session, author: User, lecturer: User, act: str
) -> None:
    state = CommentState.PENDING if act == "approve" else CommentState.VISIBLE
    comment = say(session, author, state=state)
    DONE[act](session, lecturer, comment)
    session.flush()
    row = acts(session, comment)[-1]
    assert (row.act, row.actor_id, row.reason) == (act, lecturer.id, OF_ITSELF[act])


@pytest.mark.parametrize("name", ["featuring", "pinning"])
def test_featuring_and_pinning_by_the_comments_menu_are_logged(
    client: TestClient, session: Session, author: User, lecturer: User, name: str
) -> None:
    comment = say(session, author)
    enter(client, session, lecturer)
    for on in ("true", "true", "false"):
        client.post(f"/comments/{comment.id}/{name}", data={"on": on})
    rows = acts(session, comment)
    assert [row.act for row in rows] == {"featuring": ["feature", "unfeature"], "pinning": ["pin", "unpin"]}[
        name
    ]
    assert all(row.actor_id == lecturer.id and row.reason for row in rows)


def test_a_moderator_who_deletes_by_the_comments_menu_is_asked_why_and_that_is_logged(
    client: TestClient, session: Session, author: User, lecturer: User, in_english: None
) -> None:
    comment = say(session, author, "This goes against the rules.")
    enter(client, session, lecturer)
    address = f"/comments/{comment.id}/deletion"
    asked = client.post(address)
    assert asked.status_code == 422
    assert "This goes against the rules." in asked.text and 'name="reason"' in asked.text
    assert "field-error" not in asked.text
    assert 'name="reason"' in client.get(address).text
    refused = client.post(address, data={"note": "Please be kind."})
    assert "Please choose a reason." in refused.text and "Please be kind.</textarea>" in refused.text
    answer = client.post(address, data={"reason": "unkind", "note": "Please be kind."})
    assert (answer.status_code, answer.headers["location"]) == (303, address)
    [row] = acts(session, comment)
    assert (row.act, row.actor_id, row.reason) == (
        "delete",
        lecturer.id,
        "unkind or insulting\nPlease be kind.",
    )


def test_what_an_author_deletes_is_logged_as_taken_away_by_its_author(session: Session, author: User) -> None:
    comment = say(session, author)
    states.delete(session, author, comment.id)
    [row] = acts(session, comment)
    assert (row.actor_id, row.reason) == (author.id, states.BY_AUTHOR)


def test_nothing_is_taken_away_without_a_reason_in_the_log(session: Session, author: User) -> None:
    with pytest.raises(ValueError, match="reason"):
        record(session, say(session, author), author, "delete", before=CommentState.VISIBLE)
