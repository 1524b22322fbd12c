import re
from collections.abc import Callable
from html import unescape

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.courses.models import Course
from app.jobs.models import Job, JobState
from app.jobs.queue.tickets import waiting_tickets
from app.recipes.recipe import all_recipes
from tests.factories import make_job
from tests.integration.conftest import ON_SQLITE

pytestmark = ON_SQLITE

DIGITS = "/courses/tiny/lessons/00-start/labs/digits/jobs"
FREE = "/courses/tiny/lessons/01-next/labs/free/jobs"
CHOOSE = "/courses/tiny/lessons/01-next/labs/choose/jobs"


@pytest.fixture(autouse=True)
def place(course: Course, student: User, client: TestClient) -> None:
    """Every test here is about a signed-in student in the tiny course, in English."""
    client.cookies.set("language", "en")


def values_of(recipe: str, **changes: object) -> dict[str, str]:
    """What a browser sends for an untouched form, except for `changes`."""
    fields = {h.name: h.as_text(h.default) for h in all_recipes()[recipe].hyperparameters}
    return {
        name: text for name, text in {**fields, **{k: str(v) for k, v in changes.items()}}.items() if text
    }


def field_of(html: str, name: str) -> str:
    """The HTML of an invalid field of the form, from its label to its help and error."""
    blocks = re.findall(
        r'<(?:div|fieldset) class="field[ "].*?(?=<(?:div|fieldset) class="field[ "]|</form>)', html, re.S
    )
    return next(block for block in blocks if f'name="{name}"' in block)


def test_the_form_is_built_from_the_recipe(client: TestClient) -> None:
    html = client.get("/courses/tiny/lessons/01-next").text
    form = html[html.index(f'action="{FREE}') :]
    for hyperparameter in all_recipes()["mnist-cnn"].hyperparameters:
        field = unescape(field_of(form, hyperparameter.name))
        assert hyperparameter.label.en in field
        assert hyperparameter.help.en in field
        if hyperparameter.kind in {"integer", "number"}:
            assert f'value="{hyperparameter.as_text(hyperparameter.default)}"' in field
            assert re.search(r'min="[\d.]+" max="[\d.]+"', field)


def test_basic_settings_are_open_and_advanced_ones_are_folded(client: TestClient) -> None:
    html = client.get("/courses/tiny/lessons/01-next").text
    form = html[html.index(f'action="{FREE}') :]
    form = form[: form.index("</form>")]
    opened, folded, *_sweep = form.split("<details")
    for hyperparameter in all_recipes()["mnist-cnn"].hyperparameters:
        assert f'name="{hyperparameter.name}"' in (folded if hyperparameter.advanced else opened)


def test_an_untouched_form_starts_a_job_with_the_defaults(client: TestClient, session: Session) -> None:
    answer = client.post(FREE, data=values_of("mnist-cnn"))
    job = session.scalar(select(Job))
    assert (answer.status_code, answer.headers["location"]) == (303, f"/jobs/{job.id}")
    assert (job.state, job.attempt, job.recipe, job.lab_key) == (JobState.QUEUED, 0, "mnist-cnn", "free")
    assert job.hyperparameters == all_recipes()["mnist-cnn"].defaults


def test_values_are_stored_in_their_types(client: TestClient, session: Session) -> None:
    client.post(FREE, data=values_of("mnist-cnn", epochs="7", learning_rate="1e-3", optimizer="sgd"))
    stored = session.scalar(select(Job.hyperparameters))
    assert (stored["epochs"], stored["learning_rate"], stored["optimizer"]) == (7, 0.001, "sgd")
    assert isinstance(stored["epochs"], int)


def test_a_submitted_job_sends_one_ticket_when_it_is_stored(client: TestClient) -> None:
    assert waiting_tickets("cpu") == 0
    client.post(FREE, data=values_of("mnist-cnn", epochs="many"))
    assert waiting_tickets("cpu") == 0
    client.post(FREE, data=values_of("mnist-cnn"))
    assert waiting_tickets("cpu") == 1


