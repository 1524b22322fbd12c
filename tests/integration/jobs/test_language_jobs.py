"""The page of a language model: what it is compared with and what it wrote after each epoch, and nothing about right or wrong answers."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.clock import now
from app.jobs.models import Job, JobEpoch
from tests.factories import make_job

pytestmark = pytest.mark.usefixtures("student", "in_english")

OWN = {"verses": [["旧年", "舊年"]], "noise": [["罗罗", "羅羅"]]}
REPORT = {
    "kind": "language",
    "outcome": "completed",
    "metrics": {
        "train_loss": 4.55, "val_loss": 4.83, "test_loss": 4.836, "unigram_loss": 6.284, "bigram_loss": 5.637, "test_perplexity": 125.96,
        "initial_loss": 7.644, "parameters": 611506,
    },
    "figures": [{"kind": "own", **OWN}],
    "parameters": 611506,
    "summary": "",
    "seconds": {"load": 0.5, "fit": 90.0, "evaluate": 9.0, "export": 4.0},
    "versions": {"tensorflow": "2.21.0"},
    "weights_sha256": "ab" * 32,
}  # fmt: skip


def add_epoch(session: Session, job: Job, epoch: int) -> None:
    session.add(
        JobEpoch(
            job_id=job.id, epoch=epoch, attempt=1, metrics={"loss": 5.0, "val_loss": 5.0}, seconds=2.0, points=[[epoch, {"loss": 5.0}]],
            extra={"own": OWN}, checkpoint_key="-", stream_id="0-0",
        )
    )  # fmt: skip


def test_a_running_one_shows_what_it_wrote_after_each_epoch(
    client: TestClient, session: Session, student: User
) -> None:
    running = {"state": "running", "attempt": 1, "lease_expires_at": now() + timedelta(minutes=1)}
    job = make_job(session, student, "tiny-gpt", started_at=now(), phase="training", **running)
    session.commit()
    assert "Its first lines stand here after the first epoch." in client.get(f"/jobs/{job.id}").text
    for epoch in (1, 2):
        add_epoch(session, job, epoch)
    session.commit()
    page = client.get(f"/jobs/{job.id}").text
    assert "Before training" in page and "After epoch 1" in page and "After epoch 2" in page
    assert page.count(">旧年</li>") == 2 and page.count('data-traditional="舊年"') == 2


def test_a_finished_one_stands_beside_counted_characters_and_pairs(
    client: TestClient, session: Session, student: User
) -> None:
    times = {"started_at": now() - timedelta(seconds=90), "finished_at": now()}
    job = make_job(session, student, "tiny-gpt", state="succeeded", attempt=1, report=REPORT, **times)
    add_epoch(session, job, 1)
    session.commit()
    answer = client.get(f"/jobs/{job.id}")
    assert answer.status_code == 200
    for shown in ("After epoch 1", "5.637", "6.284", "Perplexity", "4.836"):
        assert shown in answer.text, shown
    assert "Confusion matrix" not in answer.text and "The worst mistakes" not in answer.text
    assert (
        "Test accuracy" not in answer.text
        and answer.text.count("A bigram, which only counts pairs</dt>") == 1
    )
