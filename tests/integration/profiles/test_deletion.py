"""Deleting an account: what is deleted, what stays, and what others see then."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app import features
from app.accounts.models import Role, User, UserSession
from app.admin import service as admin
from app.board import service
from app.board.models import CommentState, Thread
from app.board.places import ThreadHost, job_place
from app.checkins.models import CheckIn
from app.core import db, storage
from app.core.clock import now
from app.courses.models import Course, Lesson
from app.jobs.models import Job, JobState
from app.journal.models import Act
from app.notes.models import Note
from app.notifications.models import Notification
from app.search.models import SearchEntry
from tests.factories import PASSWORD, make_job
from tests.integration.conftest import enter
from tests.integration.people import like, person, say, unread
from tests.integration.profiles.rows import comment, count

pytestmark = pytest.mark.usefixtures("in_english")


def delete_account(client: TestClient, password: str = PASSWORD) -> int:
    return client.post("/settings/account-deletion", data={"deletion_password": password}).status_code


def test_an_account_is_deleted_with_its_password_only(signed_in: TestClient, hao: User) -> None:
    assert delete_account(signed_in, "a wrong one") == 422
    assert count(User, id=hao.id) == 1
    assert delete_account(signed_in) == 200
    assert count(User, id=hao.id) == 0


def test_all_sign_ins_end_and_the_name_is_free_again(signed_in: TestClient, hao: User) -> None:
    delete_account(signed_in)
    assert count(UserSession, user_id=hao.id) == 0
    assert (
        signed_in.get("/progress", headers={"Accept": "text/html"}).headers["location"].startswith("/sign-in")
    )
    assert signed_in.post("/sign-up", data={"name": "小昊", "password": PASSWORD}).status_code == 303


def test_others_replies_stay_readable_below_a_stub(
    signed_in: TestClient,
    hao: User,
    ming: User,
) -> None:
    own = say(hao, "words that go")
    reply = say(ming, "words that stay", to=own)
    delete_account(signed_in)
    assert (comment(reply).state, comment(reply).body, comment(reply).parent_id) == (
        "visible",
        "words that stay",
        own.id,
    )
    stub = comment(own)
    assert (stub.state, stub.body, stub.html, stub.author_id) == (CommentState.DELETED, "", "", None)
    assert stub.replies == 1


def test_the_words_are_gone_from_every_table(
    signed_in: TestClient, course: Course, hao: User, ming: User
) -> None:
    say(hao, "unmistakable-word one", to=say(ming, "a question"))
    say(hao, "unmistakable-word two")
    liked = say(ming, "liked by two")
    like(hao, liked)
    like(person("Rui"), liked)
    with db.session_scope() as session:
        lesson = session.scalars(select(Lesson)).first()
        note = Note(user_id=hao.id, lesson_id=lesson.id, language="en", text="unmistakable-word three")
        session.add(note)
        session.flush()
        session.add(
            SearchEntry(
                kind="note", lesson_id=lesson.id, language="en", user_id=hao.id, note_id=note.id, position=0, anchor="", heading="",
                text="unmistakable-word", words="unmistakable-word",
            )
        )  # fmt: skip
    delete_account(signed_in)
    with db.session_scope(writes=False) as session:
        for table in features.metadata.tables.values():
            rows = session.execute(select(table)).all()
            assert not [row for row in rows if "unmistakable-word" in str(row) or str(hao.id) in str(row)], (
                table.name
            )


def test_the_counts_beside_others_comments_stay_right(
    signed_in: TestClient,
    hao: User,
    ming: User,
) -> None:
    theirs = say(ming, "a question")
    say(hao, "my answer", to=theirs)
    say(hao, "my second answer", to=theirs)
    say(hao, "a remark of mine")
    like(hao, theirs)
    delete_account(signed_in)
    left = comment(theirs)
    assert (left.replies, left.likes) == (0, 0)
    with db.session_scope(writes=False) as session:
        assert session.scalars(select(Thread.comment_count)).all() == [1]


def test_who_was_told_of_the_likes_is_told_of_those_that_are_left(
    signed_in: TestClient,
    hao: User,
    ming: User,
) -> None:
    both, alone = say(ming, "liked by two"), say(ming, "liked by one")
    like(person("Rui"), both)
    for row in (both, alone):
        like(hao, row)
    assert unread(ming) == 2
    delete_account(signed_in)
    assert unread(ming) == 1
    with db.session_scope(writes=False) as session:
        left = session.scalars(select(Notification).options(joinedload(Notification.actor))).one()
    assert left.actor.name == "Rui" and left.actors == [str(left.actor_id)]


def test_jobs_go_with_their_files(signed_in: TestClient, belongings: Job) -> None:
    delete_account(signed_in)
    assert count(Job) == 0
    assert storage.read(f"jobs/{belongings.id}/1/model.keras") is None
    assert storage.read(f"jobs/{belongings.id}/checkpoints/0001-1.npz") is None


def test_another_readers_files_stay(signed_in: TestClient, belongings: Job, ming: User) -> None:
    storage.write("jobs/other/1/model.keras", b"theirs")
    delete_account(signed_in)
    assert storage.read("jobs/other/1/model.keras") == b"theirs"


def test_a_running_training_is_cancelled_first(signed_in: TestClient, hao: User) -> None:
    with db.session_scope() as session:
        job = make_job(
            session, hao, state=JobState.RUNNING, attempt=1, lease_expires_at=now() + timedelta(minutes=1)
        )
    assert delete_account(signed_in) == 422
    with db.session_scope() as session:
        running = session.get_one(Job, job.id)
        assert running.cancel_requested_at
        running.state, running.lease_expires_at = JobState.CANCELLED, None
    assert delete_account(signed_in) == 200


def test_waiting_trainings_keep_nobody(signed_in: TestClient, hao: User) -> None:
    with db.session_scope() as session:
        make_job(session, hao)
    assert delete_account(signed_in) == 200
    assert count(Job) == 0


def test_with_the_running_training_those_that_wait_are_cancelled(signed_in: TestClient, hao: User) -> None:
    lease = {"attempt": 1, "lease_expires_at": now() + timedelta(minutes=1)}
    with db.session_scope() as session:
        make_job(session, hao, state=JobState.RUNNING, **lease)
        make_job(session, hao)
    assert delete_account(signed_in) == 422
    assert count(Job, state=JobState.CANCELLED) == 1


def test_a_store_that_fails_keeps_nobody(
    signed_in: TestClient, belongings: Job, hao: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.session_scope() as session:
        other = make_job(session, hao, state=JobState.FAILED)
    tried = []

    def fail(prefix: str) -> None:
        tried.append(prefix)
        raise OSError("the store is away")

    monkeypatch.setattr(storage, "delete_below", fail)
    assert delete_account(signed_in) == 200
    assert count(User, id=hao.id) == 0
    assert sorted(tried) == sorted(f"jobs/{job.id}/" for job in (belongings, other))


def test_the_journal_says_what_was_done_without_saying_to_whom(
    signed_in: TestClient, session: Session, hao: User, ming: User
) -> None:
    boss = person("Boss", Role.ADMIN)
    with db.session_scope() as writing:
        for user in (hao, ming):
            admin.suspend(writing, writing.get_one(User, boss.id), user.id, "Spam")
            admin.reinstate(writing, writing.get_one(User, boss.id), user.id)
    enter(signed_in, session, hao)
    delete_account(signed_in)
    assert count(Act) == 4 and count(Act, subject="小昊") == 0
    enter(signed_in, session, boss)
    page = signed_in.get("/admin/journal").text
    assert page.count("<b>deleted account</b>") == page.count(">Ming</a>") == 2


def test_the_last_admin_cannot_leave(signed_in: TestClient, hao: User) -> None:
    with db.session_scope() as session:
        session.get_one(User, hao.id).role = Role.ADMIN
    assert delete_account(signed_in) == 422
    person("another admin", Role.ADMIN)
    assert delete_account(signed_in) == 200


@pytest.fixture
def shared_places(hao: User) -> list[ThreadHost]:
    """A training that 小昊 has shared, and a check-in."""
    with db.session_scope() as session:
        job = make_job(session, hao, shared_at=now())
        check_in = CheckIn(user_id=hao.id, local_date=now().date(), zone="UTC", kind="real", source="quiz")
        session.add(check_in)
    wall = ThreadHost(f"check-in:{check_in.id}", f"/check-ins/{check_in.id}", owner_id=hao.id)
    return [job_place(job), wall]


def test_what_others_said_below_a_training_or_check_in_stays_readable(
    signed_in: TestClient, session: Session, shared_places: list[ThreadHost], hao: User, ming: User
) -> None:
    below = [say(ming, f"words that stay {place.key}", place=place) for place in shared_places]
    for words, place in zip(below, shared_places, strict=True):
        say(hao, f"words that go {place.key}", to=words, place=place)
        with db.session_scope() as writing:
            service.keep_draft(writing, writing.get_one(User, ming.id), place.thread_id, "half a word")
    delete_account(signed_in)
    enter(signed_in, session, ming)
    for words in below:
        page = signed_in.get(f"/comments/{words.id}", follow_redirects=True)
        assert page.status_code == 200
        assert "words that stay" in page.text and "half a word</textarea>" in page.text
        assert "words that go" not in page.text
        answer = signed_in.post(
            f"/comments/{words.id}/edit", data={"body": f"words that were mended {words.id}"}
        )
        assert answer.status_code == 303
    assert count(Thread) == len(shared_places)


def test_a_discussion_that_was_left_behind_goes_on(
    signed_in: TestClient, session: Session, shared_places: list[ThreadHost], ming: User
) -> None:
    words = say(ming, "words that stay", place=shared_places[0])
    delete_account(signed_in)
    with db.session_scope(writes=False) as reading:
        key = reading.scalar(select(Thread.key))
    enter(signed_in, session, ming)
    fields = {"body": "and words that answer", "reply_to": str(words.id)}
    assert signed_in.post(f"/threads/{key}/comments", data=fields).status_code == 303
    assert "and words that answer" in signed_in.get(f"/comments/{words.id}", follow_redirects=True).text


def test_a_visitor_does_not_see_a_discussion_that_was_left_behind(
    signed_in: TestClient, shared_places: list[ThreadHost], ming: User
) -> None:
    words = say(ming, "words that stay", place=shared_places[0])
    delete_account(signed_in)
    signed_in.cookies.clear()
    page = signed_in.get(f"/comments/{words.id}", follow_redirects=True)
    assert "words that stay" not in page.text
    page = signed_in.get(f"/discussions/{shared_places[0].thread_id}", follow_redirects=True)
    assert "words that stay" not in page.text


def test_what_only_its_owner_said_below_a_training_or_check_in_goes_with_it(
    signed_in: TestClient, shared_places: list[ThreadHost], hao: User
) -> None:
    for place in shared_places:
        say(hao, place=place)
    delete_account(signed_in)
    assert count(Thread) == 0


def test_an_account_without_anything_can_be_deleted_too(client: TestClient) -> None:
    client.post("/sign-up", data={"name": "Brief", "password": PASSWORD})
    assert delete_account(client) == 200
    assert count(User) == 0
