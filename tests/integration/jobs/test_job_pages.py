import html
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core import db, storage
from app.core.clock import now
from app.core.redis import get_redis
from app.jobs.models import Job, JobArtefact, JobEpoch, JobLogLine, JobState
from app.jobs.own_parts import recipe_part
from app.jobs.stream import stream_key
from app.recipes.recipe import all_recipes
from tests.factories import make_job, make_user
from tests.integration.conftest import enter
from worker import roll

pytestmark = pytest.mark.usefixtures("student", "in_english")

# The shape of worker.runner's reports, with two classes.
REPORT: dict[str, Any] = {
    "kind": "classification",
    "outcome": "completed",
    "metrics": {
        "train_accuracy": 0.99, "train_loss": 0.03, "val_accuracy": 0.985, "val_loss": 0.05, "test_accuracy": 0.98765, "test_loss": 0.0432,
        "baseline_accuracy": 0.1135, "initial_loss": 2.3, "parameters": 12810,
    },
    "classes": ["0", "1"],
    "confusion": [[970, 10], [3, 1132]],
    "mistakes": [
        {"index": 8, "label": 0, "predicted": 1, "probability": 0.999, "label_probability": 0.001, "image": "iVBORw0KGgo="},
        {"index": 4, "label": 1, "predicted": 0, "probability": 0.75, "label_probability": 0.25, "image": "iVBORw0KGgo="},
    ],
    "parameters": 12810,
    "summary": "",
    "seconds": {"load": 0.5, "fit": 31.2, "evaluate": 1.0, "export": 1.0},
    "versions": {"tensorflow": "2.21.0"},
    "weights_sha256": "ab" * 32,
}  # fmt: skip


def finished(session: Session, user: User, **values: Any) -> Job:
    times = {"started_at": now() - timedelta(seconds=40), "finished_at": now()}
    return make_job(
        session, user, **{"state": "succeeded", "attempt": 1, "report": REPORT, **times, **values}
    )


def running(session: Session, user: User, **values: Any) -> Job:
    defaults = {
        "state": "running",
        "attempt": 1,
        "lease_expires_at": now() + timedelta(minutes=1),
        "started_at": now(),
        "phase": "training",
    }
    return make_job(session, user, **{**defaults, **values})


def add_epoch(session: Session, job: Job, epoch: int, **values: Any) -> None:
    defaults = {
        "attempt": 1, "metrics": {"loss": 0.5, "accuracy": 0.8, "val_loss": 0.4, "val_accuracy": 0.9}, "seconds": 2.0,
        "points": [[epoch * 10, {"loss": 0.6}]], "extra": {}, "checkpoint_key": "-", "stream_id": "0-0",
    }  # fmt: skip
    session.add(JobEpoch(job_id=job.id, epoch=epoch, **{**defaults, **values}))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""), ("GET", "/status"), ("GET", "/events"), ("GET", "/clone"), ("POST", "/clones"), ("POST", "/cancellation"), ("POST", "/sharing"),
        ("GET", "/files/model.keras"), ("GET", "/lab"),
    ],
)  # fmt: skip
def test_somebody_elses_job_does_not_exist_on_any_route(
    client: TestClient, session: Session, method: str, path: str
) -> None:
    job = finished(session, make_user(session)) if "files" in path else make_job(session, make_user(session))
    session.add(
        JobArtefact(job_id=job.id, attempt=1, name="model.keras", key=f"jobs/{job.id}/1/model.keras", size=1)
    )
    session.commit()
    storage.write(f"jobs/{job.id}/1/model.keras", b"x")
    data = {"on": "true"} if path == "/sharing" else None
    answer = client.request(method, f"/jobs/{job.id}{path}", data=data)
    assert answer.status_code == 404
    session.refresh(job)
    assert job.cancel_requested_at is None
    assert session.scalar(select(func.count(Job.id))) == 1


def test_every_job_route_is_in_the_test_above(client: TestClient) -> None:
    def routes(router: Any) -> set[str]:
        return {route.path for route in router.routes if getattr(route, "path", "").startswith("/jobs/{")}

    from app.jobs.routes import router

    tested = test_somebody_elses_job_does_not_exist_on_any_route.pytestmark[0].args[1]
    assert {path.replace("{name}", "model.keras") for path in routes(router)} == {
        f"/jobs/{{job_id}}{path}" for _, path in tested
    }