def test_a_job_is_kept_even_when_no_ticket_can_be_sent(
    client: TestClient, session: Session, redis_away: None
) -> None:
    answer = client.post(FREE, data=values_of("mnist-cnn"))
    assert answer.status_code == 303
    assert session.scalar(select(Job.state)) == JobState.QUEUED


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("epochs", "many", "Please enter a whole number."),
        ("epochs", "2.5", "Please enter a whole number."),
        ("epochs", "0", "Please enter 1 or more."),
        ("epochs", "9999", "or less."),
        ("epochs", "", "Please fill this in."),
        ("learning_rate", "fast", "Please enter a number."),
        ("learning_rate", "nan", "Please enter a number."),
        ("learning_rate", "inf", "Please enter"),
        ("learning_rate", "-1", "Please enter 0.00001 or more."),
        ("optimizer", "magic", "Please choose one of the options."),
        ("dropout", "0.95", "Please enter 0.9 or less."),
    ],
)
def test_a_wrong_value_comes_back_at_its_field_with_what_was_typed_kept(
    client: TestClient, session: Session, name: str, typed: str, sentence: str
) -> None:
    answer = client.post(FREE, data=values_of("mnist-cnn", **{name: typed, "seed": "42"}))
    assert answer.status_code == 422
    html = answer.text[answer.text.index(f'action="{FREE}') :]
    assert html.index('role="alert"') < html.index('class="field-error"')
    field = field_of(html, name)
    assert sentence in re.search(r'class="field-error"[^>]*>([^<]*)<', field)[1]
    if name != "optimizer":
        assert f'value="{typed}"' in field
        assert 'aria-invalid="true"' in field
    assert 'value="42"' in field_of(html, "seed")
    assert html.count('class="field-error"') == 1
    assert session.scalar(select(func.count(Job.id))) == 0


def test_every_fault_is_named_at_once(client: TestClient) -> None:
    answer = client.post(FREE, data=values_of("mnist-cnn", epochs="many", learning_rate="fast"))
    assert answer.text.count('class="field-error"') == 2


def test_a_fault_in_a_folded_setting_unfolds_it(client: TestClient) -> None:
    html = client.post(FREE, data=values_of("mnist-cnn", dropout="2")).text
    assert re.search(r'<details class="fold" open>.*?name="dropout"', html, re.S)


def test_the_other_labs_of_the_lesson_stay_as_they_were(client: TestClient) -> None:
    html = client.post(FREE, data=values_of("mnist-cnn", epochs="many")).text
    other = html[html.index(f'action="{CHOOSE}') :]
    assert "field-error" not in other
    assert 'value="many"' not in other


def test_what_was_typed_cannot_become_markup(client: TestClient) -> None:
    html = client.post(FREE, data=values_of("mnist-cnn", epochs='"><script>alert(1)</script>')).text
    assert "<script>alert(1)" not in html
    assert "&#34;&gt;&lt;script&gt;alert(1)" in html


def test_what_a_lab_fixes_or_hides_cannot_be_changed_by_the_form(
    client: TestClient, session: Session
) -> None:
    client.post(DIGITS, data=values_of("mnist-mlp", optimizer="sgd", dropout="0.5", epochs="3", guess="0.9"))
    stored = session.scalar(select(Job.hyperparameters))
    assert stored["optimizer"] == "adam"
    assert stored["dropout"] == 0.0
    assert stored["epochs"] == 3


def test_fixed_settings_are_shown_and_hidden_ones_are_not(client: TestClient) -> None:
    html = client.get("/courses/tiny/lessons/00-start").text
    form = html[html.index(f'action="{DIGITS}') : html.index("</form>", html.index(f'action="{DIGITS}'))]
    assert 'name="optimizer"' not in form
    assert "fixed in this lab" in form
    assert "Dropout" not in form
    assert 'value="2"' in field_of(form + "</form>", "epochs")


def test_a_setting_that_no_recipe_has_is_ignored(client: TestClient, session: Session) -> None:
    client.post(FREE, data=values_of("mnist-cnn", units="9999", state="succeeded"))
    job = session.scalar(select(Job))
    assert "units" not in job.hyperparameters
    assert job.state == JobState.QUEUED


