"""An empty board offers conversation starters."""

from fastapi.testclient import TestClient

from app.accounts.models import User
from app.courses.models import Course


def test_an_empty_board_offers_questions_from_the_lessons_and_puts_one_into_the_form(
    client: TestClient, course: Course, student: User
) -> None:
    client.cookies.set("language", "en")
    assert 'href="/board?ask=1#discussion"' in client.get("/board").text
    page = client.get("/board?ask=1").text
    assert "And then? (about “Go on”)</textarea>" in page
    assert client.get("/board?ask=7").status_code == 200
    assert client.post("/threads/class/comments", data={"body": "A question of my own?"}).status_code == 303
    assert "board-starters" not in client.get("/board").text
