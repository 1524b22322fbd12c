"""A decision by the queue's form: it applies to what the moderator saw, and is always logged with a reason."""

import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board.log import OF_ITSELF
from app.board.models import CommentReport, CommentState
from app.board.own import editing
from app.moderation import service as moderation
from app.moderation.service import Decision
from tests.factories import make_user
from tests.integration.board.written import say
from tests.integration.conftest import enter
from tests.integration.moderation.acts import acts, decide, state_now

pytestmark = pytest.mark.usefixtures("redis")


@pytest.mark.parametrize(("headers", "status"), [({}, 409), ({"X-Fragment": "1"}, 422)])
def test_a_moderator_who_decides_about_a_text_that_was_changed_meanwhile_is_shown_the_new_one(
    client: TestClient,
    session: Session,
    author: User,
    lecturer: User,
    in_english: None,
    headers: dict[str, str],
    status: int,
) -> None:
    comment = say(session, author, "A harmless question, is it not?", state=CommentState.PENDING)
    enter(client, session, lecturer)
    fields = _fields(client.get("/moderation").text) | {"decision": "approve"}
    editing.edit(session, author, comment.id, "Buy cheap watches at once!")
    session.commit()
    address = f"/moderation/comments/{comment.id}/decisions"
    typed = {"reason": "off-topic", "note": "Thank you <all>."}
    answer = client.post(address, data=fields | typed, headers=headers)
    assert answer.status_code == status
    assert (
        _fields(answer.text)["reason"] == "off-topic" and "Thank you &lt;all&gt;.</textarea>" in answer.text
    )
    assert "Its author has just changed this comment." in answer.text
    assert "Buy cheap watches at once!" in answer.text
    assert state_now(session, comment) == CommentState.PENDING
    client.post(address, data=_fields(answer.text) | {"decision": "reject"}, headers=headers)
    assert state_now(session, comment) == CommentState.REJECTED


def test_a_moderator_who_comes_too_late_is_shown_what_was_decided(
    client: TestClient, session: Session, author: User, lecturer: User, in_english: None
) -> None:
    comment = say(session, author, state=CommentState.PENDING)
    enter(client, session, lecturer)
    fields = _fields(client.get("/moderation").text) | {"decision": "approve"}
    decide(session, lecturer, comment, Decision.REJECT)
    session.commit()
    answer = client.post(f"/moderation/comments/{comment.id}/decisions", data=fields)
    assert "Somebody else has just dealt with this comment." in answer.text
    assert "advertising or spam" in answer.text
    assert 'name="decision"' not in answer.text


def test_a_word_to_the_author_is_kept_with_an_approval_too(
    client: TestClient, session: Session, author: User, lecturer: User, in_english: None
) -> None:
    comment = say(session, author, state=CommentState.PENDING)
    enter(client, session, lecturer)
    fields = _fields(client.get("/moderation").text) | {"decision": "approve", "note": "Well said."}
    client.post(f"/moderation/comments/{comment.id}/decisions", data=fields)
    assert acts(session, comment)[0].reason == f"{OF_ITSELF['approve']}\nWell said."


def test_each_decision_of_the_page_has_a_reason_that_readers_gave_or_the_first_one(
    client: TestClient, session: Session, author: User, lecturer: User
) -> None:
    """So that one key is enough."""
    comment = say(session, author)
    moderation.report(session, make_user(session), comment.id, "unkind", "It hurts.")
    enter(client, session, lecturer)
    fields = _fields(client.get("/moderation").text) | {"decision": "withhold"}
    client.post(f"/moderation/comments/{comment.id}/decisions", data=fields)
    [act] = acts(session, comment)
    assert (act.act, act.reason) == ("withhold", "unkind or insulting")
    assert session.scalars(select(CommentReport.resolved_at)).one() is not None


def _fields(page: str) -> dict[str, str]:
    """What the form of the only waiting comment sends, without its button."""
    form = page[page.index('class="moderation-form"') :]
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form)
    chosen = re.search(r'<option value="([^"]*)" selected>', form)
    return dict(hidden) | {"reason": chosen[1] if chosen else ""}