@pytest.mark.parametrize("guess", ["", "  ", "high", "nan", "inf", "1e999", "150", "-0.1", "101%"])
def test_a_lab_that_asks_first_takes_no_job_without_a_guess(
    client: TestClient, session: Session, guess: str
) -> None:
    answer = client.post(DIGITS, data=values_of("mnist-mlp", guess=guess))
    assert answer.status_code == 422
    assert 'id="lab-digits-guess-error"' in answer.text
    assert 'id="discussion"' in answer.text
    assert session.scalar(select(func.count(Job.id))) == 0


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("0.9", "0.9"), ("90%", "0.9"), (" 0.90 ", "0.9"), ("1", "1"), ("0，9", "0.9"), ("９３％", "0.93")],
)
def test_a_guess_is_stored_as_the_number_it_means(
    client: TestClient, session: Session, typed: str, stored: str
) -> None:
    client.post(DIGITS, data=values_of("mnist-mlp", guess=typed))
    assert session.scalar(select(Job.guess)) == stored


def test_a_choice_is_one_of_those_offered(client: TestClient, session: Session) -> None:
    assert client.post(CHOOSE, data=values_of("mnist-mlp", guess="something-else")).status_code == 422
    assert client.post(CHOOSE, data=values_of("mnist-mlp", guess="explodes")).status_code == 303
    assert session.scalar(select(Job.guess)) == "explodes"


def test_the_lab_is_kept_with_the_job_as_it_was(client: TestClient, session: Session) -> None:
    client.post(DIGITS, data=values_of("mnist-mlp", guess="0.9"))
    assert session.scalar(select(Job)).lab["goal"]["conditions"][0]["at_least"] == 0.9


def test_a_student_may_have_only_so_many_trainings_at_once(
    client: TestClient, session: Session, student: User, configure: Callable[..., None]
) -> None:
    configure(job_quota_active=2)
    first = make_job(session, student)
    make_job(session, student)
    make_job(session, student, state="succeeded")
    session.commit()
    answer = client.post(FREE, data=values_of("mnist-cnn", epochs="3"))
    assert answer.status_code == 422
    assert "You have 2 training jobs waiting or running" in answer.text
    assert 'value="3"' in field_of(answer.text[answer.text.index(f'action="{FREE}') :], "epochs")
    client.post(f"/jobs/{first.id}/cancellation")
    assert client.post(FREE, data=values_of("mnist-cnn")).status_code == 303


def test_a_lab_that_does_not_exist_is_404(client: TestClient) -> None:
    assert client.post("/courses/tiny/lessons/00-start/labs/none/jobs", data={}).status_code == 404
    assert client.post("/courses/tiny/lessons/none/labs/digits/jobs", data={}).status_code == 404


def test_a_visitor_sees_the_lab_and_how_to_take_part(client: TestClient) -> None:
    client.cookies.delete("sophora_session")
    html = client.get("/courses/tiny/lessons/00-start").text
    assert "Read digits" in html
    assert f'action="{DIGITS}' not in html
    assert 'href="/sign-in?next=/courses/tiny/lessons/00-start%23lab-digits"' in html


def test_a_script_gets_the_lab_with_the_training_live_in_it(client: TestClient, session: Session) -> None:
    asks = {"X-Fragment": "1"}
    refused = client.post(FREE, data=values_of("mnist-cnn", epochs="0"), headers=asks)
    assert refused.status_code == 422 and 'aria-invalid="true"' in refused.text
    answer = client.post(FREE, data=values_of("mnist-cnn", epochs="7"), headers=asks)
    job_id = session.scalar(select(Job.id))
    session.rollback()  # a test's reads hold SQLite's lock
    assert answer.status_code == 200 and "<html" not in answer.text
    place = f'data-lab-run="/jobs/{job_id}/lab"'
    assert place in answer.text and place in client.get("/courses/tiny/lessons/01-next").text
    live = client.get(f"/jobs/{job_id}/lab", headers=asks).text
    assert f'data-job="{job_id}"' in live and "Cancel the training" in live
    assert re.search(r"Epochs \d+ → <b>7</b>", live)
    assert client.get(f"/jobs/{job_id}/lab").headers["location"] == f"/jobs/{job_id}"
    stopped = client.post(f"/jobs/{job_id}/cancellation", headers=asks)
    assert stopped.status_code == 200 and "Stopping …" in stopped.text
