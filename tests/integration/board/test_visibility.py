"""Who sees which comment: states, places, deleted accounts."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board import counters, places
from app.board.models import Comment, CommentState
from app.core import db
from app.core.clock import now
from app.core.errors import Conflict, NotFound
from app.courses.models import Lesson
from tests.factories import NO_ID, make_job, make_user
from tests.integration.board.talk import FRAGMENT, LESSON, say, shown, write
from tests.integration.conftest import enter

pytestmark = pytest.mark.usefixtures("redis")


def test_an_author_sees_the_own_pending_comment_and_nobody_else_does(
    client: TestClient, place: places.ThreadHost, session: Session, student: User, hao: User
) -> None:
    comment = say(session, student, "I wait for a moderator", place=place)
    counters.change_state(session, comment, CommentState.PENDING)
    session.commit()
    assert "I wait for a moderator" in client.get(LESSON).text
    enter(client, session, hao)
    assert "I wait for a moderator" not in client.get(LESSON).text
    assert client.get(f"/comments/{comment.id}").status_code == 404


def test_an_author_sees_the_own_withheld_comment_and_nobody_else_does(
    client: TestClient, place: places.ThreadHost, session: Session, student: User, hao: User
) -> None:
    comment = say(session, student, "Three readers reported this", place=place)
    counters.change_state(session, comment, CommentState.WITHHELD)
    session.commit()
    page = client.get(LESSON).text
    assert "Three readers reported this" in page and "comment-waiting" in page
    enter(client, session, hao)
    assert "Three readers reported this" not in client.get(LESSON).text


def test_an_author_finds_the_own_pending_reply_after_three_that_all_see(
    client: TestClient, place: places.ThreadHost, session: Session, student: User, hao: User
) -> None:
    top = say(session, hao, "A question for all of you", place=place)
    for number in range(3):
        say(session, hao, f"An answer of mine: {number}", place=place, to=top)
    link = f"/comments/{top.id}/replies?after="
    session.commit()
    assert link not in client.get(LESSON).text
    pending = say(session, student, "My answer waits here", place=place, to=top)
    counters.change_state(session, pending, CommentState.PENDING)
    session.commit()
    page = client.get(LESSON).text
    after = page.partition(link)[2].partition('"')[0]
    assert after and "My answer waits here" not in page
    assert "My answer waits here" in client.get(link + after, headers=FRAGMENT).text
    enter(client, session, hao)
    assert link not in client.get(LESSON).text


@pytest.mark.parametrize("state", [CommentState.DELETED, CommentState.WITHHELD])
def test_an_author_finds_the_own_pending_reply_below_a_comment_that_went(
    client: TestClient,
    place: places.ThreadHost,
    session: Session,
    student: User,
    hao: User,
    state: CommentState,
) -> None:
    top = say(session, hao, "A question that will go", place=place)
    reply = say(session, student, "My answer waits here", place=place, to=top)
    counters.change_state(session, reply, CommentState.PENDING)
    counters.change_state(session, top, state)
    session.commit()
    address = client.get(f"/comments/{reply.id}").headers["location"].partition("#")[0]
    for path in (LESSON, address):
        page = client.get(path).text
        assert "My answer waits here" in page and "A question that will go" not in page
    enter(client, session, make_user(session))
    assert str(top.id) not in client.get(LESSON).text


@pytest.mark.parametrize("state", [CommentState.DELETED, CommentState.WITHHELD, CommentState.REJECTED])
def test_what_a_stub_said_can_be_neither_quoted_nor_answered(
    client: TestClient,
    place: places.ThreadHost,
    session: Session,
    student: User,
    hao: User,
    state: CommentState,
) -> None:
    top = say(session, hao, "SECRET: my number is 138", place=place)
    say(session, make_user(session), "Others see this answer", place=place, to=top)
    counters.change_state(session, top, state)
    session.commit()
    for path in ("/reply", "/reply?quote=1"):
        for headers in ({}, FRAGMENT):
            answer = client.get(f"/comments/{top.id}{path}", headers=headers)
            assert answer.status_code == 404 and "SECRET" not in answer.text
    for path in ("", "/replies", "/history"):
        assert "SECRET" not in client.get(f"/comments/{top.id}{path}", follow_redirects=True).text
    refused = write(client, place, "I answer it all the same", reply_to=str(top.id))
    assert refused.status_code == 422 and "SECRET" not in refused.text
    for on in ("true", "false"):
        liked = client.post(f"/comments/{top.id}/likes", data={"on": on}, headers=FRAGMENT)
        assert "SECRET" not in liked.text


def test_a_deleted_comment_leaves_a_stub_only_where_replies_hang_on_it(
    place: places.ThreadHost, session: Session, hao: User
) -> None:
    lonely = say(session, hao, "Nobody answers me at all", place=place)
    answered = say(session, hao, "Somebody answers this one", place=place)
    reply = say(session, make_user(session), "and this is the answer", place=place, to=answered)
    for comment in (lonely, answered):
        counters.change_state(session, comment, CommentState.DELETED)
    [stub] = shown(session, place).entries
    assert (stub.id, stub.is_stub, stub.name, stub.html, stub.author_id) == (answered.id, True, "", "", None)
    assert [entry.id for entry in stub.replies] == [reply.id]
    assert shown(session, place).count == 1


def test_the_counts_follow_every_change_of_state(
    place: places.ThreadHost, session: Session, hao: User
) -> None:
    top = say(session, hao, "The first of us all", place=place)
    reply = say(session, hao, "And the reply of it", place=place, to=top)
    counts = []
    for state in ("withheld", "deleted", "visible", "rejected", "visible"):
        counters.change_state(session, reply, CommentState(state))
        counts.append((top.replies, shown(session, place).count))
    assert counts == [(0, 1), (0, 1), (1, 2), (0, 1), (1, 2)]


def test_a_state_that_somebody_else_has_changed_meanwhile_is_a_conflict(
    place: places.ThreadHost, session: Session, hao: User
) -> None:
    comment = say(session, hao, "Two moderators look at me", place=place)
    session.commit()
    with db.session_scope() as other:
        counters.change_state(other, other.get_one(Comment, comment.id), CommentState.WITHHELD)
    with pytest.raises(Conflict):
        counters.change_state(session, comment, CommentState.REJECTED)


# Places


def test_the_board_of_the_class_is_for_those_who_are_signed_in(
    client: TestClient, session: Session, student: User
) -> None:
    write(client, places.CLASS, "Who wants to learn together?")
    assert "Who wants to learn together?" in client.get("/board").text
    client.cookies.clear()
    assert client.get("/board").status_code == 303
    assert client.get("/threads/class/comments", headers=FRAGMENT).status_code == 404


def test_a_shared_training_can_be_seen_by_the_class_and_talked_about(
    client: TestClient, session: Session, student: User, hao: User
) -> None:
    job = make_job(session, student)
    session.commit()
    place = places.job_place(job)
    assert write(client, place, "Nobody can see me here").status_code == 404
    assert client.post(f"/jobs/{job.id}/sharing", data={"on": "true"}).status_code == 303
    enter(client, session, hao)
    page = client.get(f"/jobs/{job.id}")
    assert page.status_code == 200 and "*g" in page.text and "/cancellation" not in page.text
    assert client.post(f"/jobs/{job.id}/cancellation").status_code == 404
    assert write(client, place, "What a curve you have got").status_code == 303
    enter(client, session, student)
    assert "What a curve you have got" in client.get(f"/jobs/{job.id}").text


def test_a_training_that_is_not_shared_any_more_is_its_owners_alone(
    client: TestClient, session: Session, student: User, hao: User
) -> None:
    job = make_job(session, student, shared_at=now())
    session.commit()
    client.post(f"/jobs/{job.id}/sharing", data={"on": "false"})
    enter(client, session, hao)
    for path in ("", "/status", "/clone", "/events"):
        assert client.get(f"/jobs/{job.id}{path}").status_code == 404
    assert client.post(f"/jobs/{job.id}/sharing", data={"on": "true"}).status_code == 404


@pytest.mark.parametrize("key", ["nothing", "lesson:", f"lesson:{NO_ID}", f"job:{NO_ID}", "lesson:x"])
def test_a_place_that_does_not_exist_is_not_found(client: TestClient, student: User, key: str) -> None:
    assert client.get(f"/threads/{key}/comments", headers=FRAGMENT).status_code == 404


def test_a_comment_by_a_deleted_account_stays_readable(
    place: places.ThreadHost, session: Session, hao: User
) -> None:
    comment = say(session, hao, "I shall be gone tomorrow", place=place)
    comment.author_id = None
    session.flush()
    [entry] = shown(session, place).entries
    assert "gone tomorrow" in entry.html
    assert entry.name and "昊" not in entry.name


def test_a_comment_in_an_unpublished_lesson_is_not_found(
    client: TestClient, place: places.ThreadHost, session: Session, hao: User
) -> None:
    comment = say(session, hao, "The lesson goes away with me", place=place)
    session.get_one(Lesson, place.lesson_id).published_revision_id = None
    session.commit()
    assert client.get(f"/comments/{comment.id}").status_code == 404
    with pytest.raises(NotFound):
        places.find_place(session, None, place.key)
