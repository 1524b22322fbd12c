"""A reader's page, the settings, the export of everything one owns, and the account's deletion."""

import io
import json
import re
import zipfile
from datetime import timedelta
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from app import db, models_registry, storage
from app.accounts.models import Role, User, UserSession
from app.accounts.passwords import hash_password
from app.board import marks, moderation
from app.board.models import Comment, CommentState, Thread
from app.board.places import Place, job_place
from app.checkins.models import CheckIn
from app.clock import now
from app.courses.models import Course, Lesson, LessonReading
from app.jobs.models import Job, JobArtefact, JobEpoch, JobState
from app.notes.models import Note
from app.notifications.models import MailAddress, Notification
from app.profiles import export
from app.profiles.export import LEFT_OUT, OWNED
from app.search.models import SearchEntry
from tests.factories import PASSWORD, make_job
from tests.integration.conftest import enter
from tests.integration.people import like, person, say, somebody, unread
from tests.integration.test_statements import cost

HASH = hash_password(PASSWORD)
NEW_PASSWORD = "another sentence of mine"

hao = somebody("小昊")
ming = somebody("Ming")
lecturer = somebody("Lecturer Lin", Role.LECTURER)


@pytest.fixture(autouse=True)
def english(client: TestClient) -> None:
    client.cookies.set("language", "en", domain="127.0.0.1", path="/")


@pytest.fixture
def signed_in(client: TestClient, session: Session, hao: User) -> TestClient:
    """小昊, who has a real password."""
    session.execute(update(User).where(User.id == hao.id).values(password_hash=HASH))
    enter(client, session, hao)
    return client


def page_of(client: TestClient, user: User) -> str:
    answer = client.get(f"/people/{user.id}")
    assert answer.status_code == 200
    return answer.text


def count(model: type, **values: object) -> int:
    with db.session_scope(writes=False) as session:
        return len(session.scalars(select(model).filter_by(**values)).all())


def comment(row: Comment) -> Comment:
    with db.session_scope(writes=False) as session:
        return session.get_one(Comment, row.id)


def feature(staff: User, row: Comment) -> None:
    with db.session_scope() as session:
        marks.feature(session, session.get_one(User, staff.id), session.get_one(Comment, row.id))


# The page


def test_a_page_shows_the_name_masked_unless_its_owner_chose_to_show_it(
    client: TestClient,
    session: Session,
    hao: User,
    ming: User,
) -> None:
    enter(client, session, ming)
    assert "*昊" in page_of(client, hao) and "小昊" not in page_of(client, hao)
    with db.session_scope() as writing:
        writing.get_one(User, hao.id).shows_name = True
    assert "小昊" in page_of(client, hao)


def test_a_lecturer_is_shown_by_name(
    client: TestClient, session: Session, ming: User, lecturer: User
) -> None:
    enter(client, session, ming)
    assert "Lecturer Lin" in page_of(client, lecturer)


def test_a_page_shows_days_lessons_featured_comments_and_shared_trainings(
    client: TestClient,
    session: Session,
    course: Course,
    hao: User,
    ming: User,
    lecturer: User,
) -> None:
    plain, best = say(hao, "an ordinary remark"), say(hao, "the remark that all should read")
    feature(lecturer, best)
    with db.session_scope() as writing:
        lesson = writing.scalars(select(Lesson).order_by(Lesson.position)).first()
        writing.add(LessonReading(user_id=hao.id, lesson_id=lesson.id))
        today = now().date()
        for back in (3, 4):
            writing.add(
                CheckIn(
                    user_id=hao.id,
                    local_date=today - timedelta(days=back),
                    zone="Asia/Shanghai",
                    kind="real",
                    source="quiz",
                )
            )
        own = make_job(writing, hao)
        shared = make_job(writing, hao, shared_at=now())
    enter(client, session, ming)
    text = page_of(client, hao)
    assert f"/comments/{best.id}" in text and f"/comments/{plain.id}" not in text
    assert f"/jobs/{shared.id}" in text and f"/jobs/{own.id}" not in text
    assert f"/courses/tiny/lessons/{lesson.slug}" in text
    assert re.search(r"Days of learning</dt><dd>2<", text) and "2 days" in text


