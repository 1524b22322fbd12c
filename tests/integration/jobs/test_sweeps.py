"""Several values at once: a sweep from the form to its one notification."""

import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core import db
from app.courses.models import Course
from app.jobs.models import Job, JobEpoch, JobState, Sweep
from app.labs.pages import lab_form
from app.notifications.models import Kind, Notification
from app.recipes.recipe import all_recipes
from tests.factories import NO_ID, make_job, make_user
from tests.integration.conftest import ON_SQLITE, enter
from tests.integration.statements import cost
from worker import claim

RECIPE = "/recipes/mnist-mlp/sweeps"
LAB = "/courses/tiny/lessons/00-start/labs/digits/sweeps"
RATES = {"sweep_setting": "learning_rate", "sweep_values": "0.01, 0.03，0.1"}
TWELVE = {
    "sweep_setting": "learning_rate", "sweep_values": "0.01 0.03 0.1 0.3",
    "sweep_setting_2": "optimizer", "sweep_values_2": "SGD、momentum；adam",
}  # fmt: skip


@pytest.fixture(autouse=True)
def place(client: TestClient, student: User) -> None:
    client.cookies.set("language", "en")


def form(**changed: str) -> dict[str, str]:
    recipe = all_recipes()["mnist-mlp"]
    return {h.name: h.as_text(h.default) for h in recipe.hyperparameters} | changed


def submitted(client: TestClient, address: str = RECIPE, **changed: str) -> str:
    answer = client.post(address, data=form(**changed))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def jobs_of(address: str) -> list[Job]:
    with db.session_scope(writes=False) as session:
        own = select(Job).where(Job.sweep_id == UUID(address.rpartition("/")[2]))
        return list(session.scalars(own.order_by(Job.turn)))


def errors_in(html: str) -> dict[str, str]:
    """The message of each field at fault, by the field's name."""
    found = {}
    for tag in re.findall(r'<(?:input|select)[^>]*aria-invalid="true"[^>]*>', html):
        identity = re.search(r'aria-describedby="([^"]*)"', tag)[1].split()[-1]
        name = re.search(r'name="([^"]*)"', tag)[1]
        found[name] = unescape(re.search(rf'id="{identity}">([^<]*)<', html)[1])
    return found


def train_next(accuracy: float = 0.9, state: JobState = JobState.SUCCEEDED) -> Job:
    with db.session_scope() as session:
        taken = claim.claim_next(session, "cpu")
        report = (
            {"metrics": {"test_accuracy": accuracy, "test_loss": 1.0}}
            if state == JobState.SUCCEEDED
            else None
        )
        claim.finish(session, taken.job_id, taken.attempt, state, report=report)
        return session.get_one(Job, taken.job_id)


def told_of(user: User) -> list[Notification]:
    with db.session_scope(writes=False) as session:
        return list(session.scalars(select(Notification).where(Notification.user_id == user.id)))


def test_one_job_is_queued_for_each_pair_of_values_and_the_rest_is_as_in_the_form(client: TestClient) -> None:
    jobs = jobs_of(submitted(client, epochs="2", **TWELVE))
    pairs = [(job.hyperparameters["learning_rate"], job.hyperparameters["optimizer"]) for job in jobs]
    assert pairs == [(rate, way) for rate in (0.01, 0.03, 0.1, 0.3) for way in ("sgd", "momentum", "adam")]
    assert {(job.hyperparameters["epochs"], job.hyperparameters["units"]) for job in jobs} == {(2, 64)}


def test_a_sweep_of_a_lab_has_its_goal_and_its_guess(client: TestClient, course: Course) -> None:
    lesson = client.get("/courses/tiny/lessons/00-start").text
    assert f'formaction="{LAB}#lab-digits"' in lesson
    jobs = jobs_of(submitted(client, LAB, guess="0.9", **RATES))
    assert [(job.lab_key, job.guess, bool(job.lesson_id)) for job in jobs] == [("digits", "0.9", True)] * 3
    answer = client.post(LAB, data=form(guess="", **RATES))
    assert answer.status_code == 422 and "guess" in errors_in(answer.text)


def test_the_first_job_of_another_student_comes_before_the_second_of_a_sweep(
    client: TestClient, session: Session
) -> None:
    jobs = jobs_of(submitted(client, **TWELVE))
    train_next()
    others = [make_job(session, make_user(session)).id for _ in range(2)]
    session.commit()
    order = [train_next().id for _ in range(13)]
    assert order == [*others, *(job.id for job in jobs[1:])]


