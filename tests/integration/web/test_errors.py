import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.courses.models import Course
from tests.factories import NO_ID, make_job


def test_an_error_is_a_page_with_a_way_on(client: TestClient) -> None:
    answer = client.get("/nowhere", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert "<!doctype html>" in answer.text
    assert 'class="button button-primary" href="/"' in answer.text


def test_a_script_that_asks_for_a_part_of_a_page_gets_a_part(client: TestClient) -> None:
    answer = client.get("/nowhere", headers={"X-Fragment": "1"})
    assert answer.status_code == 404
    assert 'role="alert"' in answer.text
    assert "<html" not in answer.text


def test_who_asks_for_json_gets_json_of_one_shape(client: TestClient) -> None:
    client.cookies.set("language", "en")
    answer = client.get("/nowhere", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.json() == {
        "error": {
            "status": 404,
            "message": "There is no such page. It may have moved; the course is a good place to start again.",
            "fields": {},
        }
    }


def test_an_error_is_said_in_the_readers_language(client: TestClient) -> None:
    chinese = client.get("/nowhere", headers={"Accept": "application/json"}).json()["error"]["message"]
    client.cookies.set("language", "en")
    english = client.get("/nowhere", headers={"Accept": "application/json"}).json()["error"]["message"]
    assert chinese != english
    assert any("\u4e00" <= character <= "\u9fff" for character in chinese)


def test_a_form_without_sign_in_is_401_and_not_lost_in_a_redirect(client: TestClient, course: Course) -> None:
    answer = client.post("/courses/tiny/lessons/00-start/labs/digits/jobs", data={})
    assert answer.status_code == 401


def test_a_script_without_sign_in_gets_401_and_no_redirect(client: TestClient) -> None:
    assert client.get("/jobs", headers={"Accept": "application/json"}).status_code == 401
    assert client.get("/jobs", headers={"X-Fragment": "1"}).status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "/jobs/not-a-uuid", f"/jobs/{NO_ID}", "/jobs?after=first", "/courses/none", "/courses/tiny/lessons/none", f"/lessons/{NO_ID}", "/pictures/none.svg",
        "/pictures/../sophora.db", "/courses/a%00b", "/courses/tiny/lessons/a%00b", "/static/../../pyproject.toml", "/static/%2e%2e/%2e%2e/pyproject.toml",
    ],
)  # fmt: skip
def test_what_does_not_exist_is_404_whatever_the_address_looks_like(
    client: TestClient, student: User, path: str
) -> None:
    assert client.get(path).status_code == 404


def test_a_wrong_method_is_refused_with_a_page(client: TestClient) -> None:
    answer = client.post("/nowhere")
    assert answer.status_code == 404
    answer = client.delete("/preferences")
    assert answer.status_code == 405
    assert "<!doctype html>" in answer.text


def test_a_reader_sees_their_name_on_a_page_that_is_missing(
    client: TestClient, student: User, session: Session
) -> None:
    answer = client.get(f"/jobs/{NO_ID}")
    assert student.name in answer.text


def test_a_conflict_is_409(client: TestClient, student: User, session: Session) -> None:
    job = make_job(session, student, state="succeeded")
    session.commit()
    assert client.post(f"/jobs/{job.id}/cancellation").status_code == 409


def test_a_form_that_is_too_strange_to_read_is_refused_and_not_an_error(client: TestClient) -> None:
    answer = client.post(
        "/sign-in", content=b"--x\r\nbroken", headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert answer.status_code in {400, 422}
    answer = client.post(
        "/sign-in",
        content=b"\xff\xfe=%ff&name=%00",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 422


def test_a_file_in_place_of_a_word_is_not_read(client: TestClient) -> None:
    answer = client.post("/sign-in", files={"name": ("name.txt", b"Hao")}, data={"password": "x"})
    assert answer.status_code == 400
