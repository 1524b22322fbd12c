"""What pages that are open hear of comments."""

import json

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app import db
from app.accounts.models import User
from app.board import counters, places, service
from app.board.models import CommentState
from app.clock import now
from app.live import topic_key
from app.redis import get_redis
from tests.factories import make_user
from tests.integration.comments.talk import FRAGMENT, say, write

pytestmark = pytest.mark.usefixtures("redis")


def test_watchers_of_a_thread_hear_of_a_new_comment_by_ids_only(
    client: TestClient, place: places.Place, session: Session, student: User
) -> None:
    answer = write(client, place, "Do you hear me out there?")
    [(_identity, fields)] = get_redis().xrange(topic_key(f"thread:{place.thread_id}"))
    assert fields[b"type"] == b"comment"
    assert json.loads(fields[b"data"]) == {"id": answer.headers["location"].split("/")[-1], "parent": None}


def test_a_pending_comment_is_announced_to_nobody(place: places.Place, session: Session, hao: User) -> None:
    for number in range(3):
        comment = say(session, hao, f"A comment to be rejected {number}", place=place)
        counters.change_state(session, comment, CommentState.REJECTED)
    session.commit()
    with db.session_scope() as scope:
        waiting = service.post(scope, scope.get_one(User, hao.id), place, "And now I wait", "w" * 32, 60)
    assert waiting.state == CommentState.PENDING
    assert get_redis().xlen(topic_key(f"thread:{place.thread_id}")) == 0


def test_a_page_that_was_away_hears_what_it_missed(
    client: TestClient, place: places.Place, session: Session, hao: User
) -> None:
    say(session, hao, "This was there before", place=place)
    moment = now()
    missed = say(session, make_user(session), "This came meanwhile", place=place)
    session.commit()
    found = client.get(f"/threads/{place.key}/news", params={"since": moment.isoformat()}).json()
    assert found == [{"id": str(missed.id), "parent": None}]
    chosen = client.get(f"/threads/{place.key}/chosen?ids={missed.id}", headers=FRAGMENT).text
    assert "This came meanwhile" in chosen


@pytest.mark.parametrize("topics", ["", "user:1", "job:1", "thread:x", ",".join(["user"] * 2 + ["all"])])
def test_nobody_follows_what_is_no_topic(client: TestClient, student: User, topics: str) -> None:
    assert client.get("/live", params={"topics": topics}).status_code == 404


def test_a_visitor_has_no_topic_of_a_user(client: TestClient) -> None:
    assert client.get("/live?topics=user", headers={"Accept": "text/event-stream"}).status_code in {401, 303}