def test_a_lecturer_has_no_more_right_to_a_students_page(
    client: TestClient, session: Session, student: User
) -> None:
    student = session.merge(student)
    student.role = "lecturer"
    job = make_job(session, make_user(session))
    session.commit()
    assert client.get(f"/jobs/{job.id}").status_code == 404


def test_a_queued_job_says_its_place_and_the_expected_wait(
    client: TestClient, session: Session, student: User
) -> None:
    for _ in range(2):
        make_job(session, make_user(session))
    job = make_job(session, student)
    session.commit()
    roll.sign(get_redis(), "worker@host", 1, ["cpu"], [])
    wait = round(2 * all_recipes()["mnist-mlp"].estimate.seconds)
    sentence = f"Waiting: number 3 in the queue, about {wait} s to go."
    text = client.get(f"/jobs/{job.id}").text
    assert sentence in text
    assert "You can close this page" in text
    assert client.get(f"/jobs/{job.id}/status").text.strip() == f'<p data-ask-again-after="6">{sentence}</p>'


def test_where_no_worker_is_alive_a_waiting_student_reads_that_and_no_time(
    client: TestClient, session: Session, student: User
) -> None:
    job = make_job(session, student)
    session.commit()
    sentence = "no worker is running at the moment. Your training begins by itself as soon as one is back."
    for path in (f"/jobs/{job.id}", f"/jobs/{job.id}/status"):
        text = " ".join(client.get(path).text.split())
        assert sentence in text and "you are next" not in text
    roll.sign(get_redis(), "worker@host", 1, ["cpu"], [])
    assert "Waiting: you are next" in client.get(f"/jobs/{job.id}/status").text
    roll.sign_off(get_redis(), "worker@host", 1, ["cpu"])
    assert sentence in " ".join(client.get(f"/jobs/{job.id}/status").text.split())


def test_a_running_job_says_its_epoch(client: TestClient, session: Session, student: User) -> None:
    job = running(session, student)
    add_epoch(session, job, 1)
    session.commit()
    assert re.search(r"Training: epoch 2 of 5, about \d+ s left\.", client.get(f"/jobs/{job.id}/status").text)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"phase": "preparing"}, "Preparing the data and the network"),
        ({"phase": "evaluating"}, "Measuring on the test set"),
        ({"cancel_requested_at": now()}, "Stopping …"),
    ],
)
def test_each_phase_has_its_sentence(
    client: TestClient, session: Session, student: User, values: dict[str, Any], sentence: str
) -> None:
    job = running(session, student, **values)
    session.commit()
    assert sentence in " ".join(client.get(f"/jobs/{job.id}/status").text.split())


def test_the_page_starts_with_every_stored_point_and_says_where_the_stream_goes_on(
    client: TestClient, session: Session, student: User
) -> None:
    job = running(session, student)
    add_epoch(session, job, 1, stream_id="5-0")
    add_epoch(session, job, 2, stream_id="9-3")
    session.commit()
    text = client.get(f"/jobs/{job.id}").text
    assert 'data-after="9-3"' in text
    assert (
        '"points":[{"step":10,"epoch":1,"metrics":{"loss":0.6}},{"step":20,"epoch":2,"metrics":{"loss":0.6}}]'
        in text
    )


def test_a_finished_job_shows_its_result_beside_the_baseline(
    client: TestClient, session: Session, student: User
) -> None:
    job = finished(session, student)
    session.add(JobLogLine(job_id=job.id, attempt=1, line="training 5 859"))
    session.commit()
    text = client.get(f"/jobs/{job.id}").text
    assert "98.77%" in text
    assert "11.35%" in text
    assert "Always guessing the most common class" in text
    assert "Done in 40 s." in text
    assert "12,810" in text
    assert "2.21.0" in text
    assert "training 5 859" in text
    assert "Random seed" in text
    assert "Cancel the training" not in text


def test_the_confusion_matrix_has_true_classes_as_rows(
    client: TestClient, session: Session, student: User
) -> None:
    job = finished(session, student)
    session.commit()
    table = client.get(f"/jobs/{job.id}").text
    table = table[table.index('<table class="confusion">') :]
    first_row = re.search(r'<tr><th scope="row">0</th>(.*?)</tr>', table, re.S)[1]
    assert re.findall(r">(\d+)<", first_row) == ["970", "10"]


