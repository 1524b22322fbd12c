"""Titles, unanswered comments, and following or muting a discussion."""

from datetime import timedelta
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board import following, places, service
from app.board.discussion.cursors import Order
from app.board.models import Comment, CommentDraft
from app.core.errors import Conflict
from app.notifications.models import Kind, Notification
from tests.factories import make_user
from tests.integration.board.talk import LESSON, bodies, shown, write
from tests.integration.board.written import say

pytestmark = pytest.mark.usefixtures("redis")


def told(session: Session, user: User) -> list[str]:
    return list(session.scalars(select(Notification.kind).where(Notification.user_id == user.id)))


def reply(session: Session, author: User, to: Comment, body: str = "I know something about that") -> Comment:
    return service.post(session, author, places.CLASS, body, uuid4().hex, 60, reply_to_id=to.id)


def test_a_comment_may_have_a_title_which_is_text(
    client: TestClient, place: places.ThreadHost, student: User, session: Session
) -> None:
    assert (
        write(
            client, place, "It stays at 2.303, whatever I try", title=" Why is my <b>loss</b>\n stuck? "
        ).status_code
        == 303
    )
    comment_id, title = session.execute(select(Comment.id, Comment.title)).one()
    session.rollback()
    assert title == "Why is my <b>loss</b> stuck?"
    assert "Why is my &lt;b&gt;loss&lt;/b&gt; stuck?</bdi></h3>" in client.get(LESSON).text
    answer = write(client, place, "A reply has none of its own", title="Not shown", reply_to=str(comment_id))
    assert answer.status_code == 303 and "Not shown" not in client.get(LESSON).text
    too_long = write(client, place, "Another comment of mine", title="长" * 121)
    assert too_long.status_code == 422 and "长" * 121 in too_long.text and "121" in too_long.text


def test_a_title_changes_with_its_comment_and_is_kept_in_a_draft(
    client: TestClient, place: places.ThreadHost, student: User, session: Session
) -> None:
    address = write(client, place, "It stays at 2.303, whatever I try", title="Stuck").headers["location"]
    edit = {"body": "It stays at 2.303, whatever I try", "title": "Solved"}
    assert 'value="Stuck"' in client.get(f"{address}/edit").text
    assert client.post(f"{address}/edit", data=edit).status_code == 303
    assert session.scalar(select(Comment.title)) == "Solved"
    session.rollback()
    draft = {"thread": place.key, "body": "half a thought", "title": "Half"}
    assert client.post("/board/drafts", data=draft).status_code == 204
    assert session.scalar(select(CommentDraft.title)) == "Half"
    session.rollback()
    assert 'value="Half"' in client.get(LESSON).text


def test_unanswered_are_those_without_a_reply_that_can_be_seen(
    client: TestClient, student: User, session: Session, hao: User
) -> None:
    asked = say(session, hao, "Nobody has answered this")
    answered = say(session, hao, "Somebody has answered that")
    reply(session, student, answered)
    session.commit()
    page = shown(session, places.CLASS, student, order=Order.UNANSWERED)
    assert [entry.id for entry in page.entries] == [asked.id]
    html = client.get("/board", params={"order": "unanswered"}).text
    assert "Nobody has answered this" in html and "Somebody has answered that" not in html
    assert client.get("/board", params={"order": "nonsense"}).status_code == 200
    assert len(bodies(shown(session, places.CLASS, student))) == 2


def test_who_follows_hears_of_every_reply_once_and_who_mutes_of_none(
    client: TestClient, student: User, session: Session, hao: User
) -> None:
    author, replier = make_user(session), make_user(session)
    topic = say(session, author, "A topic that many follow", ago=timedelta(hours=1))
    first = say(session, hao, "A first reply by somebody", parent=topic)
    session.commit()
    answer = client.post(f"/comments/{topic.id}/following", data={"how": "follow"})
    assert answer.status_code == 303
    assert "comment-acts" in client.get("/board").text
    following.choose(session, hao, topic, "mute")
    reply(session, replier, first, "To hao, who does not want to hear")
    session.flush()
    assert told(session, student) == [Kind.FOLLOWED]
    assert told(session, hao) == []
    following.choose(session, hao, topic, "none")
    reply(session, author, first, "To hao again, who hears of it now")
    assert told(session, hao) == [Kind.REPLY] and told(session, student) == [Kind.FOLLOWED] * 2
    reply(session, student, topic, "One does not hear of oneself here")
    assert told(session, student) == [Kind.FOLLOWED] * 2
    session.commit()
    client.cookies.set("language", "en", domain="127.0.0.1", path="/")
    assert "in a discussion that you follow" in client.get("/notifications").text


def test_only_what_one_sees_and_what_is_no_reply_can_be_followed(
    client: TestClient, student: User, session: Session, hao: User
) -> None:
    topic = say(session, hao, "A topic of the first level")
    below = say(session, hao, "A reply that stands below it", parent=topic)
    hidden = say(session, hao, "Nobody sees this any more", state="withheld")
    session.commit()
    with pytest.raises(Conflict):
        following.choose(session, student, below, "follow")
    session.rollback()
    assert client.post(f"/comments/{below.id}/following", data={"how": "follow"}).status_code == 409
    assert client.post(f"/comments/{hidden.id}/following", data={"how": "follow"}).status_code == 404
    assert client.post(f"/comments/{topic.id}/following", data={"how": "all"}).status_code == 422