@ON_SQLITE
@pytest.mark.parametrize(
    ("changed", "field", "message"),
    [
        ({"sweep_values": "0.01 0.02 0.03 0.04 0.05 0.06 0.07", "sweep_setting_2": "scale_pixels", "sweep_values_2": "on, off"}, "sweep_values_2", "These are 14 trainings; a sweep has at most 12. Please leave out some values."),
        ({"sweep_values": "0.1"}, "sweep_values", "Please enter at least two values, with commas between them."),
        ({"sweep_values": "0.1, 99"}, "sweep_values", "“99”: Please enter 10 or less."),
        ({"sweep_values": "0.1, much"}, "sweep_values", "“much”: Please enter a number."),
        ({"sweep_values": "1, " * 200}, "sweep_values", "Please use at most 400 characters."),
        ({"sweep_setting": "optimizer", "sweep_values": "Adam, Eve"}, "sweep_values", "“Eve” is none of these: SGD, SGD + momentum 0.9, Adam"),
        ({"sweep_setting": "scale_pixels", "sweep_values": "on, perhaps"}, "sweep_values", "“perhaps” is neither on nor off."),
        ({"sweep_setting": ""}, "sweep_setting", "Please choose a setting that can be changed here."),
        ({"sweep_setting": "threads"}, "sweep_setting", "Please choose a setting that can be changed here."),
        ({"sweep_setting_2": "learning_rate", "sweep_values_2": "1, 2"}, "sweep_setting_2", "Please choose another setting than the first one."),
        ({"epochs": "1000"}, "epochs", "Please enter 30 or less."),
    ],
)  # fmt: skip
def test_what_cannot_be_swept_is_said_at_its_field(
    client: TestClient, session: Session, changed: dict[str, str], field: str, message: str
) -> None:
    answer = client.post(RECIPE, data=form(**{**RATES, **changed}))
    assert answer.status_code == 422
    assert errors_in(answer.text) == {field: message}
    assert session.scalars(select(Job)).all() == []


def test_a_sweep_counts_as_one_training_and_there_is_one_at_a_time(
    client: TestClient, session: Session, student: User
) -> None:
    address = submitted(client, **TWELVE)
    answer = client.post(RECIPE, data=form(**RATES))
    assert answer.status_code == 422 and "A sweep of yours is still waiting or training." in answer.text
    assert 'value="0.01, 0.03，0.1"' in answer.text
    for _ in range(4):
        make_job(session, student)
    session.commit()
    answer = client.post("/recipes/mnist-mlp/jobs", data=form())
    assert answer.status_code == 422 and "You have 5 training jobs waiting or running" in answer.text
    client.post(f"{address}/cancellation")
    submitted(client, **RATES)


def test_the_page_fills_while_it_trains(client: TestClient) -> None:
    address = submitted(client, **RATES)
    assert "0 of 3 trainings have ended." in client.get(address).text
    train_next(0.91)
    with db.session_scope() as session:
        taken = claim.claim_next(session, "cpu")
        session.add_all(
            JobEpoch(
                job_id=taken.job_id, epoch=epoch, attempt=1, metrics={"val_loss": 1 / epoch, "val_accuracy": 0.8}, seconds=1,
                points=[], extra={}, checkpoint_key="-", stream_id="0-0",
            )
            for epoch in (1, 2)
        )  # fmt: skip
    page = client.get(address, headers={"X-Fragment": "1"}).text
    assert "<html" not in page
    assert "1 of 3 trainings have ended." in page and "Best so far: 91.0% with 0.01" in page
    assert "2 of 5" in page and '<span class="muted">80.0%' in page
    assert page.count('class="runs-end"') == 1 and page.count('class="sweep-open"') == 1


def test_the_page_of_twelve_costs_as_much_as_that_of_two(client: TestClient) -> None:
    two = submitted(client, **{**RATES, "sweep_values": "0.1 0.2"})
    client.get(two)
    before = cost(client, two)
    client.post(f"{two}/cancellation")
    assert cost(client, submitted(client, **TWELVE)) <= before <= 6


def test_only_its_owner_finds_a_sweep(client: TestClient, session: Session) -> None:
    address = submitted(client, **RATES)
    enter(client, session, make_user(session))
    for path in (address, f"/sweeps/{NO_ID}"):
        assert client.get(path).status_code == 404
        assert client.post(f"{path}/cancellation").status_code == 404
    assert {job.state for job in jobs_of(address)} == {JobState.QUEUED}


