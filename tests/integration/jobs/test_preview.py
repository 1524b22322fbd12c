"""What follows a form's settings: their cost by what was measured here, and their Keras program."""

from datetime import timedelta
from html import unescape
from re import findall, sub

from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.clock import now
from app.jobs.models import JobEpoch
from app.jobs.queue.queries import measured_runs
from app.recipes.program import BETWEEN_CELLS, program_cells
from app.recipes.recipe import all_recipes
from tests.factories import make_job

DEFAULTS = all_recipes()["line"].defaults


def test_the_time_follows_from_finished_trainings_of_the_recipe(
    client: TestClient, session: Session, student: User, in_english: None
) -> None:
    begun = now()
    job = make_job(
        session,
        student,
        "line",
        state="succeeded",
        attempt=1,
        hyperparameters={"epochs": 2},
        started_at=begun,
        finished_at=begun + timedelta(seconds=9),
        report={"parameters": 2, "metrics": {}},
    )
    for number in (1, 2):
        session.add(
            JobEpoch(
                job_id=job.id,
                epoch=number,
                attempt=1,
                metrics={"loss": 1.0},
                seconds=3.0,
                points=[],
                extra={},
                checkpoint_key="-",
                stream_id="0-0",
            )
        )
    make_job(session, student, "line", state="failed", attempt=1, started_at=begun, finished_at=begun)
    session.commit()
    (run,) = measured_runs(session, "line")
    assert (run.epochs, run.fit_seconds, run.seconds, run.parameters) == (2, 6.0, 9.0, 2)
    answer = client.get("/recipes/line/preview", params={**DEFAULTS, "standardise": "", "epochs": "4"}).text
    assert "about 15 s" in answer and "1 training measured here" in answer and "<pre>" not in answer


def test_the_program_is_that_of_the_notebook_and_knows_which_line_has_which_setting(
    client: TestClient, student: User
) -> None:
    settings = {**DEFAULTS, "epochs": 7}
    answer = client.get(
        "/recipes/line/preview", params={**settings, "standardise": "", "epochs": "７", "program": "true"}
    ).text
    code = answer[answer.index("<code>") + 6 : answer.index("</code>")]
    text = unescape(sub(r"</?span[^>]*>", "", code))
    assert text.rstrip("\n") == BETWEEN_CELLS.join(
        program_cells("line", all_recipes()["line"].dataset, settings)
    )
    assert "    'epochs': 7," in text
    assert findall(r'data-settings="epochs">([^<]*)', code)[0] == "    &#39;epochs&#39;: 7,"


def test_only_possible_settings_of_an_offered_recipe_have_a_preview(
    client: TestClient, student: User
) -> None:
    possible = {**DEFAULTS, "standardise": ""}
    assert client.get("/recipes/line/preview", params={**possible, "epochs": "501"}).status_code == 422
    assert client.get("/recipes/line/preview", params={**possible, "epochs": "9" * 5000}).status_code == 422
    assert client.get("/recipes/line/preview").status_code == 422
    assert client.get("/recipes/none/preview", params=possible).status_code == 404
    client.cookies.clear()
    assert client.get("/recipes/line/preview", params=possible).status_code in {303, 401}