def test_the_worst_mistake_comes_first(client: TestClient, session: Session, student: User) -> None:
    job = finished(session, student)
    session.commit()
    text = client.get(f"/jobs/{job.id}").text
    assert text.index("Test picture 8") < text.index("Test picture 4")
    assert "(100%)" in text


def test_a_failed_job_says_why_in_the_readers_language(
    client: TestClient, session: Session, student: User
) -> None:
    from app.jobs.result.reasons import INTERRUPTED_TOO_OFTEN

    job = make_job(
        session, student, state="failed", failure={"message": INTERRUPTED_TOO_OFTEN, "values": {"count": 3}}
    )
    session.commit()
    assert "was interrupted 3 times" in client.get(f"/jobs/{job.id}").text
    client.cookies.set("language", "zh")
    chinese = client.get(f"/jobs/{job.id}").text
    assert "was interrupted" not in chinese
    assert "3" in chinese


def test_a_guess_stands_beside_what_was_measured(
    client: TestClient, session: Session, student: User, course: object
) -> None:
    from app.courses.models import LessonRevision

    labs = session.scalars(select(LessonRevision.labs)).all()
    lab = next(found["digits"] for found in labs if "digits" in found)
    job = finished(session, student, lab=lab, lab_key="digits", guess="0.9", goal_reached_at=now())
    session.commit()
    text = client.get(f"/jobs/{job.id}").text
    assert "Goal reached" in text
    assert "Your guess:</b> 90.0% · <b>Measured:</b> 98.8% · 8.8 points more than you thought</p>" in text
    assert "It depends on the seed." in text


RATE: dict[str, Any] = {
    "defaults": {},
    "fixed": {},
    "hidden": [],
    "shown": [],
    "title": {"zh": "找学习率", "en": "Find the rate"},
    "goal": {"text": {"zh": "九成", "en": "Nine in ten"}, "conditions": []},
    "guess": {
        "question": {"zh": "哪个最好？", "en": "Which is best?"},
        "kind": "choice",
        "options": [
            {"value": "small", "label": {"zh": "小的", "en": "the small one"}},
            {"value": "large", "label": {"zh": "大的", "en": "the large one"}},
        ],
        "answer": "large",
    },
    "ranges": [
        {"when": {"learning_rate": 0.001}, "text": {"zh": "小", "en": "Small: 0.6 to 0.7."}},
        {"when": {"learning_rate": 0.1}, "text": {"zh": "大", "en": "Large: 0.92 to 0.94."}},
    ],
    "measured": {
        "text": {"zh": "全部", "en": "All rates in turn."},
        "explain": {"zh": "为什么", "en": "This is why."},
    },
}


def test_a_run_is_compared_with_its_own_settings_and_the_rest_waits_for_the_goal(
    client: TestClient, session: Session, student: User
) -> None:
    small = {"learning_rate": 0.001}
    before = finished(session, student, lab=RATE, lab_key="rate", guess="small", hyperparameters=small)
    session.commit()
    page = client.get(f"/jobs/{before.id}").text
    assert "Small: 0.6 to 0.7." in page
    assert "Large: 0.92" not in page
    assert page.index("show the figures and the answer") < page.index("All rates in turn.")
    large = {"learning_rate": 0.1}
    after = finished(
        session,
        student,
        lab=RATE,
        lab_key="rate",
        guess="large",
        hyperparameters=large,
        goal_reached_at=now(),
    )
    session.commit()
    page = client.get(f"/jobs/{after.id}").text
    assert "Large: 0.92 to 0.94." in page
    assert "All rates in turn." in page
    assert "show the figures and the answer" not in page


def test_a_choice_is_judged_once_the_goal_is_reached(
    client: TestClient, session: Session, student: User
) -> None:
    before = finished(session, student, lab=RATE, lab_key="rate", guess="small")
    session.commit()
    assert (
        "You will see whether you are right when the goal is reached."
        in client.get(f"/jobs/{before.id}").text
    )
    wrong = finished(session, student, lab=RATE, lab_key="rate", guess="small", goal_reached_at=now())
    session.commit()
    assert "</b> the large one ✗" in client.get(f"/jobs/{wrong.id}").text
    right = finished(session, student, lab=RATE, lab_key="rate", guess="large", goal_reached_at=now())
    session.commit()
    assert "You guessed right." in client.get(f"/jobs/{right.id}").text


