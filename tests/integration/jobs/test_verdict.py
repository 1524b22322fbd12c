"""The verdict on a job's page, of a recorded training (tests/unit/jobs/verdict/runs)."""

import json
import re
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.config import ROOT
from app.jobs.models import Job
from tests.factories import make_job
from tests.integration.conftest import ON_SQLITE
from tests.integration.jobs.test_job_pages import REPORT, add_epoch, finished

pytestmark = pytest.mark.usefixtures("student", "in_english")

RUNS_DIR = ROOT / "tests" / "unit" / "jobs" / "verdict" / "runs"


def recorded(session: Session, student: User, kind: str, recipe: str, **values: Any) -> Job:
    run = json.loads(
        next(iter(sorted((RUNS_DIR / kind).glob(f"{recipe}_*.json")))).read_text(encoding="utf-8")
    )
    report = {**REPORT, "mistakes": [], **run["report"]}
    job = finished(session, student, recipe=recipe, hyperparameters=run["settings"], report=report, **values)
    for number, (loss, val_loss) in enumerate(run["epochs"], 1):
        add_epoch(session, job, number, metrics={"loss": loss, "val_loss": val_loss})
    session.commit()
    return job


def test_the_page_says_in_which_epoch_it_diverged_and_links_to_a_smaller_step(
    client: TestClient, session: Session, student: User
) -> None:
    job = recorded(session, student, "diverging", "line")
    page = unescape(client.get(f"/jobs/{job.id}").text)
    assert page.count("It diverged") == 1
    assert re.search(r"In epoch \d+ the loss (was|grew)", page)
    link = re.search(rf'href="(/jobs/{job.id}/clone\?setting=learning_rate&value=([\d.]+))">(.*?)</a>', page)
    assert link and link[3] == f"Run again with Learning rate = {link[2]}"
    form = client.get(link[1]).text
    assert re.search(rf'name="learning_rate"\s+value="{re.escape(link[2])}"', form)
    assert re.search(rf'name="epochs"\s+value="{job.hyperparameters["epochs"]}"', form), (
        "the rest is as it was"
    )


def test_a_healthy_training_is_told_so_in_chinese_too(
    client: TestClient, session: Session, student: User
) -> None:
    job = recorded(session, student, "healthy", "mnist-linear")
    assert "A healthy training" in client.get(f"/jobs/{job.id}").text
    client.cookies.set("language", "zh")
    page = client.get(f"/jobs/{job.id}").text
    assert "训练得很健康" in page and "A healthy training" not in page


def test_a_setting_that_the_lab_locks_is_not_proposed(
    client: TestClient, session: Session, student: User
) -> None:
    lab = {
        "defaults": {},
        "fixed": {"learning_rate": 0.1},
        "goal": None,
        "hidden": [],
        "shown": [],
        "title": {"zh": "炸", "en": "Explode"},
    }
    job = recorded(session, student, "diverging", "line", lab=lab, lab_key="explode")
    page = client.get(f"/jobs/{job.id}").text
    assert "It diverged" in page
    assert "clone?setting=learning_rate" not in page


def test_a_training_without_enough_evidence_has_no_verdict(
    client: TestClient, session: Session, student: User
) -> None:
    job = finished(session, student)
    add_epoch(session, job, 1)
    session.commit()
    assert "Run again with" not in client.get(f"/jobs/{job.id}").text


@ON_SQLITE
@pytest.mark.parametrize(
    "query",
    [
        "setting=learning_rate&value=1e99", "setting=learning_rate&value=nan", "setting=learning_rate", "setting=user_id&value=1",
        "setting=optimizer&value=evil", "setting=__class__&value=x", "value=3",
    ],
)  # fmt: skip
def test_a_forged_link_changes_nothing_in_the_form(
    client: TestClient, session: Session, student: User, query: str
) -> None:
    job = make_job(session, student)
    session.commit()
    answer = client.get(f"/jobs/{job.id}/clone?{query}")
    assert answer.status_code == 200
    assert re.search(r'name="learning_rate"\s+value="0\.1"', answer.text)
    assert '"evil"' not in answer.text and 'value="evil"' not in answer.text


def test_a_link_beyond_all_bounds_leads_nowhere(client: TestClient, session: Session, student: User) -> None:
    job = make_job(session, student)
    session.commit()
    assert client.get(f"/jobs/{job.id}/clone?setting=epochs&value={'9' * 5000}").status_code == 404