def test_cancelled_as_a_whole_nothing_of_it_starts_any_more_and_nobody_is_told(
    client: TestClient, student: User
) -> None:
    address = submitted(client, **RATES)
    with db.session_scope() as session:
        running = claim.claim_next(session, "cpu")
    assert client.post(f"{address}/cancellation").status_code == 303
    states = [(job.state, job.cancel_requested_at is not None) for job in jobs_of(address)]
    assert states == [(JobState.RUNNING, True), (JobState.CANCELLED, True), (JobState.CANCELLED, True)]
    with db.session_scope() as session:
        claim.finish(session, running.job_id, running.attempt, JobState.CANCELLED)
        assert claim.claim_next(session, "cpu") is None
    assert told_of(student) == []
    assert client.post(f"{address}/cancellation").status_code == 409
    assert "All trainings have ended." in client.get(address).text


def test_its_owner_is_told_once_when_all_have_ended_and_of_the_best(
    client: TestClient, student: User
) -> None:
    address = submitted(client, **TWELVE)
    for number in range(11):
        train_next(0.9 + number / 1000, JobState.FAILED if number == 10 else JobState.SUCCEEDED)
        assert told_of(student) == []
    best = train_next(0.986)
    (told,) = told_of(student)
    assert (told.kind, told.job_id) == (Kind.JOB, best.id)
    page = unescape(client.get("/notifications").text)
    assert "is done: 12 runs, best 98.6% at 0.3, Adam." in page and f'href="{address}"' in page
    assert "Best: 98.6% with 0.3, Adam" in unescape(client.get(address).text)


def test_a_sweep_without_any_result_is_told_too(client: TestClient, student: User) -> None:
    submitted(client, **RATES)
    for _ in range(3):
        train_next(state=JobState.FAILED)
    assert len(told_of(student)) == 1
    assert "has ended: 3 runs, none with a result." in unescape(client.get("/notifications").text)


def test_workers_that_end_the_last_trainings_at_once_tell_of_it_once(
    client: TestClient, student: User
) -> None:
    submitted(client, **TWELVE)
    with db.session_scope() as session:
        taken = [claim.claim_next(session, "cpu") for _ in range(12)]

    def end(each: claim.Claim) -> None:
        with db.session_scope() as session:
            claim.finish(session, each.job_id, each.attempt, JobState.SUCCEEDED, report={"metrics": {}})

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(end, taken))
    assert len(told_of(student)) == 1


def test_a_killed_run_of_a_sweep_is_claimed_again_in_its_own_turn_and_told_once(
    client: TestClient, student: User
) -> None:
    address = submitted(client, **RATES)
    with db.session_scope() as session:
        first = claim.claim_next(session, "cpu")
        assert claim.interrupt(session, first.job_id, first.attempt, "killed") == JobState.QUEUED
    assert [train_next().id for _ in range(3)] == [job.id for job in jobs_of(address)]
    assert len(told_of(student)) == 1


def test_the_list_of_runs_and_each_run_lead_to_the_sweep_which_goes_with_its_last_run(
    client: TestClient, session: Session
) -> None:
    address = submitted(client, **{**RATES, "sweep_values": "0.1 0.2"})
    jobs = [train_next(state=JobState.FAILED) for _ in range(2)]
    assert client.get("/jobs").text.count(f'href="{address}"') == 2
    assert f'href="{address}"' in client.get(f"/jobs/{jobs[0].id}").text
    client.post(f"/jobs/{jobs[0].id}/deletion")
    assert "All trainings have ended." in client.get(address).text
    client.post(f"/jobs/{jobs[1].id}/deletion")
    assert client.get(address).status_code == 404
    assert session.scalars(select(Sweep)).all() == []


def test_a_setting_that_the_recipe_no_longer_has_is_shown_by_its_name(client: TestClient) -> None:
    address = submitted(client, **RATES)
    with db.session_scope() as session:
        session.execute(update(Sweep).values(axes=[{"setting": "gone", "values": [1, 2]}]))
    assert "<code>gone</code>" in client.get(address).text


def test_the_values_that_a_form_suggests_are_values_that_it_takes() -> None:
    for recipe in all_recipes().values():
        for setting in lab_form(recipe, None, "/").sweepable:
            hyperparameter = setting.hyperparameter
            if hyperparameter.kind in {"integer", "number"}:
                values = [hyperparameter.check(value) for value in setting.some_values.split(", ")]
                assert hyperparameter.default in values and len(values) > 1, (
                    recipe.slug,
                    hyperparameter.name,
                )