def test_a_choice_about_certain_settings_is_judged_by_a_run_with_them(
    client: TestClient, session: Session, student: User
) -> None:
    lab = {**RATE, "guess": {**RATE["guess"], "when": {"learning_rate": 0.1, "optimizer": "sgd"}}}
    other = finished(
        session,
        student,
        lab=lab,
        lab_key="rate",
        guess="large",
        hyperparameters={"learning_rate": 0.01, "optimizer": "adam"},
    )
    session.commit()
    page = client.get(f"/jobs/{other.id}").text
    assert "Training with these settings will tell:" in page
    assert "Learning rate = 0.1, Optimiser = SGD" in " ".join(page.split())
    told = finished(
        session,
        student,
        lab=lab,
        lab_key="rate",
        guess="large",
        hyperparameters={"learning_rate": 0.1, "optimizer": "sgd"},
    )
    session.commit()
    assert "You guessed right." in client.get(f"/jobs/{told.id}").text


def test_a_queued_job_is_cancelled_at_once(client: TestClient, session: Session, student: User) -> None:
    job = make_job(session, student)
    session.commit()
    answer = client.post(f"/jobs/{job.id}/cancellation")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/jobs/{job.id}")
    session.refresh(job)
    assert job.state == JobState.CANCELLED
    assert isinstance(job.finished_at, datetime)
    assert "You cancelled this training." in client.get(f"/jobs/{job.id}").text


def test_those_who_watch_hear_of_the_cancellation(
    client: TestClient, session: Session, student: User
) -> None:
    job = make_job(session, student)
    session.commit()
    client.post(f"/jobs/{job.id}/cancellation")
    [(_, fields)] = get_redis().xrange(stream_key(job.id))
    assert fields == {b"type": b"state", b"data": b'{"state":"cancelled"}'}


def test_a_running_job_is_asked_to_stop_and_stays_its_workers(
    client: TestClient, session: Session, student: User
) -> None:
    job = running(session, student)
    session.commit()
    client.post(f"/jobs/{job.id}/cancellation")
    session.refresh(job)
    assert job.state == JobState.RUNNING
    assert job.cancel_requested_at is not None


@pytest.mark.parametrize("state", ["succeeded", "failed", "cancelled"])
def test_what_has_ended_cannot_be_cancelled(
    client: TestClient, session: Session, student: User, state: str
) -> None:
    job = make_job(session, student, state=state)
    session.commit()
    assert client.post(f"/jobs/{job.id}/cancellation").status_code == 409
    session.refresh(job)
    assert job.state == state


def test_a_clone_starts_from_the_values_of_the_old_job(
    client: TestClient, session: Session, student: User
) -> None:
    old = finished(session, student, hyperparameters={"epochs": 9, "learning_rate": 0.25})
    session.commit()
    page = client.get(f"/jobs/{old.id}/clone").text
    assert re.search(r'name="epochs"\s+value="9"', page)
    assert re.search(r'name="learning_rate"\s+value="0\.25"', page)


def test_a_clone_is_a_new_job_that_knows_its_origin(
    client: TestClient, session: Session, student: User
) -> None:
    old = finished(session, student)
    session.commit()
    fields = {name: str(value) for name, value in old.hyperparameters.items() if value is not False}
    answer = client.post(f"/jobs/{old.id}/clones", data={**fields, "scale_pixels": "on", "epochs": "6"})
    assert answer.status_code == 303
    new = session.scalar(select(Job).where(Job.cloned_from_id == old.id))
    assert new.hyperparameters == {**old.hyperparameters, "epochs": 6}
    assert new.state == JobState.QUEUED
    assert new.report is None


def test_a_faulty_clone_form_keeps_what_was_typed(
    client: TestClient, session: Session, student: User
) -> None:
    old = finished(session, student)
    session.commit()
    answer = client.post(f"/jobs/{old.id}/clones", data={"epochs": "lots"})
    assert answer.status_code == 422
    assert 'value="lots"' in answer.text
    assert session.scalar(select(func.count(Job.id))) == 1


