"""Courses made, ordered, archived and hidden in the browser."""

from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.db import session_scope
from app.courses.models import Course
from tests.factories import make_user
from tests.integration.conftest import enter

TITLES = {"title_zh": "新课", "summary_en": "A new one."}


def slugs() -> list[tuple[str, str]]:
    with session_scope(writes=False) as session:
        rows = session.execute(select(Course.slug, Course.state).order_by(Course.position))
        return [(slug, str(state)) for slug, state in rows]


def test_a_course_is_made_ordered_hidden_and_shown(
    client: TestClient, lecturer: User, course: Course
) -> None:
    assert client.post("/authoring/courses", data=TITLES | {"slug": "art"}).status_code == 303
    assert slugs() == [("tiny", "shown"), ("art", "shown")], "a new course takes nobody's place"
    assert client.post("/authoring/courses", data=TITLES | {"slug": "art"}).status_code == 422
    assert client.post("/authoring/courses", data={"slug": "bare"}).status_code == 422
    page = client.get("/authoring").text
    assert "新课" in page and page.count("/place") and page.count("/state") == 2

    with session_scope(writes=False) as session:
        art = session.scalar(select(Course.id).where(Course.slug == "art"))
    for direction, expected in (
        ("first", ["art", "tiny"]),
        ("up", ["art", "tiny"]),
        ("down", ["tiny", "art"]),
    ):
        moved = client.post(f"/authoring/courses/{art}/place", data={"direction": direction})
        assert moved.status_code == 303
        assert [slug for slug, _ in slugs()] == expected
    for state in ("hidden", "archived", "shown"):
        assert client.post(f"/authoring/courses/{art}/state", data={"state": state}).status_code == 303
        assert slugs()[1] == ("art", state)
    assert client.post(f"/authoring/courses/{art}/state", data={"state": "gone"}).status_code == 422


def test_students_change_no_course(client: TestClient, course: Course, session: Session) -> None:
    enter(client, session, make_user(session))
    for path, data in (
        ("/authoring/courses", TITLES | {"slug": "art"}),
        (f"/authoring/courses/{course.id}/place", {"direction": "first"}),
        (f"/authoring/courses/{course.id}/state", {"state": "hidden"}),
    ):
        assert client.post(path, data=data).status_code == 403
