"""Lessons copied, moved to another course, deleted; and previewing what publishing would change."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.authoring.models import DeletedLesson
from app.authoring.outline import deleted
from app.board.models import Comment, thread_id
from app.core.clock import now
from app.core.db import session_scope
from app.courses.models import Course, Lesson, LessonDraft, LessonReading, LessonRevision, Module
from app.jobs.models import Job
from app.notes.models import Note
from app.notes.service import Passage, add_note
from tests.factories import make_job, make_user
from tests.integration.authoring.texts import LESSON, add_sentence, one, text_of
from tests.integration.conftest import enter


@pytest.fixture
def other_module(course: Course) -> UUID:
    """A module of another course."""
    with session_scope() as session:
        other = Course(slug="other", title={"zh": "别的"}, summary={"zh": "别的"}, source="", position=1)
        session.add(other)
        session.flush()
        module = Module(course_id=other.id, slug="first", title={"zh": "一"}, position=0)
        session.add(module)
        session.flush()
        return module.id


def test_a_copy_is_a_draft_of_its_own_in_any_course(
    client: TestClient, editor: str, lesson: Lesson, other_module: UUID
) -> None:
    for module, slug in ((lesson.module_id, "00-start-copy"), (other_module, "00-start")):
        fields = {"module": str(module), "request_key": f"{module.hex}"}
        answer, again = (client.post(f"{editor}/copies", data=fields) for _click in range(2))
        assert (answer.status_code, again.headers["location"]) == (303, answer.headers["location"])
        copy = UUID(answer.headers["location"].rpartition("/")[2])
        made = one(select(Lesson).where(Lesson.id == copy))
        assert (made.slug, made.module_id, made.published_revision_id) == (slug, module, None)
        assert text_of(made) == text_of(lesson)
    assert client.get(LESSON).status_code == 200
    assert one(select(func.count()).select_from(LessonDraft)) == 2


def test_a_lesson_moves_to_another_course_once_no_reader_has_its_address(
    client: TestClient, editor: str, lesson: Lesson, other_module: UUID
) -> None:
    to_other = {"module": str(other_module)}
    assert client.post(f"{editor}/course", data=to_other).status_code == 409
    assert client.post(f"{editor}/unpublication").status_code == 303
    assert client.post(f"{editor}/course", data=to_other).status_code == 303
    moved = one(select(Lesson).where(Lesson.id == lesson.id))
    other = one(select(Course.id).where(Course.slug == "other"))
    assert (moved.course_id, moved.module_id, moved.position) == (other, other_module, 1)
    assert client.get(LESSON).status_code == 404


def test_a_lesson_is_deleted_by_its_name_and_comes_back_with_all_that_was_in_it(
    client: TestClient, editor: str, lesson: Lesson, session: Session
) -> None:
    reader = make_user(session)
    session.add(LessonReading(user_id=reader.id, lesson_id=lesson.id))
    add_note(session, reader, lesson.id, "zh", Passage("a passage", "", "", "top"), "a thought")
    make_job(session, reader, lesson_id=lesson.id)
    session.commit()
    said = client.post(f"/threads/lesson:{lesson.id}/comments", data={"body": "A thought that stays."})
    assert said.status_code == 303
    assert client.post(f"{editor}/deletion", data={"typed": "00-start"}).status_code == 409
    client.post(f"{editor}/unpublication")
    assert client.post(f"{editor}/deletion", data={"typed": "00"}).status_code == 422
    page = client.get(f"{editor}/deletion").text
    assert "00-start" in page
    assert client.post(f"{editor}/deletion", data={"typed": "00-start"}).status_code == 303
    assert client.get(editor).status_code == 404 and f'href="{editor}"' not in client.get("/authoring").text
    comment = one(select(Comment))
    assert client.get(f"/comments/{comment.id}").headers["location"].startswith("/discussions/")
    assert one(select(Lesson.slug).where(Lesson.slug == "00-start")) is None, "the name is free"
    undoing = f"/authoring/lessons/{lesson.id}/removal/undoing"
    assert undoing in client.get("/authoring").text
    text = one(select(DeletedLesson.sources))["en.md"]
    assert client.post(undoing).headers["location"] == f"/authoring#lesson-{lesson.id}"
    assert text and text_of(lesson) == text
    back = one(select(Lesson).where(Lesson.id == lesson.id))
    assert (back.slug, back.module_id, back.published_revision_id) == ("00-start", lesson.module_id, None)
    for table in (LessonRevision, LessonReading, Note, Job):
        assert one(select(func.count()).where(table.lesson_id == lesson.id)) == 1, table
    assert one(select(Comment)).thread_id == thread_id(f"lesson:{lesson.id}") != comment.thread_id
    assert client.post(f"{editor}/publication").status_code == 303
    assert client.get(f"/comments/{comment.id}").headers["location"].startswith(LESSON)
    assert client.post(undoing).status_code == 303, "pressed twice"
    assert undoing not in client.get("/authoring").text
    assert client.post(f"/authoring/lessons/{uuid4()}/removal/undoing").status_code == 404


def test_a_deleted_lesson_is_let_go_after_a_month(client: TestClient, editor: str, lesson: Lesson) -> None:
    client.post(f"{editor}/unpublication")
    assert client.post(f"{editor}/deletion", data={"typed": "00-start"}).status_code == 303
    deleted.forget()
    assert one(select(func.count()).select_from(DeletedLesson)) == 1
    with session_scope() as session:
        session.execute(update(DeletedLesson).values(deleted_at=now() - timedelta(days=31)))
    deleted.forget()
    assert one(select(func.count()).select_from(DeletedLesson)) == 0
    assert one(select(Lesson).where(Lesson.id == lesson.id)) is None


def test_the_editor_says_what_publishing_changes(client: TestClient, editor: str, lesson: Lesson) -> None:
    client.cookies.set("language", "en")
    assert "publishing would change nothing" in client.get(editor).text
    add_sentence(client, editor, lesson)
    page = client.get(editor).text
    assert "<code>en.md</code>" in page and "+2 lines, −0 lines" in page
    assert f"{editor}/differences?before=1&amp;after=draft" in page


def test_students_copy_move_and_delete_nothing(client: TestClient, session: Session, lesson: Lesson) -> None:
    enter(client, session, make_user(session))
    here = f"/authoring/lessons/{lesson.id}"
    for route, data in (
        ("copies", {"module": str(lesson.module_id)}),
        ("course", {"module": str(lesson.module_id)}),
        ("deletion", {"typed": "00-start"}),
        ("removal/undoing", {}),
    ):
        assert client.post(f"{here}/{route}", data=data).status_code == 403
    assert client.get(f"{here}/deletion").status_code == 403
