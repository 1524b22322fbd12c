"""The list of a thread's comments that scripts request; visitors get it from the page cache."""

from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board import places, service
from app.courses.models import Course, Lesson
from tests.factories import make_user
from tests.integration.conftest import ON_SQLITE

pytestmark = ON_SQLITE
SCRIPT = {"X-Fragment": "1"}


def _filled(session: Session, count: int) -> tuple[str, User, places.ThreadHost]:
    lesson = session.query(Lesson).join(Course).order_by(Lesson.position).first()
    lesson.course = session.get_one(Course, lesson.course_id)
    place, author = places.lesson_place(lesson), make_user(session)
    for number in range(count):
        service.post(session, author, place, f"comment number {number}", "", 60)
    session.commit()
    return f"/threads/{place.key}/comments", author, place


def _shown(client: TestClient, address: str) -> int:
    return client.get(address, headers=SCRIPT).text.count("data-comment=")


def test_a_list_has_as_many_comments_as_are_asked_for_up_to_a_hundred(
    client: TestClient, session: Session, course: Course
) -> None:
    address, *_ = _filled(session, 101)
    assert [_shown(client, f"{address}{query}") for query in ("", "?limit=50", "?limit=100")] == [20, 50, 100]
    assert client.get(f"{address}?limit=101", headers=SCRIPT).status_code >= 400


def test_a_visitor_whose_list_is_kept_ready_sees_a_new_comment_at_once(
    client: TestClient, session: Session, course: Course
) -> None:
    address, author, place = _filled(session, 3)
    address = f"{address}?order=newest&limit=100"
    assert [_shown(client, address), _shown(client, address)] == [3, 3]
    service.post(session, author, place, "the fourth comment", "", 60)
    session.commit()
    assert _shown(client, address) == 4


def test_a_list_that_is_kept_for_scripts_is_not_given_to_a_browser_that_shows_pages(
    client: TestClient, session: Session, course: Course
) -> None:
    address, *_ = _filled(session, 1)
    assert _shown(client, address) == 1
    answer = client.get(address)
    assert (answer.status_code, answer.headers["location"].endswith("#discussion")) == (303, True)