def test_a_clone_of_a_lab_cannot_change_what_the_lab_fixes(
    client: TestClient, session: Session, student: User, course: object
) -> None:
    from app.courses.models import LessonRevision

    lab = next(found["digits"] for found in session.scalars(select(LessonRevision.labs)) if "digits" in found)
    old = finished(session, student, lab=lab, lab_key="digits", hyperparameters={"optimizer": "adam"})
    session.commit()
    fields = {name: str(value) for name, value in old.hyperparameters.items()}
    client.post(f"/jobs/{old.id}/clones", data={**fields, "optimizer": "sgd", "guess": "0.5"})
    new = session.scalar(select(Job).where(Job.cloned_from_id == old.id))
    assert new.hyperparameters["optimizer"] == "adam"


def test_the_list_has_the_newest_first_and_twenty_a_page(
    client: TestClient, session: Session, student: User
) -> None:
    jobs = [make_job(session, student, created_at=now() - timedelta(minutes=n)) for n in range(21)]
    make_job(session, make_user(session))
    session.commit()
    first = re.findall(r'href="/jobs/([0-9a-f-]{36})"', client.get("/jobs").text)
    further = html.unescape(re.search(r'rel="next" href="([^"]+)"', client.get("/jobs").text)[1])
    second = re.findall(r'href="/jobs/([0-9a-f-]{36})"', client.get(further).text)
    assert first == [str(job.id) for job in jobs[:20]]
    assert second == [str(jobs[20].id)]


@pytest.mark.parametrize("place", ["0", "-3~x", f"{'9' * 30}~{'0' * 32}", "nan~1"])
def test_a_place_that_no_list_has_is_not_found(client: TestClient, place: str) -> None:
    for sort in ("newest", "best"):
        assert client.get("/jobs", params={"after": place, "sort": sort}).status_code == 404


def test_an_empty_list_says_where_to_begin(client: TestClient) -> None:
    assert "You have not trained anything yet." in client.get("/jobs").text


def test_the_files_of_the_attempt_that_succeeded_can_be_downloaded(
    client: TestClient, session: Session, student: User
) -> None:
    job = finished(session, student, attempt=2)
    for attempt in (1, 2):
        key = f"jobs/{job.id}/{attempt}/model.keras"
        storage.write(key, f"attempt {attempt}".encode())
        session.add(JobArtefact(job_id=job.id, attempt=attempt, name="model.keras", key=key, size=9))
    session.commit()
    assert f'href="/jobs/{job.id}/files/model.keras"' in client.get(f"/jobs/{job.id}").text
    answer = client.get(f"/jobs/{job.id}/files/model.keras")
    assert answer.content == b"attempt 2"
    assert answer.headers["content-disposition"] == 'attachment; filename="model.keras"'
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "private" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    "try_out", [{"classes": ["0", "1"], "samples": [{"text": "很好", "label": 1}]}, None]
)
def test_a_text_is_tried_out_without_a_threshold_too(
    client: TestClient, session: Session, student: User, try_out: dict[str, Any] | None
) -> None:
    job = finished(session, student, recipe="text-classification", report=REPORT | {"try_out": try_out})
    key = f"jobs/{job.id}/1/model.tflite"
    session.add(JobArtefact(job_id=job.id, attempt=1, name="model.tflite", key=key, size=1))
    session.commit()
    page = client.get(f"/jobs/{job.id}")
    assert page.status_code == 200 and "data-text-pad" in page.text and "data-slider" not in page.text


@pytest.mark.parametrize("more", [{}, {"noisy": "bm9pc3k=", "cleaned": "Y2xlYW4="}])
def test_an_autoencoder_shows_its_pictures_without_a_plane_and_without_noise(more: dict[str, str]) -> None:
    recipe = all_recipes()["autoencoder"]
    pair = {"index": 0, "label": "", "error": 0.1, "image": "aW1hZ2U=", "drawn": "ZHJhd24=", **more}
    figure = recipe_part(recipe, "figure", {"kind": "own", "first": [pair], "worst": [pair]})
    assert figure.count("ZHJhd24=") == 2
    epoch = {"originals": "b3JpZ2luYWxz", "drawn": "ZHJhd24="}
    live = recipe_part(recipe, "figure", epoch, [{"epoch": 1, "data": epoch}])
    assert "b3JpZ2luYWxz" in live and "ZHJhd24=" in live
    try_out = {"classes": [], "samples": [{"label": "", "image": "aW1hZ2U="}], "errors": [0.1], "noise": 0}
    assert "aW1hZ2U=" in recipe_part(recipe, "try-out", try_out)