def test_a_featured_comment_that_was_taken_away_is_not_on_the_page(
    client: TestClient,
    session: Session,
    hao: User,
    ming: User,
    lecturer: User,
) -> None:
    best = say(hao, "the remark that all should read")
    feature(lecturer, best)
    with db.session_scope() as writing:
        moderation.delete(writing, writing.get_one(User, hao.id), best.id)
    enter(client, session, ming)
    assert "remark that all" not in page_of(client, hao)


def test_a_page_costs_few_statements(client: TestClient, session: Session, hao: User, lecturer: User) -> None:
    enter(client, session, hao)
    empty = cost(client, f"/people/{hao.id}")
    for number in range(3):
        feature(lecturer, say(hao, f"a good remark, number {number}, @[x](user:{lecturer.id})"))
    assert cost(client, f"/people/{hao.id}") <= empty + 1 <= 8


def test_nobodys_page_is_not_found_and_visitors_see_none(
    client: TestClient,
    session: Session,
    hao: User,
) -> None:
    assert (
        client.get(f"/people/{hao.id}", headers={"Accept": "text/html"})
        .headers["location"]
        .startswith("/sign-in")
    )
    enter(client, session, hao)
    assert client.get(f"/people/{uuid4()}").status_code == 404


# Settings


def test_the_name_is_shown_or_masked_as_its_owner_chooses(signed_in: TestClient, hao: User) -> None:
    for shown in ("yes", "no"):
        assert signed_in.post("/settings/name", data={"shown": shown}).status_code == 303
        with db.session_scope(writes=False) as session:
            assert session.get_one(User, hao.id).shows_name == (shown == "yes")


def test_a_new_password_ends_the_sign_ins_on_other_devices(
    signed_in: TestClient,
    session: Session,
    hao: User,
) -> None:
    with db.session_scope() as writing:
        writing.add(UserSession(token_hash="b" * 64, user_id=hao.id))
    fields = {"password": PASSWORD, "new_password": NEW_PASSWORD}
    assert signed_in.post("/settings/password", data=fields).status_code == 303
    assert signed_in.get("/settings").status_code == 200
    assert count(UserSession, user_id=hao.id) == 1
    assert signed_in.post("/sign-in", data={"name": "小昊", "password": NEW_PASSWORD}).status_code == 303


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("a wrong one", NEW_PASSWORD, "This is not your password."),
        (PASSWORD, "short", "at least 8"),
        (PASSWORD, "password123", "Too many people"),
    ],
)
def test_a_password_is_not_changed_without_the_old_one_or_to_a_poor_one(
    signed_in: TestClient, old: str, new: str, sentence: str
) -> None:
    answer = signed_in.post("/settings/password", data={"password": old, "new_password": new})
    assert answer.status_code == 422 and sentence in answer.text
    assert signed_in.post("/sign-in", data={"name": "小昊", "password": PASSWORD}).status_code == 303


# Export


@pytest.fixture
def belongings(course: Course, hao: User, ming: User) -> Job:
    """A bit of everything that 小昊 owns, beside the same of Ming; the finished training."""
    say(hao, f"dear @[Ming](user:{ming.id}), this is mine")
    say(ming, "this is Ming's alone")
    with db.session_scope() as session:
        lesson = session.scalars(select(Lesson)).first()
        for user in (hao, ming):
            session.add(
                Note(user_id=user.id, lesson_id=lesson.id, language="en", text=f"note of {user.name}")
            )
        session.add(MailAddress(user_id=hao.id, address="hao@example.org", language="zh"))
        job = make_job(session, hao, state=JobState.SUCCEEDED, attempt=1)
        key = f"jobs/{job.id}/1/model.keras"
        session.add(JobArtefact(job_id=job.id, attempt=1, name="model.keras", key=key, size=5))
        checkpoint = f"jobs/{job.id}/checkpoints/0001-1.npz"
        session.add(
            JobEpoch(
                job_id=job.id,
                epoch=1,
                attempt=1,
                metrics={"loss": 1},
                seconds=1,
                points=[],
                extra={},
                checkpoint_key=checkpoint,
                stream_id="0-0",
            )
        )
    storage.write(key, b"model")
    storage.write(checkpoint, b"weights")
    return job


def exported(client: TestClient) -> zipfile.ZipFile:
    answer = client.get("/settings/export")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    return archive


