"""Every recipe is offered with its data's licence and source, with or without a lesson, and can be started from there."""

from fastapi.testclient import TestClient
from markupsafe import escape
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core import storage
from app.core.clock import now
from app.jobs.models import Job
from app.recipes.dataset import get_dataset
from app.recipes.recipe import all_recipes
from tests.factories import make_job
from tests.integration.conftest import ON_SQLITE
from tests.integration.jobs.test_job_pages import REPORT

pytestmark = ON_SQLITE


def test_a_visitor_sees_every_recipe_with_the_licence_and_source_of_its_data(
    client: TestClient, in_english: None
) -> None:
    page = client.get("/recipes").text
    for slug, recipe in all_recipes().items():
        assert f'href="/recipes/{slug}"' in page and str(escape(recipe.title.en)) in page
        data = get_dataset(recipe.dataset or "")
        own = client.get(f"/recipes/{slug}").text
        assert data.licence.en.partition(";")[0].replace("'", "&#39;") in own
        assert "Sign in to train" in own and f'action="/recipes/{slug}/jobs' not in own
    assert 'href="/recipes"' in client.get("/").text


def test_classes_and_columns_are_named_in_the_readers_language(
    client: TestClient, session: Session, student: User
) -> None:
    worst = {
        "index": 3,
        "label": 0,
        "predicted": 1,
        "probability": 0.9,
        "label_probability": 0.1,
        "image": None,
        "features": {"mean radius": 14.0, "no longer known": 1.0},
    }
    report = REPORT | {"classes": ["malignant", "benign"], "mistakes": [worst]}
    times = {"started_at": now(), "finished_at": now()}
    job = make_job(session, student, "tabular", state="succeeded", attempt=1, report=report, **times)
    session.commit()
    page = client.get(f"/jobs/{job.id}").text
    assert ">恶性<" in page and ">良性<" in page and "平均半径" in page and "no longer known" in page
    client.cookies.set("language", "en", domain="127.0.0.1", path="/")
    page = client.get(f"/jobs/{job.id}").text
    assert ">malignant<" in page and "mean radius" in page and "恶性" not in page


def test_a_recipe_is_trained_without_a_lesson(
    client: TestClient, session: Session, student: User, in_english: None
) -> None:
    recipe = all_recipes()["line"]
    form = {h.name: h.as_text(h.default) for h in recipe.hyperparameters} | {"epochs": "7"}
    answer = client.post("/recipes/line/jobs", data=form)
    job = session.query(Job).one()
    assert (answer.status_code, answer.headers["location"]) == (303, f"/jobs/{job.id}")
    assert (job.recipe, job.lesson_id, job.lab, job.hyperparameters["epochs"]) == ("line", None, None, 7)
    assert client.get(f"/jobs/{job.id}").status_code == 200


def test_a_faulty_form_comes_back_with_what_was_typed(
    client: TestClient, student: User, in_english: None
) -> None:
    answer = client.post("/recipes/line/jobs", data={"epochs": "9999"})
    assert answer.status_code == 422 and "9999" in answer.text


def test_there_is_no_page_and_no_script_of_a_recipe_that_is_not_there(
    client: TestClient, student: User
) -> None:
    for address in ("/recipes/nowhere", "/recipes/line/parts/figure.js", "/recipes/line/parts/recipe.py"):
        assert client.get(address).status_code == 404, address
    assert client.post("/recipes/nowhere/jobs", data={}).status_code == 404


def test_a_notebook_downloads_its_data_from_here(client: TestClient) -> None:
    assert client.get("/datasets/mnist/arrays.npz").status_code == 404  # no training has put them there yet
    assert client.get("/datasets/line/arrays.npz").status_code == 404  # made by code
    key = get_dataset("mnist").arrays_key
    storage.write(key, b"arrays")
    answer = client.get("/datasets/mnist/arrays.npz")
    storage.delete(key)
    assert (answer.status_code, answer.content) == (200, b"arrays")
    assert "mnist.npz" in answer.headers["content-disposition"]
