"""Trainings shown to others: the gallery, links for whoever has them, and everything as one ZIP."""

import csv
import io
import re
import zipfile
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core import db, storage
from app.core.clock import now
from app.jobs.models import Job, JobArtefact
from app.runs import presenters
from app.runs.models import JobLink
from tests.factories import make_job, make_user
from tests.integration.jobs.test_job_pages import add_epoch, finished
from tests.integration.statements import cost

pytestmark = pytest.mark.usefixtures("student", "in_english")


def made_link(client: TestClient, job: Job) -> str:
    page = client.post(f"/jobs/{job.id}/link").text
    return re.search(r'value="https?://[^/"]+(/shared/[^"]+)"', page)[1]


def test_a_link_shows_the_training_to_anybody_until_it_is_revoked(
    client: TestClient, session: Session, student: User
) -> None:
    job = finished(session, student, note="for me alone", tags=",mine,")
    for epoch in (1, 2):
        add_epoch(session, job, epoch)
    session.commit()
    address = made_link(client, job)
    with db.session_scope(writes=False) as reading:
        stored = reading.scalars(select(JobLink.token_hash)).one()
    assert len(address.rpartition("/")[2]) >= 40 and stored not in address
    visitor = TestClient(client.app, base_url=str(client.base_url))
    visitor.cookies.set("language", "en")
    answer = visitor.get(address)
    assert answer.status_code == 200 and "98.77%" in answer.text and "runs-line" in answer.text
    assert "noindex" in answer.headers["x-robots-tag"] and "no-store" in answer.headers["cache-control"]
    assert not any(word in answer.text for word in ("Ming", "for me alone", "mine", str(job.id)))
    assert visitor.get(f"/jobs/{job.id}", follow_redirects=False).status_code == 303
    newer = made_link(client, job)
    assert visitor.get(address).status_code == 404 and visitor.get(newer).status_code == 200
    client.post(f"/jobs/{job.id}/link/deletion")
    assert visitor.get(newer).status_code == 404


def test_only_the_owner_makes_and_revokes_links(client: TestClient, session: Session) -> None:
    other = finished(session, make_user(session), shared_at=now())
    session.commit()
    for method, path in (("GET", "link"), ("POST", "link"), ("POST", "link/deletion")):
        assert client.request(method, f"/jobs/{other.id}/{path}").status_code == 404


def test_a_suspended_accounts_trainings_are_neither_linked_nor_in_the_gallery(
    client: TestClient, session: Session, student: User
) -> None:
    gone = make_user(session)
    job = finished(session, gone, shared_at=now())
    session.add(JobLink(job_id=job.id, token_hash="0" * 64))
    own = finished(session, student)
    session.commit()
    address = made_link(client, own)
    with db.session_scope() as writing:
        writing.get_one(User, gone.id).disabled_at = now()
    assert str(job.id) not in client.get("/gallery").text and client.get(address).status_code == 200
    with db.session_scope() as writing:
        writing.get_one(User, student.id).disabled_at = now()
    client.cookies.clear()
    assert client.get(address).status_code == 404


def test_the_gallery_has_what_is_shared_the_latest_first_and_no_hidden_name(
    client: TestClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presenters, "RUNS_PER_PAGE", 2)
    person = make_user(session, "小昊")
    jobs = [finished(session, person, shared_at=now() - timedelta(hours=age)) for age in range(3)]
    private = make_job(session, person)
    session.commit()
    page = client.get("/gallery").text
    shown = re.findall(r'class="runs-title" href="/jobs/([0-9a-f-]{36})"', page)
    assert shown == [str(job.id) for job in jobs[:2]] and str(private.id) not in page
    assert "*昊" in page and "小昊" not in page
    further = re.search(r'rel="next" href="([^"]+)"', page)[1].replace("&amp;", "&")
    assert str(jobs[2].id) in client.get(further).text
    assert str(jobs[0].id) not in client.get("/gallery?recipe=mnist-cnn").text
    assert client.get("/gallery?after=x").status_code == 404
    assert cost(client, "/gallery") <= 3


def test_a_training_comes_as_one_zip(client: TestClient, session: Session, student: User) -> None:
    job, other = finished(session, student), finished(session, make_user(session))
    for epoch in (1, 2):
        add_epoch(session, job, epoch, metrics={"loss": 1 / epoch, "val_loss": 2.5})
    for name in ("model.keras", "model.tflite"):
        key = f"jobs/{job.id}/1/{name}"
        storage.write(key, name.encode())
        session.add(JobArtefact(job_id=job.id, attempt=1, name=name, key=key, size=1))
    session.commit()
    assert client.get(f"/jobs/{other.id}/training.zip").status_code == 404
    answer = client.get(f"/jobs/{job.id}/training.zip")
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None and archive.read("model.tflite") == b"model.tflite"
    rows = list(csv.reader(io.StringIO(archive.read("history.csv").decode().removeprefix("\ufeff"))))
    assert rows == [
        ["epoch", "loss", "val_loss", "seconds"],
        ["1", "1.0", "2.5", "2.0"],
        ["2", "0.5", "2.5", "2.0"],
    ]
    events = next(name for name in archive.namelist() if "tfevents" in name)
    assert b"epoch_loss/validation" in archive.read(events)
