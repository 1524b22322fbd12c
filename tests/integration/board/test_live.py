"""What open pages are sent about comments."""

import json
import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.service import open_session
from app.board import counters, places, service, states
from app.board.live_routes import _topics as followed_topics
from app.board.live_routes import stream_for
from app.board.models import Comment, CommentState
from app.core import db
from app.core.clock import now
from app.core.live.sending import topic_key
from app.core.redis import get_redis
from tests.factories import NO_ID, make_job, make_user
from tests.integration.board.talk import FRAGMENT, many, say, write

pytestmark = pytest.mark.usefixtures("redis")


def test_watchers_of_a_thread_hear_of_a_new_comment_by_ids_only(
    client: TestClient, place: places.ThreadHost, session: Session, student: User
) -> None:
    answer = write(client, place, "Do you hear me out there?")
    [(_identity, fields)] = get_redis().xrange(topic_key(f"thread:{place.thread_id}"))
    assert fields[b"type"] == b"comment"
    assert json.loads(fields[b"data"]) == {"id": answer.headers["location"].split("/")[-1], "parent": None}


def test_a_pending_comment_is_announced_to_nobody(
    place: places.ThreadHost, session: Session, hao: User
) -> None:
    for number in range(3):
        comment = say(session, hao, f"A comment to be rejected {number}", place=place)
        counters.change_state(session, comment, CommentState.REJECTED)
    session.commit()
    with db.session_scope() as scope:
        waiting = service.post(scope, scope.get_one(User, hao.id), place, "And now I wait", "w" * 32, 60)
    assert waiting.state == CommentState.PENDING
    assert get_redis().xlen(topic_key(f"thread:{place.thread_id}")) == 0


def test_a_page_that_was_away_hears_what_it_missed(
    client: TestClient, place: places.ThreadHost, session: Session, hao: User
) -> None:
    say(session, hao, "This was there before", place=place)
    moment = now()
    missed = say(session, make_user(session), "This came meanwhile", place=place)
    session.commit()
    found = client.get(f"/threads/{place.key}/news", params={"since": moment.isoformat()}).json()
    assert found == [{"id": str(missed.id), "parent": None}]
    chosen = client.get(f"/threads/{place.key}/chosen?ids={missed.id}", headers=FRAGMENT).text
    assert "This came meanwhile" in chosen


def test_a_page_without_a_comment_yet_hears_the_first_ones_that_it_missed(
    client: TestClient, place: places.ThreadHost, session: Session, hao: User
) -> None:
    html = client.get(place.address).text
    since = re.search(r'data-latest="([^"]+)"', html)[1]
    missed = say(session, hao, "The first one, written while the page was away", place=place)
    session.commit()
    found = client.get(f"/threads/{place.key}/news", params={"since": since}).json()
    assert found == [{"id": str(missed.id), "parent": None}]


def test_a_page_that_was_away_for_long_hears_the_latest(
    client: TestClient, place: places.ThreadHost, session: Session, hao: User
) -> None:
    since = now()
    for comment in many(session, place, hao, 250):
        comment.created_at += timedelta(hours=2)
    session.commit()
    found = client.get(f"/threads/{place.key}/news", params={"since": since.isoformat()}).json()
    latest = session.scalars(select(Comment.id).order_by(Comment.created_at)).all()[-200:]
    assert [each["id"] for each in found] == [str(identity) for identity in latest]


def test_a_page_that_was_away_hears_of_a_comment_that_was_approved_meanwhile(
    client: TestClient, place: places.ThreadHost, session: Session, hao: User, lin: User
) -> None:
    waiting = say(session, hao, "I have waited for a while", place=place)
    counters.change_state(session, waiting, CommentState.PENDING)
    since = now()
    address = f"/threads/{place.key}/news"
    session.commit()
    assert client.get(address, params={"since": since.isoformat()}).json() == []
    states.move(session, lin, waiting, CommentState.VISIBLE, "approve")
    session.commit()
    found = client.get(address, params={"since": since.isoformat()}).json()
    assert found == [{"id": str(waiting.id), "parent": None}]


# Who may follow what


def test_a_page_follows_a_place_that_its_reader_may_see(
    place: places.ThreadHost, session: Session, hao: User
) -> None:
    job = places.job_place(make_job(session, make_user(session), shared_at=now()))
    for reader, seen in ((None, place), (hao, place), (hao, places.CLASS), (hao, job)):
        assert stream_for(session, reader, f"place:{seen.key}") == f"thread:{seen.thread_id}"


def test_a_visitor_follows_neither_the_board_of_the_class_nor_a_training(
    client: TestClient, session: Session
) -> None:
    job = places.job_place(make_job(session, make_user(session), shared_at=now()))
    session.commit()
    for hidden in (places.CLASS, job):
        assert client.get("/live", params={"topics": f"place:{hidden.key}"}).status_code == 404


def test_nobody_follows_a_training_that_is_not_shared(
    client: TestClient, session: Session, student: User, hao: User
) -> None:
    job = places.job_place(make_job(session, hao))
    session.commit()
    assert client.get("/live", params={"topics": f"place:{job.key}"}).status_code == 404


@pytest.mark.parametrize(
    "topics",
    ["", "user:1", "job:1", "thread:x", f"thread:{NO_ID}", "place:x", ",".join(["user"] * 2 + ["all"])],
)
def test_nobody_follows_what_is_no_topic(client: TestClient, student: User, topics: str) -> None:
    assert client.get("/live", params={"topics": topics}).status_code == 404


def test_what_one_page_may_not_follow_is_refused_and_the_other_pages_of_the_browser_go_on(
    place: places.ThreadHost, session: Session, student: User, hao: User
) -> None:
    hidden, mine = make_job(session, hao), make_job(session, student)
    token = open_session(session, student)
    session.commit()
    wanted = {f"job:{hidden.id}": None, f"job:{mine.id}": "7-0", f"place:{place.key}": None, "user": None}
    followed, refused, is_signed_in = followed_topics(token, wanted)
    assert is_signed_in and refused == [f"job:{hidden.id}"]
    assert [(topic.name, topic.after) for topic in followed] == list(wanted.items())[1:]
    followed, refused, _ = followed_topics(None, wanted)
    assert [topic.name for topic in followed] == [f"place:{place.key}"] and len(refused) == 3


def test_a_visitor_has_no_topic_of_a_user(client: TestClient) -> None:
    assert client.get("/live?topics=user", headers={"Accept": "text/event-stream"}).status_code in {401, 303}
