"""Continue from one's own finished training: the form, the job, and what is left when the first one is deleted."""

import threading
from html import unescape
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core import db, storage
from app.core.clock import now
from app.jobs.models import Job, JobArtefact
from app.recipes.recipe import all_recipes
from tests.factories import make_job, make_user
from tests.integration.conftest import ON_SQLITE
from tests.integration.jobs.test_job_pages import REPORT as TRAINED
from worker import claim
from worker.channel import JobSpec, Start
from worker.database_channel import DatabaseChannel

DIGEST = "5" * 64
REPORT = TRAINED | {"outcome": "completed", "weights_sha256": DIGEST}


@pytest.fixture(autouse=True)
def english(client: TestClient) -> None:
    client.cookies.set("language", "en")


def finished(session: Session, user: User, recipe: str = "mnist-mlp", **values: object) -> Job:
    settings = {"units": 32, "learning_rate": 0.2} if recipe == "mnist-mlp" else {}
    times = {"started_at": now(), "finished_at": now()}
    ended = {"state": "succeeded", "attempt": 1, "report": REPORT, "hyperparameters": settings, **times}
    job = make_job(session, user, recipe, **{**ended, **values})
    key = f"jobs/{job.id}/1/model.keras"
    storage.write(key, b"weights")
    session.add(JobArtefact(job_id=job.id, attempt=1, name="model.keras", key=key, size=7))
    session.commit()
    return job


def continued(client: TestClient, parent: Job, **fields: str) -> Job:
    recipe = all_recipes()["mnist-mlp"]
    form = {name: recipe.hyperparameter(name).as_text(recipe.defaults[name]) for name in recipe.continuing}
    asked = {**form, "train_size": "20000", "seed": "7", "learning": "2", **fields}
    answer = client.post(f"/jobs/{parent.id}/continuations", data=asked)
    assert answer.status_code == 303, answer.text
    with db.session_scope(writes=False) as session:
        return session.get_one(Job, UUID(answer.headers["location"].rpartition("/")[2]))


def channel_of(attempt: int = 1) -> DatabaseChannel:
    with db.session_scope() as session:
        taken = claim.claim_next(session, "cpu")
    assert taken is not None and taken.start
    settings = taken.hyperparameters
    return DatabaseChannel(
        JobSpec(str(taken.job_id), taken.attempt, taken.recipe, settings, start=Start(**taken.start)),
        threading.Event(),
    )


def test_the_form_asks_only_for_what_may_change_and_offers_a_smaller_rate(
    client: TestClient, session: Session, student: User
) -> None:
    parent = finished(session, student)
    assert f'href="/jobs/{parent.id}/continuation"' in client.get(f"/jobs/{parent.id}").text
    form = client.get(f"/jobs/{parent.id}/continuation").text
    assert 'name="learning_rate" value="0.02"' in form
    for name in ("epochs", "train_size", "seed", "learning"):
        assert f'name="{name}"' in form
    for name in ("units", "depth", "activation", "scale_pixels"):
        assert f'name="{name}"' not in form


def test_a_continued_training_keeps_the_network_and_names_its_start(
    client: TestClient, session: Session, student: User
) -> None:
    parent = finished(session, student)
    child = continued(client, parent, units="500")
    assert child.continued_from_id == parent.id
    assert child.start == {"key": f"jobs/{parent.id}/1/model.keras", "weights_sha256": DIGEST, "learning": 2}
    settings = child.hyperparameters
    assert (settings["units"], settings["train_size"], settings["seed"]) == (32, 20000, 7)
    page = unescape(client.get(f"/jobs/{child.id}").text)
    assert "Layers that learn" in page and "the last 2" in page
    assert f'href="/jobs/{parent.id}"' in page


def test_it_is_compared_with_its_parent_and_with_the_same_from_scratch(
    client: TestClient, session: Session, student: User
) -> None:
    parent = finished(session, student)
    start = {"key": "-", "weights_sha256": DIGEST, "learning": 0}
    child = finished(session, student, continued_from_id=parent.id, start=start)
    page = client.get(f"/jobs/{child.id}").text
    assert f'href="/jobs/compare?ids={parent.id},{child.id}"' in page
    again = client.get(f"/jobs/{child.id}/clone").text
    assert "from scratch: new weights" in again
    scratch = finished(session, student, cloned_from_id=child.id)
    page = client.get(f"/jobs/{child.id}").text
    assert f'href="/jobs/compare?ids={parent.id},{child.id},{scratch.id}"' in page
    assert client.get(f"/jobs/compare?ids={parent.id},{child.id},{scratch.id}").status_code == 200


@pytest.mark.parametrize(
    ("recipe", "values", "status"),
    [
        ("mnist-mlp", {"state": "failed", "report": None}, 409),
        ("mnist-mlp", {"report": {**REPORT, "outcome": "diverged"}}, 409),
        ("line", {}, 409),
    ],
)
def test_not_every_training_can_be_continued_from(
    client: TestClient, session: Session, student: User, recipe: str, values: dict, status: int
) -> None:
    parent = finished(session, student, recipe, **values)
    assert client.get(f"/jobs/{parent.id}/continuation").status_code == status
    assert client.post(f"/jobs/{parent.id}/continuations", data={}).status_code == status
    foreign = finished(session, make_user(session), shared_at=parent.created_at)
    assert client.get(f"/jobs/{foreign.id}/continuation").status_code == 404
    assert client.post(f"/jobs/{foreign.id}/continuations", data={}).status_code == 404
    assert f"{foreign.id}/continuation" not in client.get(f"/jobs/{foreign.id}").text


@ON_SQLITE
@pytest.mark.parametrize("learning", ["7", "-1", "all", "9" * 5000, "0009", "000" + "9" * 5000])
def test_an_unknown_number_of_layers_is_refused_at_its_field(
    client: TestClient, session: Session, student: User, learning: str
) -> None:
    parent = finished(session, student)
    answer = client.post(f"/jobs/{parent.id}/continuations", data={"learning": learning})
    assert answer.status_code == 422
    assert 'id="continuation-learning-error">Please choose one of the options.' in answer.text


def test_who_has_begun_does_not_need_the_first_training_any_more(
    client: TestClient, session: Session, student: User
) -> None:
    parent = finished(session, student)
    continued(client, parent)
    begun = channel_of()
    assert begun.start_weights() == b"weights"
    assert client.post(f"/jobs/{parent.id}/deletion").status_code == 303
    with db.session_scope() as session:
        claim.interrupt(session, UUID(begun.spec.id), 1, "a test")
    again = channel_of()
    assert again.spec.attempt == 2 and again.start_weights() == b"weights"
    page = client.get(f"/jobs/{begun.spec.id}").text
    assert "The training that it continued from has been deleted." in page
    again.succeed(REPORT)
    assert not storage.has(f"jobs/{begun.spec.id}/start.keras"), "it is published with the other files"


def test_a_training_that_was_deleted_before_leaves_nothing_to_start_from(
    client: TestClient, session: Session, student: User
) -> None:
    parent = finished(session, student)
    continued(client, parent)
    client.post(f"/jobs/{parent.id}/deletion")
    assert channel_of().start_weights() is None


def test_a_resent_form_is_the_same_training(client: TestClient, session: Session, student: User) -> None:
    parent = finished(session, student)
    assert (
        continued(client, parent, request_key="k" * 32).id
        == continued(client, parent, request_key="k" * 32).id
    )
    assert len(session.scalars(select(Job)).all()) == 2
