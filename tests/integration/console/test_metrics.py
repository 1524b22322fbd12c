"""/metrics: there only with a token, and right about queue, trainings, workers and requests."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.orm import Session

from app.core import db
from app.core.clock import now
from app.core.config import ROOT
from app.core.redis import get_redis
from app.jobs.models import JobState
from app.jobs.queue.reports import give_report
from app.main import create_app
from tests.factories import make_job, make_user
from worker import claim, report

TOKEN = "a-token-for-prometheus"

pytestmark = pytest.mark.usefixtures("redis")


@pytest.fixture
def site(configure: Callable[..., None], database: str) -> Iterator[TestClient]:
    configure(metrics_token=TOKEN)
    with TestClient(create_app(), base_url="http://127.0.0.1:8000") as client:
        yield client


def asked(site: TestClient) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    answer = site.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200, answer.text
    families = text_string_to_metric_families(answer.text)
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def of(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return name, frozenset(labels.items())


@pytest.mark.parametrize("sent", [{}, {"Authorization": f"Bearer {TOKEN}x"}, {"Authorization": "Bearer "}])
def test_nobody_without_the_token_finds_it(site: TestClient, sent: dict[str, str]) -> None:
    assert site.get("/metrics", headers=sent).status_code == 404


def test_without_a_token_of_its_own_a_site_has_no_metrics(client: TestClient) -> None:
    for sent in ("", "Bearer ", f"Bearer {TOKEN}"):
        assert client.get("/metrics", headers={"Authorization": sent}).status_code == 404


def test_queue_trainings_workers_and_requests_are_counted(site: TestClient, session: Session) -> None:
    user = make_user(session)
    begun = now() - timedelta(seconds=40)
    done = make_job(
        session, user, state=JobState.RUNNING, attempt=1, started_at=begun, lease_expires_at=now() + timedelta(minutes=1)
    )  # fmt: skip
    for _ in range(2):
        make_job(session, user, created_at=now() - timedelta(seconds=100))
    session.commit()
    give_report(get_redis(), "worker@attic", report.content(("cpu",)) | {"slots": 1})
    assert asked(site)[of("sophora_jobs_running", queue="cpu")] == 1
    with db.session_scope() as writing:
        claim.finish(writing, done.id, 1, JobState.SUCCEEDED)
    site.get("/sign-in")
    site.get("/nowhere/at/all")
    found = asked(site)
    assert found[of("sophora_queue_length", queue="cpu")] == 2
    assert 99 < found[of("sophora_queue_age_seconds", queue="cpu")] < 1000
    assert found[of("sophora_jobs_ended_total", recipe="mnist-mlp", state="succeeded")] == 1
    assert found[of("sophora_job_seconds_bucket", recipe="mnist-mlp", le="30")] == 0
    assert found[of("sophora_job_seconds_count", recipe="mnist-mlp")] == 1
    assert found[of("sophora_worker_silent_seconds", worker="worker@attic")] < 10
    assert found[of("sophora_redis_up")] == 1
    assert found[of("sophora_http_requests_total", method="GET", route="/sign-in", status="200")] == 1
    assert found[of("sophora_http_requests_total", method="GET", route="unknown", status="404")] == 1
    assert not [labels for name, labels in found if "/nowhere" in str(labels)]


def test_without_redis_the_queue_is_still_told(site: TestClient, redis_away: None) -> None:
    found = asked(site)
    assert found[of("sophora_redis_up")] == 0
    assert found[of("sophora_queue_length", queue="cpu")] == 0


@pytest.mark.parametrize("file", ["dashboard.json", "alerts.yml"])
def test_dashboard_and_alerts_ask_for_what_there_is(site: TestClient, file: str) -> None:
    site.get("/sign-in")
    answer = site.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    known = {line.split()[2] for line in answer.splitlines() if line.startswith("# TYPE")}
    wanted = set(re.findall(r"\bsophora_\w+", (ROOT / "docker" / "monitoring" / file).read_text("utf-8")))
    assert wanted and {re.sub(r"_(bucket|sum|count)$", "", name) for name in wanted} <= known
