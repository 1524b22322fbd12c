"""Unsent text: stored per thread or reply, and only as long as it is a draft."""

from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board import counters, places, service
from app.board.models import CommentDraft, CommentState
from tests.factories import NO_ID, make_job, make_user
from tests.integration.board.talk import LESSON, say, write

pytestmark = pytest.mark.usefixtures("redis")


def keep(client: TestClient, place: places.ThreadHost, body: str, **fields: str) -> Response:
    """As a form does while it is being filled in."""
    return client.post("/board/drafts", data={"thread": place.key, "body": body} | fields)


def drafts(session: Session) -> list[str]:
    found = list(session.scalars(select(CommentDraft.body)))
    session.commit()  # otherwise it would block the next writer
    return found


def test_a_draft_is_there_again_and_gone_once_it_is_sent(
    client: TestClient, place: places.ThreadHost, student: User, session: Session
) -> None:
    assert keep(client, place, "half a thought of mine").status_code == 204
    assert "half a thought of mine" in client.get(LESSON).text
    write(client, place, "half a thought of mine, and its end")
    assert drafts(session) == []


def test_each_place_has_a_draft_of_its_own(
    client: TestClient, place: places.ThreadHost, student: User, session: Session, hao: User
) -> None:
    comment = say(session, hao, "Something to be answered", place=place)
    session.commit()
    keep(client, place, "an answer in the making", reply_to=str(comment.id))
    assert "an answer in the making" not in client.get(LESSON).text
    assert "an answer in the making" in client.get(f"/comments/{comment.id}/reply").text


def test_a_draft_knows_whom_its_names_mean(
    client: TestClient, place: places.ThreadHost, student: User, hao: User
) -> None:
    mentions = f"@[*昊](user:{hao.id})"
    keep(client, place, "half a word to @*昊", mentions=mentions)
    page = client.get(LESSON).text
    assert ">\nhalf a word to @*昊</textarea>" in page and mentions in page


def test_an_emptied_draft_is_forgotten(place: places.ThreadHost, session: Session, hao: User) -> None:
    service.keep_draft(session, hao, place.thread_id, "soon gone")
    service.keep_draft(session, hao, place.thread_id, "  ")
    assert session.scalar(select(func.count()).select_from(CommentDraft)) == 0


def test_a_draft_that_comes_after_its_comment_does_not_bring_the_text_back(
    client: TestClient, place: places.ThreadHost, student: User, session: Session
) -> None:
    key = uuid4().hex
    write(client, place, "sent before its draft arrived", request_key=key)
    assert keep(client, place, "sent before its draft arr", request_key=key).status_code == 204
    assert drafts(session) == []
    keep(client, place, "the next thought", request_key=uuid4().hex)
    assert drafts(session) == ["the next thought"]


def test_a_draft_is_kept_only_where_its_writer_may_write(
    client: TestClient, place: places.ThreadHost, student: User, session: Session, hao: User
) -> None:
    hidden = say(session, hao, "This will be withheld", place=place)
    elsewhere = say(session, hao, "On the board of the class", place=places.CLASS)
    counters.change_state(session, hidden, CommentState.WITHHELD)
    private = places.job_place(make_job(session, make_user(session)))
    session.commit()
    assert keep(client, private, "not my training").status_code == 404
    assert keep(client, places.ThreadHost(f"lesson:{NO_ID}", "/"), "no such lesson").status_code == 404
    for target in (hidden.id, elsewhere.id, uuid4()):
        assert keep(client, place, "an answer to nobody", reply_to=str(target)).status_code == 422
    assert drafts(session) == []