def test_files_of_a_job_that_did_not_succeed_are_not_given_out(
    client: TestClient, session: Session, student: User
) -> None:
    job = make_job(session, student, state="failed", attempt=1)
    storage.write(f"jobs/{job.id}/1/model.keras", b"half")
    session.add(
        JobArtefact(job_id=job.id, attempt=1, name="model.keras", key=f"jobs/{job.id}/1/model.keras", size=4)
    )
    session.commit()
    assert client.get(f"/jobs/{job.id}/files/model.keras").status_code == 404


def test_a_job_whose_recipe_is_gone_still_has_its_page(
    client: TestClient, session: Session, student: User
) -> None:
    job = finished(session, student)
    job.recipe = "no-longer-offered"
    session.commit()
    assert "98.77%" in client.get(f"/jobs/{job.id}").text
    assert client.get("/jobs").status_code == 200
    assert client.get(f"/jobs/{job.id}/clone").status_code == 404


def test_a_log_line_cannot_become_markup(client: TestClient, session: Session, student: User) -> None:
    job = finished(session, student)
    session.add(JobLogLine(job_id=job.id, attempt=1, line="<script>alert(1)</script>"))
    session.commit()
    assert "<script>alert(1)" not in client.get(f"/jobs/{job.id}").text


def test_the_data_of_a_job_cannot_end_its_script_element(
    client: TestClient, session: Session, student: User
) -> None:
    job = running(session, student)
    add_epoch(session, job, 1, metrics={"loss": 0.5, "val_loss": 0.5, "</script><script>alert(1)//": 1})
    session.commit()
    assert "</script><script>alert(1)" not in client.get(f"/jobs/{job.id}").text


def test_a_disabled_students_jobs_stay_stored(session: Session, client: TestClient, student: User) -> None:
    from app.accounts.service import disable

    make_job(session, student)
    session.commit()
    with db.session_scope() as scope:
        disable(scope, scope.get_one(User, student.id))
    assert session.scalar(select(func.count(Job.id))) == 1


@pytest.mark.parametrize(
    ("state", "heading"),
    [("running", "Training"), ("succeeded", "Learning curves"), ("failed", "Learning curves")],
)
def test_what_only_a_screen_reader_reads_says_training_while_it_trains_alone(
    client: TestClient, session: Session, student: User, state: str, heading: str
) -> None:
    job = running(session, student) if state == "running" else finished(session, student, state=state)
    session.commit()
    page = client.get(f"/jobs/{job.id}").text
    assert re.findall(r'<h\d class="visually-hidden">(.*?)<', page) == [heading]
    assert re.search(r'<section class="job-live"[^>]*?aria-label="(.*?)"', page)[1] == heading
    # Values that change with every redraw are no `output`, which is announced on each change.
    assert "<output" not in page


def test_a_failure_offers_a_form_with_the_one_setting_that_mends_it(
    client: TestClient, session: Session, student: User
) -> None:
    from app.jobs.result.reasons import OUT_OF_MEMORY

    used = {"limit_mb": 4000, "needed_mb": 4312}
    job = make_job(session, student, state="failed", failure={"message": OUT_OF_MEMORY, "values": used})
    session.commit()
    page = client.get(f"/jobs/{job.id}").text
    assert "It held 4,312 MB" in page
    [link] = re.findall(r'class="button button-primary" href="(.*?)"', page)
    half = job.hyperparameters["batch_size"] // 2
    assert re.search(rf'name="batch_size"\s+value="{half}"', client.get(link.replace("&amp;", "&")).text)


def test_what_a_run_changed_is_marked_against_the_run_before_for_its_owner_alone(
    client: TestClient, session: Session, student: User
) -> None:
    earlier = finished(session, student, created_at=now() - timedelta(minutes=5))
    add_epoch(session, earlier, 1, metrics={"loss": 0.125, "val_loss": 0.375})
    later = finished(session, student, shared_at=now())
    later.hyperparameters = {**earlier.hyperparameters, "learning_rate": 0.05}
    session.commit()
    page = client.get(f"/jobs/{later.id}").text
    assert re.findall(r"<div data-changed>\s*<dt>(.*?)</dt>", page) == ["Learning rate"]
    assert "before: 0.1<" in page and '"previous":[{"epoch":1,' in page
    enter(client, session, make_user(session))
    assert '"previous":[]' in client.get(f"/jobs/{later.id}").text
