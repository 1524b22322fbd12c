"""A full disk, or an unreachable database, store or Redis: a message, the input kept, and later success."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape

import pytest
from fastapi import Request
from fastapi.testclient import TestClient
from obstore.exceptions import GenericError
from sqlalchemy import event, select
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from app.accounts.models import Role, User
from app.board import places
from app.board.models import Comment
from app.core import db, disk, storage
from app.courses.models import Course, Lesson
from app.web import readiness
from app.web.faults import fault_of, keep_what_was_typed
from tests.integration.board.talk import write
from tests.integration.conftest import ON_SQLITE

LONG = "我的网络学到了 98% 的准确率。\n\n" * 6 + '<b>"quotes"</b> & the end'


@pytest.fixture(autouse=True)
def english(client: TestClient) -> None:
    client.cookies.set("language", "en")


@pytest.fixture
def place(session: Session, course: Course) -> places.ThreadHost:
    lesson = session.scalar(select(Lesson).where(Lesson.slug == "00-start"))
    found = places.find_place(session, None, f"lesson:{lesson.id}")
    session.commit()
    return found


@contextmanager
def full_disk() -> Iterator[None]:
    """SQLite reports "database or disk is full" to every connection that needs one more page."""
    engine = db.get_engine()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.connection.execute("vacuum")

    def no_more_pages(connection: object, _record: object) -> None:
        pages = connection.execute("pragma page_count").fetchone()[0]
        connection.execute(f"pragma max_page_count = {pages}")

    engine.dispose()
    event.listen(engine, "connect", no_more_pages)
    try:
        yield
    finally:
        event.remove(engine, "connect", no_more_pages)
        engine.dispose()


@ON_SQLITE
def test_on_a_full_disk_a_comment_is_507_its_text_is_kept_and_sent_again_it_is_stored(
    client: TestClient, student: User, place: places.ThreadHost, session: Session
) -> None:
    with full_disk():
        refused = write(client, place, LONG * 20)

    assert refused.status_code == 507
    page = unescape(refused.text)
    assert "The site's disk is full, so nothing new can be saved at present" in page
    assert "</html>" in page and "<b>" not in refused.text
    assert LONG * 20 in page
    assert f'action="/threads/{place.key}/comments"' in page
    assert refused.headers["retry-after"] == "60"

    assert write(client, place, LONG * 20).status_code in {200, 303}
    session.expire_all()
    assert (
        session.scalar(select(Comment.body).order_by(Comment.created_at.desc()).limit(1)).strip()
        == (LONG * 20).strip()
    )


@ON_SQLITE
def test_on_a_full_disk_reading_goes_on_and_a_script_gets_json(
    client: TestClient, student: User, place: places.ThreadHost
) -> None:
    with full_disk():
        for path in ("/", "/courses/tiny/lessons/00-start", "/jobs", "/board", "/notes"):
            assert client.get(path).status_code == 200
        data = {"body": LONG * 20, "request_key": "0" * 32}
        answer = client.post(
            f"/threads/{place.key}/comments", data=data, headers={"Accept": "application/json"}
        )
    assert answer.status_code == 507
    assert answer.json()["error"]["message"].startswith("The site's disk is full")


@ON_SQLITE
def test_a_password_is_never_written_into_a_page(client: TestClient) -> None:
    fault = fault_of(OSError(errno.ENOSPC, "full"))
    keep_what_was_typed(fault, FormData([("name", "Hao"), ("password", "a sentence of my own")]))
    assert fault.typed is None
    keep_what_was_typed(
        fault, FormData([("body", "x"), ("choice", "1"), ("choice", "2"), ("csrf_token", "t")])
    )
    assert fault.typed == [("body", "x"), ("choice", "1"), ("choice", "2")]


def test_where_the_database_is_away_it_is_said_without_its_address(
    client: TestClient, student: User, configure: Callable[..., None], tmp_path
) -> None:
    """A PostgreSQL that refuses connections, and an SQLite file that cannot be opened."""
    is_sqlite = db.get_engine().dialect.name == "sqlite"
    gone = f"sqlite:///{tmp_path}/none" if is_sqlite else "postgresql://nobody:secret@127.0.0.1:1/none"
    (tmp_path / "none").mkdir()
    before = db.get_engine()
    configure(database_url=gone)
    db.get_engine.cache_clear()
    try:
        page = client.get("/jobs")
        saved = client.post("/check-ins", data={"note": LONG})
        ready = client.get("/readyz")
    finally:
        db.get_engine.cache_clear()
        before.dispose()
    assert (page.status_code, saved.status_code) == (503, 503)
    for answer in (page, saved):
        assert "The site's database does not answer right now" in unescape(answer.text)
        assert str(tmp_path) not in answer.text and "127.0.0.1:1" not in answer.text
    assert ready.status_code == 503
    assert ready.json()["status"] == "unavailable"
    assert ready.json()["checks"]["database"] == "away"


@pytest.mark.parametrize("kind", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_below_the_file_store_is_known_by_its_number(kind: int) -> None:
    assert fault_of(OSError(kind, os.strerror(kind))).status == 507
    # In the store's words.
    assert (
        fault_of(GenericError(f"Unable to copy data to file: {os.strerror(kind)} (os error {kind})")).status
        == 507
    )
    assert fault_of(GenericError("connection refused")).status == 503
    assert fault_of(OSError(errno.EROFS, "read-only")).status == 503
    assert fault_of(OSError(errno.ENOENT, "no such file")) is None
    assert fault_of(ValueError("a fault of the code")) is None


def test_a_fault_of_the_code_stays_one(client: TestClient) -> None:
    def broken(_request: Request) -> None:
        raise OSError(errno.ENOENT, "secret words")

    client.app.add_api_route("/broken", broken)
    client.app.router.routes.insert(0, client.app.router.routes.pop())
    with TestClient(client.app, raise_server_exceptions=False) as browser:
        answer = browser.get("/broken")
    assert answer.status_code == 500
    assert "secret words" not in answer.text


def test_ready_says_degraded_while_the_store_is_away_and_reading_goes_on(
    client: TestClient, configure: Callable[..., None], course: Course, tmp_path
) -> None:
    blocked = tmp_path / "files"
    blocked.write_text("a file where a folder should be")
    storage._store.cache_clear()
    configure(storage_url=blocked.as_uri())
    try:
        answer = client.get("/readyz")
        assert client.get("/courses/tiny/lessons/00-start").status_code == 200
    finally:
        storage._store.cache_clear()
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["checks"] | {"files": "away"} == answer.json()["checks"]
    assert str(tmp_path) not in answer.text


@ON_SQLITE
def test_ready_answers_although_a_part_never_does_and_asks_it_once(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    asked, let_go = [], threading.Event()

    def hangs() -> str:
        asked.append(1)
        let_go.wait(60)
        return "ok"

    monkeypatch.setitem(readiness.PARTS, "redis", readiness.Part(hangs))
    monkeypatch.setattr(readiness, "PATIENCE", 0.1)
    try:
        answers = [client.get("/readyz") for _ in range(5)]
    finally:
        let_go.set()
    assert [answer.json()["checks"]["redis"] for answer in answers] == ["no answer"] * 5
    assert {answer.status_code for answer in answers} == {200}
    assert len(asked) == 1


@ON_SQLITE
def test_staff_are_warned_of_a_disk_that_is_nearly_full_and_students_are_not(
    client: TestClient, student: User, session: Session, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    warning = "The disk of this site is nearly full"
    monkeypatch.setattr(disk, "free_mb", lambda: 500)
    assert warning not in client.get("/").text
    session.get_one(User, student.id).role = Role.LECTURER
    session.commit()
    assert warning in client.get("/").text
    assert client.get("/readyz").json() == {
        "status": "degraded",
        "checks": {"database": "ok", "redis": "ok", "files": "ok", "disk": "low"},
    }
    monkeypatch.setattr(disk, "free_mb", lambda: 5000)
    assert warning not in client.get("/").text
