"""Trainings beside each other: what differs, what came out, the curves, and the same as CSV."""

import csv
import io
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.jobs.models import Job
from tests.factories import NO_ID, make_user
from tests.integration.jobs.test_job_pages import REPORT, add_epoch, finished
from tests.integration.statements import cost

pytestmark = pytest.mark.usefixtures("student", "in_english")


def run(session: Session, user: User, accuracy: float, **values: Any) -> Job:
    report = {**REPORT, "metrics": {**REPORT["metrics"], "test_accuracy": accuracy}}
    job = finished(session, user, report=report, **values)
    for epoch in (1, 2, 3):
        add_epoch(session, job, epoch, metrics={"val_loss": accuracy / epoch, "val_accuracy": accuracy})
    return job


def address(*jobs: Job) -> str:
    return f"/jobs/compare?ids={','.join(str(job.id) for job in jobs)}"


def test_settings_that_differ_are_apart_from_those_that_are_the_same(
    client: TestClient, session: Session, student: User
) -> None:
    first = run(session, student, 0.91, hyperparameters={"learning_rate": 0.01})
    second = run(session, student, 0.935, hyperparameters={"learning_rate": 0.1})
    session.commit()
    page = client.get(address(first, second)).text
    different, _, same = page.partition("The same in all of them")
    assert "Learning rate" in different and "0.01" in different
    assert "Batch size" not in different and "Batch size" in same
    assert "93.50%" in page and "+2.50 points" in page
    assert page.count('class="runs-line"') == 4


def test_a_foreign_private_run_is_not_found_and_a_shared_one_is(
    client: TestClient, session: Session, student: User
) -> None:
    own, other = run(session, student, 0.9), run(session, make_user(session), 0.8)
    session.commit()
    for path in (address(own, other), address(own, other).replace("compare?", "compare/table.csv?")):
        answer = client.get(path)
        assert answer.status_code == 404 and "80.00%" not in answer.text
    assert client.get(f"/jobs/compare?ids={own.id},{NO_ID}").status_code == 404
    other.shared_at = other.created_at
    session.commit()
    page = client.get(address(own, other)).text
    assert "80.00%" in page and "a shared training" in page


def test_five_at_most_in_the_order_asked_for_and_each_once(
    client: TestClient, session: Session, student: User
) -> None:
    jobs = [run(session, student, 0.9 + number / 100) for number in range(6)]
    session.commit()
    assert cost(client, address(*jobs[:2])) >= cost(client, address(*jobs[:5]))
    page = client.get(address(*jobs)).text
    assert "these are the first five" in page and str(jobs[5].id) not in page.partition("<main")[2]
    twice = "&".join(f"ids={job.id}" for job in (jobs[1], jobs[0], jobs[1]))
    page = client.get(f"/jobs/compare?{twice}").text
    assert page.index("91.00%") < page.index("90.00%")
    assert page.count("runs-compared") == 1 and page.count("Leave out") == 2
    assert client.get("/jobs/compare", follow_redirects=False).headers["location"] == "/jobs"


def test_one_alone_offers_what_it_can_be_compared_with(
    client: TestClient, session: Session, student: User
) -> None:
    first, second = run(session, student, 0.9), run(session, student, 0.8)
    session.commit()
    assert address(first, second).partition("?")[2] in client.get(address(first)).text
    assert address(second).partition("?")[2] in client.get(f"/jobs/{second.id}/clone").text


def test_the_table_as_csv_holds_no_formula(client: TestClient, session: Session, student: User) -> None:
    formula = "=HYPERLINK(0)"
    first = run(session, student, 0.91, lab={"title": {"en": formula, "zh": formula}})
    session.commit()
    answer = client.get(address(first).replace("compare?", "compare/table.csv?"))
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert ["training", "lab", f"'{formula}"] in rows
    assert ["metric", "test_accuracy", "0.91"] in rows
    assert ["val_loss", "2", "0.455"] in rows