def test_an_export_has_everything_one_owns_as_json_and_files(signed_in: TestClient, belongings: Job) -> None:
    archive = exported(signed_in)
    rows = {name: json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json")}
    assert set(rows) == {f"{owned.name}.json" for owned in OWNED}
    assert [row["name"] for row in rows["account.json"]] == ["小昊"]
    assert [row["text"] for row in rows["notes.json"]] == ["note of 小昊"]
    assert "this is mine" in rows["comments.json"][0]["body"]
    assert [row["address"] for row in rows["mail-address.json"]] == ["hao@example.org"]
    assert [row["id"] for row in rows["trainings.json"]] == [str(belongings.id)]
    assert [row["epoch"] for row in rows["training-epochs.json"]] == [1]
    assert archive.read(f"trainings/{belongings.id}/1/model.keras") == b"model"


def test_an_export_holds_nothing_of_others_and_no_secret(
    signed_in: TestClient,
    belongings: Job,
    ming: User,
) -> None:
    archive = exported(signed_in)
    everything = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert "Ming" not in everything
    assert HASH not in everything and "argon2" not in everything
    with db.session_scope(writes=False) as session:
        assert not [
            row.token_hash for row in session.scalars(select(UserSession)) if row.token_hash in everything
        ]


# Rows that name a user whose data they are not: what staff did, what others were told, what is derived.
NOT_OWNED = {
    "acts.actor_id",
    "comments.author_id",
    "lesson_drafts.editor_id",
    "lesson_revisions.author_id",
    "moderation_acts.actor_id",
    "notifications.actor_id",
    "search_entries.user_id",
}


def test_every_column_that_names_a_user_is_exported_or_known_not_to_be_the_users() -> None:
    """Whoever adds a table decides here whether it belongs into the export."""
    naming = {
        f"{table.name}.{column.name}"
        for table in models_registry.metadata.tables.values()
        for column in table.columns
        if any(key.column.table.name == "users" for key in column.foreign_keys)
    }
    exported_ones = {f"{owned.table.name}.{owned.owner}" for owned in OWNED}
    left_to_staff = {name for name in naming - exported_ones if name.endswith("ordered_by_id")}
    assert naming - exported_ones - left_to_staff <= NOT_OWNED
    assert LEFT_OUT.isdisjoint({"id", "body", "text", "note"})


def test_long_tables_are_read_in_chunks_and_nothing_is_lost_between_them(
    signed_in: TestClient,
    course: Course,
    hao: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(export, "ROWS_AT_ONCE", 4)
    with db.session_scope() as session:
        lesson = session.scalars(select(Lesson)).first()
        for number in range(10):
            session.add(Note(user_id=hao.id, lesson_id=lesson.id, language="en", text=f"note {number}"))
        for day in range(9):
            session.add(
                CheckIn(
                    user_id=hao.id, local_date=now().date() - timedelta(days=day), zone="UTC", kind="freeze"
                )
            )
    archive = exported(signed_in)
    texts = sorted(row["text"] for row in json.loads(archive.read("notes.json")))
    assert texts == [f"note {number}" for number in range(10)]
    assert len(json.loads(archive.read("check-ins.json"))) == 9


def test_the_export_is_sent_while_it_is_made(signed_in: TestClient, belongings: Job, hao: User) -> None:
    pieces = list(export.export(hao.id))
    assert len(pieces) > len(OWNED)
    assert zipfile.ZipFile(io.BytesIO(b"".join(pieces))).testzip() is None


# Deletion


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
        for table in models_registry.metadata.tables.values():
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


def test_the_last_admin_cannot_leave(signed_in: TestClient, hao: User) -> None:
    with db.session_scope() as session:
        session.get_one(User, hao.id).role = Role.ADMIN
    assert delete_account(signed_in) == 422
    person("another admin", Role.ADMIN)
    assert delete_account(signed_in) == 200


def test_what_was_said_below_a_training_or_check_in_goes_with_it(
    signed_in: TestClient,
    hao: User,
    ming: User,
) -> None:
    with db.session_scope() as session:
        job = make_job(session, hao, shared_at=now())
        check_in = CheckIn(user_id=hao.id, local_date=now().date(), zone="UTC", kind="real", source="quiz")
        session.add(check_in)
    wall = Place(f"check-in:{check_in.id}", f"/check-ins/{check_in.id}", owner_id=hao.id)
    for place in (job_place(job), wall):
        say(ming, place=place)
    delete_account(signed_in)
    assert count(Thread) == 0


def test_an_account_without_anything_can_be_deleted_too(client: TestClient) -> None:
    client.post("/sign-up", data={"name": "Brief", "password": PASSWORD})
    assert delete_account(client) == 200
    assert count(User) == 0
