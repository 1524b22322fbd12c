"""The export of a user's data."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import features
from app.accounts.models import User, UserSession
from app.checkins.models import CheckIn
from app.core import db
from app.core.admission import Admission
from app.core.clock import now
from app.core.storage import Files
from app.courses.models import Course, Lesson, LessonDraft, LessonRevision
from app.jobs.models import Job
from app.moderation.service import Decision
from app.notes.models import Note
from app.profiles import export
from app.profiles.export import DERIVED, LEFT_OUT
from tests import loops
from tests.integration.conftest import enter
from tests.integration.people import decide, say
from tests.integration.profiles.rows import HASH

pytestmark = pytest.mark.usefixtures("in_english")


def exported(client: TestClient) -> zipfile.ZipFile:
    answer = client.get("/settings/export")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    return archive


def rows(archive: zipfile.ZipFile, name: str) -> list[dict[str, Any]]:
    return json.loads(archive.read(f"{name}.json"))


def test_an_export_has_everything_one_owns_as_json_and_files(signed_in: TestClient, belongings: Job) -> None:
    archive = exported(signed_in)
    lists = {name for name in archive.namelist() if name.endswith(".json")}
    assert lists == {f"{owned.name}.json" for owned in features.OWNED if owned.file_name is None}
    assert [row["name"] for row in rows(archive, "account")] == ["小昊"]
    assert [row["text"] for row in rows(archive, "notes")] == ["note of 小昊"]
    assert "this is mine" in rows(archive, "comments")[0]["body"]
    assert [row["address"] for row in rows(archive, "mail-address")] == ["hao@example.org"]
    assert [row["id"] for row in rows(archive, "trainings")] == [str(belongings.id)]
    assert [row["epoch"] for row in rows(archive, "training-epochs")] == [1]
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


def test_a_lecturers_export_has_what_the_lecturer_wrote(
    client: TestClient, session: Session, course: Course, lecturer: User
) -> None:
    with db.session_scope() as writing:
        first, second = writing.scalars(select(LessonRevision).order_by(LessonRevision.id))
        first.author_id = lecturer.id
        writing.add(
            LessonDraft(
                lesson_id=second.lesson_id,
                editor_id=lecturer.id,
                digest="0" * 64,
                sources={"zh.md": "还没写完"},
                pictures={},
            )
        )
    enter(client, session, lecturer)
    archive = exported(client)
    revisions, drafts = rows(archive, "lesson-revisions"), rows(archive, "lesson-drafts")
    assert [revision["sources"] for revision in revisions] == [first.sources]
    assert "rendering" not in revisions[0]
    assert [draft["sources"] for draft in drafts] == [{"zh.md": "还没写完"}]


def test_an_author_gets_the_decisions_about_the_own_comments_and_not_whose_they_were(
    signed_in: TestClient, hao: User, ming: User, lecturer: User
) -> None:
    decide(lecturer, say(hao), Decision.REJECT, "off-topic")
    decide(lecturer, say(ming), Decision.REJECT, "unkind")
    archive = exported(signed_in)
    decisions = rows(archive, "comment-decisions")
    assert [(row["act"], row["reason"]) for row in decisions] == [("reject", "off-topic")]
    everything = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert str(lecturer.id) not in everything


# Columns that name a user, or what a user owns, in rows that are not that user's data.
NOT_OWNED = {
    "what staff did": {"acts.actor_id", "acts.subject_id", "deleted_lessons.deleted_by_id", "moderation_acts.actor_id", "publication_orders.ordered_by_id"},
    "what others did with it": {
        "cheers.check_in_id", "comment_follows.comment_id", "comment_likes.comment_id", "comment_reports.comment_id", "comments.parent_id", "comments.reply_to_id",
        "jobs.cloned_from_id", "jobs.continued_from_id", "jobs.sweep_id", "notifications.actor_id", "notifications.comment_id", "notifications.job_id", "threads.job_id",
    },
    "ways back in": {"account_mails.user_id", "reset_links.user_id"},
    "what is derived": {"curve_points.job_id", "comment_words.comment_id", "search_entries.note_id", "search_entries.user_id", "sent_forms.user_id"},
    "what a course is made of": {"lesson_drafts.base_revision_id", "lessons.published_revision_id"},
}  # fmt: skip


def test_every_column_that_names_a_user_or_what_one_owns_is_exported_or_known_not_to_be_the_users() -> None:
    """Whoever adds a table decides here whether it belongs in the export."""
    owned = {"users"} | {part.table.name for part in features.OWNED}
    naming = {
        f"{table.name}.{column.name}"
        for table in features.metadata.tables.values()
        for column in table.columns
        if any(key.column.table.name in owned for key in column.foreign_keys)
    }
    exported_ones = {f"{part.table.name}.{part.owner}" for part in features.OWNED}
    assert naming - exported_ones == set().union(*NOT_OWNED.values())
    assert (LEFT_OUT | DERIVED).isdisjoint({"id", "body", "text", "note", "sources"})


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
    texts = sorted(row["text"] for row in rows(archive, "notes"))
    assert texts == [f"note {number}" for number in range(10)]
    assert len(rows(archive, "check-ins")) == 9


def test_the_export_is_sent_while_it_is_made(signed_in: TestClient, belongings: Job, hao: User) -> None:
    async def taken() -> list[bytes]:
        return [piece async for piece in export.export(hao.id, features.OWNED, Admission(), Files())]

    pieces = loops.run(taken)
    assert len(pieces) > len(features.OWNED)
    assert zipfile.ZipFile(io.BytesIO(b"".join(pieces))).testzip() is None
