"""The list of one's trainings: finding, describing, archiving and deleting them."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core import db, storage
from app.core.clock import now
from app.jobs.models import Job, JobArtefact, JobEpoch
from app.notifications.listeners import tell_of_job
from app.notifications.models import Notification
from app.runs import presenters
from tests.factories import make_job, make_user
from tests.integration.jobs.test_job_pages import REPORT, add_epoch, finished

pytestmark = pytest.mark.usefixtures("student", "in_english")


def listed(client: TestClient, **query: str) -> list[str]:
    return re.findall(
        r'class="runs-title" href="/jobs/([0-9a-f-]{36})"', client.get("/jobs", params=query).text
    )


def result(accuracy: float) -> dict[str, Any]:
    return {**REPORT, "metrics": {**REPORT["metrics"], "test_accuracy": accuracy}}


def test_it_is_filtered_searched_and_sorted(client: TestClient, session: Session, student: User) -> None:
    made = {
        name: finished(
            session, student, report=result(accuracy), created_at=now() - timedelta(hours=age), **more
        )
        for name, accuracy, age, more in (
            ("old", 0.9, 3, {"note": "with 100% noise"}),
            ("best", 0.99, 2, {"tags": ",mine,good one,", "recipe": "mnist-cnn"}),
            ("lab", 0.95, 1, {"lab": {"key": "x", "title": {"zh": "爆炸", "en": "Explode"}}}),
        )
    }
    waiting = make_job(session, student)
    make_job(session, make_user(session), note="with 100% noise")
    session.commit()
    ids = {name: str(job.id) for name, job in made.items()} | {"waiting": str(waiting.id)}
    assert listed(client) == [ids[name] for name in ("waiting", "lab", "best", "old")]
    assert listed(client, sort="oldest") == [ids[name] for name in ("old", "best", "lab", "waiting")]
    assert listed(client, sort="best") == [ids[name] for name in ("best", "lab", "old")]
    assert listed(client, q="100%") == [ids["old"]]
    assert listed(client, q="爆炸") == listed(client, q="explode") == [ids["lab"]]
    assert listed(client, tag="good one") == listed(client, recipe="mnist-cnn") == [ids["best"]]
    assert listed(client, tag="good") == []
    assert listed(client, state="queued") == [ids["waiting"]]
    assert "No training jobs match this filter." in client.get("/jobs?q=nothing").text


@pytest.mark.parametrize("sort", ["newest", "oldest", "best"])
def test_its_pages_go_on_where_the_last_one_ended_even_among_equals(
    client: TestClient, session: Session, student: User, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presenters, "RUNS_PER_PAGE", 4)
    moment = now()
    for _ in range(9):
        finished(session, student, report=result(0.1 + 0.2), created_at=moment)
    session.commit()
    address, seen = f"/jobs?sort={sort}", []
    for _ in range(3):
        page = client.get(address).text
        seen += re.findall(r'class="runs-title" href="/jobs/([0-9a-f-]{36})"', page)
        further = re.search(r'rel="next" href="([^"]+)"', page)
        address = html.unescape(further[1]) if further else ""
    assert len(seen) == len(set(seen)) == 9 and not address


def test_each_row_has_a_small_curve(client: TestClient, session: Session, student: User) -> None:
    job = finished(session, student)
    for epoch in (1, 2, 3):
        add_epoch(session, job, epoch, metrics={"loss": 1 / epoch, "val_loss": 2 / epoch})
    session.commit()
    assert re.search(r'class="runs-curve".*?<path d="M0', client.get("/jobs").text, re.DOTALL)


def test_words_and_tags_are_kept_and_are_the_owners(
    client: TestClient, session: Session, student: User
) -> None:
    job, other = finished(session, student), finished(session, make_user(session))
    session.commit()
    fields = {"note": "<b>why</b>", "tags": "first， second, first"}
    assert client.post(f"/jobs/{other.id}/words", data=fields).status_code == 404
    assert (
        client.post(f"/jobs/{job.id}/words", data={"tags": "a," * 9 + "b,c,d,e,f,g,h,i"}).status_code == 422
    )
    client.post(f"/jobs/{job.id}/words", data=fields)
    page = client.get("/jobs").text
    assert "&lt;b&gt;why&lt;/b&gt;" in page and "<b>why" not in page
    with db.session_scope(writes=False) as reading:
        assert reading.get_one(Job, job.id).tag_list == ["first", "second"]


def test_an_archived_training_is_out_of_the_list_and_comes_back(
    client: TestClient, session: Session, student: User
) -> None:
    job = finished(session, student)
    session.commit()
    client.post(f"/jobs/{job.id}/archiving", data={"on": "true"})
    assert listed(client) == [] and listed(client, archived="true") == [str(job.id)]
    client.post(f"/jobs/{job.id}/archiving", data={"on": "false"})
    assert listed(client) == [str(job.id)]


def test_a_deletion_is_asked_about_first_and_takes_the_files_with_it(
    client: TestClient, session: Session, student: User
) -> None:
    job, other, active = (
        finished(session, student),
        finished(session, make_user(session)),
        make_job(session, student),
    )
    add_epoch(session, job, 1)
    key = f"jobs/{job.id}/1/model.keras"
    session.add(JobArtefact(job_id=job.id, attempt=1, name="model.keras", key=key, size=5))
    tell_of_job(session, job=job)
    session.commit()
    storage.write(key, b"model")
    assert "for good" in client.get(f"/jobs/{job.id}/deletion").text
    assert client.get(f"/jobs/{other.id}/deletion").status_code == 404
    assert client.post(f"/jobs/{other.id}/deletion").status_code == 404
    assert client.post(f"/jobs/{active.id}/deletion").status_code == 409
    assert client.post(f"/jobs/{job.id}/deletion").status_code == 303
    assert storage.read(key) is None
    with db.session_scope(writes=False) as reading:
        assert not reading.scalar(select(func.count()).select_from(JobEpoch))
        assert not reading.scalar(select(func.count()).select_from(Notification))
        assert reading.get_one(User, student.id).unread == 0
        assert reading.get(Job, other.id) and reading.get(Job, active.id)


def test_a_notification_says_what_came_out(client: TestClient, session: Session, student: User) -> None:
    lab = {"key": "x", "title": {"zh": "手写数字", "en": "Digits"}, "goal": {"text": {}, "conditions": []}}
    met = finished(session, student, report=result(0.9862), lab=lab, goal_reached_at=now())
    plain = finished(session, student, report={**REPORT, "metrics": {"test_loss": 0.2}}, lab=lab)
    for job in (met, plain):
        tell_of_job(session, job=job)
    session.commit()
    page = client.get("/notifications").text
    assert "Your training “Digits” is done: test accuracy 98.6%, goal met." in page
    assert "Your training “Digits” is done." in page
