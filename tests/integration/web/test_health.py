from fastapi.testclient import TestClient


def test_alive_needs_nothing(client: TestClient, redis_away: None) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_ready_when_all_parts_answer(client: TestClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    checks = {"database": "ok", "redis": "ok", "files": "ok", "disk": "ok"}
    assert answer.json() == {"status": "ok", "checks": checks}


def test_ready_though_degraded_while_redis_is_away_and_says_so(client: TestClient, redis_away: None) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["checks"] == {"database": "ok", "redis": "away", "files": "ok", "disk": "ok"}


def test_reading_goes_on_while_redis_is_away(client: TestClient, redis_away: None, course: object) -> None:
    for path in ("/", "/courses/tiny/lessons/00-start", "/sign-in"):
        assert client.get(path).status_code == 200
