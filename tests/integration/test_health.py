from collections.abc import Callable

from fastapi.testclient import TestClient

from app import storage


def test_alive_needs_nothing(client: TestClient, redis_away: None) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_ready_when_database_redis_and_files_answer(client: TestClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "checks": {"database": "ok", "redis": "ok", "files": "ok"}}


def test_not_ready_while_redis_is_away_and_says_so(client: TestClient, redis_away: None) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": "ok", "redis": "ConnectionError", "files": "ok"}


def test_not_ready_while_files_cannot_be_written(
    client: TestClient, configure: Callable[..., None], tmp_path
) -> None:
    blocked = tmp_path / "files"
    blocked.write_text("a file where a folder should be")
    storage._store.cache_clear()
    configure(storage_url=blocked.as_uri())
    try:
        answer = client.get("/readyz")
    finally:
        storage._store.cache_clear()
    assert answer.status_code == 503
    assert answer.json()["checks"]["files"] != "ok"


def test_reading_goes_on_while_redis_is_away(client: TestClient, redis_away: None, course: object) -> None:
    for path in ("/", "/courses/tiny/lessons/00-start", "/sign-in"):
        assert client.get(path).status_code == 200
