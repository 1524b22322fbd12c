"""The export of all that one owns."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app import db, models_registry
from app.accounts.models import User, UserSession
from app.checkins.models import CheckIn
from app.clock import now
from app.courses.models import Course, Lesson
from app.jobs.models import Job
from app.notes.models import Note
from app.profiles import export
from app.profiles.export import LEFT_OUT, OWNED
from tests.integration.profiles.rows import HASH

pytestmark = pytest.mark.usefixtures("in_english")


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
