"""What must not go wrong when processes die. Real processes, real signals."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest
from sqlalchemy import func, select

from app.core.db import session_scope
from app.jobs.models import JobArtefact, JobState
from app.jobs.queue import tickets
from app.jobs.service import request_cancellation
from tests.factories import PASSWORD
from tests.faults.classroom import EPOCHS, Classroom, end, kill, wait_for


@pytest.fixture
def classroom(tmp_path: Path) -> Iterator[Classroom]:
    classroom = Classroom(tmp_path)
    yield classroom
    classroom.close()


def test_a_runner_that_was_stopped_past_its_lease_writes_nothing_any_more(classroom: Classroom) -> None:
    stopped = classroom.start_worker()
    job_id = classroom.submit()
    classroom.wait_until_mid_epoch(job_id)
    child = classroom.child_of(stopped)
    child.suspend()
    stopped.send_signal(signal.SIGSTOP)
    stored = len(classroom.epochs(job_id))

    classroom.start_worker()
    wait_for(lambda: classroom.job(job_id).attempt == 2, "another worker has claimed the job")
    stopped.send_signal(signal.SIGCONT)
    child.resume()
    job = classroom.wait_for_state(job_id, JobState.SUCCEEDED)
    wait_for(
        lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE,
        "the old runner has given up",
    )

    with session_scope(writes=False) as session:
        attempts = set(session.scalars(select(JobArtefact.attempt).where(JobArtefact.job_id == job_id)))
    assert job.attempt == 2
    assert attempts == {2}
    assert stored < EPOCHS, "the training is too short to be stopped in its middle"
    assert [epoch.attempt for epoch in classroom.epochs(job_id)] == [1] * stored + [2] * (EPOCHS - stored)
    last = f"Epoch {EPOCHS}"
    assert len([line for line in classroom.log_of_job(job_id) if line.startswith(last)]) == 1


def test_a_job_is_not_lost_when_the_web_server_is_killed_right_after_the_submit(classroom: Classroom) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    os.environ["SOPHORA_CONTENT_DIR"] = str(_tiny_course(classroom.data_dir))
    from app.core.config import get_settings

    get_settings.cache_clear()
    from app.publishing.folders import bundled_courses, load_folders

    load_folders(bundled_courses(), print)
    web = classroom.start_web(port)
    try:
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers={"Sec-Fetch-Site": "same-origin"}
        ) as browser:
            wait_for(lambda: _is_up(browser), "the web server answers")
            browser.post("/sign-up", data={"name": "quick one", "password": PASSWORD})
            answer = browser.post(
                "/courses/tiny/lessons/one/labs/only/jobs", data={"epochs": 1, "seed": 1, **_mlp_fields()}
            )
            kill(web)
    finally:
        del os.environ["SOPHORA_CONTENT_DIR"]
    assert answer.status_code == 303, answer.text
    job_id = answer.headers["location"].split("/")[2].split("#")[0]
    classroom.start_worker()

    from uuid import UUID

    classroom.wait_for_state(UUID(job_id), JobState.SUCCEEDED)


def test_a_worker_that_is_told_to_end_gives_its_job_back_and_another_one_finishes_it(
    classroom: Classroom,
) -> None:
    first = classroom.start_worker()
    job_id = classroom.submit()
    classroom.wait_until_mid_epoch(job_id)

    end(first)
    given_back = classroom.job(job_id)
    classroom.start_worker()
    job = classroom.wait_for_state(job_id, JobState.SUCCEEDED)

    assert (given_back.state, given_back.interruptions) == (JobState.QUEUED, 0)
    assert (job.attempt, job.interruptions) == (2, 0)


def test_a_job_that_takes_too_long_fails_with_a_reason(classroom: Classroom, tmp_path: Path) -> None:
    os.environ["SOPHORA_RECIPES_DIR"] = str(_recipe_with_a_short_limit(tmp_path))
    # The submitting process has the same recipes: a worker takes only those that it knows.
    _forget_recipes()
    try:
        classroom.start_worker()
        job = classroom.wait_for_state(classroom.submit(epochs=20, train_size=60000), JobState.FAILED)
    finally:
        del os.environ["SOPHORA_RECIPES_DIR"]
        _forget_recipes()

    assert "longer than its recipe allows" in job.failure["message"]


@dataclass(frozen=True)
class Shared:
    """For the tests that leave its worker at work."""

    classroom: Classroom
    worker: subprocess.Popen[bytes]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    classroom = Classroom(tmp_path_factory.mktemp("shared"))
    try:
        yield Shared(classroom, classroom.start_worker())
    finally:
        classroom.close()


def test_a_job_killed_in_the_middle_of_an_epoch_ends_with_the_same_weights_as_an_undisturbed_one(
    shared: Shared,
) -> None:
    classroom, worker = shared.classroom, shared.worker
    undisturbed = classroom.wait_for_state(classroom.submit(), JobState.SUCCEEDED)

    disturbed_id = classroom.submit()
    classroom.wait_until_mid_epoch(disturbed_id)
    classroom.child_of(worker).kill()
    disturbed = classroom.wait_for_state(disturbed_id, JobState.SUCCEEDED)

    assert (undisturbed.attempt, disturbed.attempt, disturbed.interruptions) == (1, 2, 1)
    assert disturbed.report["weights_sha256"] == undisturbed.report["weights_sha256"]
    assert [e.metrics for e in classroom.epochs(disturbed.id)] == [
        e.metrics for e in classroom.epochs(undisturbed.id)
    ]


def test_jobs_survive_a_redis_that_is_killed_and_restarted_while_one_trains_and_one_waits(
    shared: Shared,
) -> None:
    classroom, worker = shared.classroom, shared.worker
    training, waiting = classroom.submit(), classroom.submit(epochs=1)
    classroom.wait_until_mid_epoch(training)

    kill(classroom.redis)
    (classroom.data_dir / "redis.sock").unlink(missing_ok=True)
    submitted_meanwhile = classroom.submit(epochs=1)
    classroom.redis = classroom.start_redis()

    assert classroom.wait_for_state(training, JobState.SUCCEEDED).attempt == 1
    assert classroom.wait_for_state(waiting, JobState.SUCCEEDED).attempt == 1
    assert classroom.wait_for_state(submitted_meanwhile, JobState.SUCCEEDED).attempt == 1
    assert worker.poll() is None


def test_a_ticket_that_is_delivered_ten_times_runs_its_job_once(shared: Shared) -> None:
    classroom = shared.classroom
    job_id = classroom.submit(send_ticket=False, epochs=2)
    for _ in range(10):
        tickets.send_ticket("cpu")

    job = classroom.wait_for_state(job_id, JobState.SUCCEEDED)

    wait_for(lambda: tickets.waiting_tickets("cpu") == 0, "all tickets are taken")
    assert (job.attempt, job.interruptions) == (1, 0)
    assert [epoch.attempt for epoch in classroom.epochs(job_id)] == [1, 1]


def test_a_job_that_is_interrupted_three_times_fails_with_a_reason(shared: Shared) -> None:
    classroom, worker = shared.classroom, shared.worker
    job_id = classroom.submit(epochs=15)
    for attempt in (1, 2, 3):
        classroom.wait_until_training(job_id, attempt)
        classroom.kill_child_of(worker)

    job = classroom.wait_for_state(job_id, JobState.FAILED)

    assert (job.attempt, job.interruptions) == (3, 3)
    assert job.failure["values"] == {"count": 3}
    assert sum("Interrupted" in line for line in classroom.log_of_job(job_id)) == 3


def test_a_running_job_can_be_cancelled_and_its_worker_takes_the_next_one(shared: Shared) -> None:
    classroom = shared.classroom
    job_id = classroom.submit(epochs=20)
    classroom.wait_until_mid_epoch(job_id)

    with session_scope() as session:
        job = classroom.job(job_id)
        request_cancellation(
            session, session.get_one(type(job).user.property.mapper.class_, job.user_id), job_id
        )
    job = classroom.wait_for_state(job_id, JobState.CANCELLED)

    assert job.finished_at >= job.cancel_requested_at
    classroom.wait_for_state(classroom.submit(epochs=1), JobState.SUCCEEDED)
    with session_scope(writes=False) as session:
        assert (
            session.scalar(select(func.count()).select_from(JobArtefact).where(JobArtefact.job_id == job_id))
            == 0
        )


def _forget_recipes() -> None:
    from app.core.config import get_settings
    from app.recipes.recipe import all_recipes

    get_settings.cache_clear()
    all_recipes.cache_clear()


def _mlp_fields() -> dict[str, str]:
    from app.recipes.recipe import all_recipes

    recipe = all_recipes()["mnist-mlp"]
    fields = {h.name: h.as_text(h.default) for h in recipe.hyperparameters}
    return {name: value for name, value in fields.items() if value and name not in {"epochs", "seed"}} | {
        "train_size": "1000"
    }


def _recipe_with_a_short_limit(folder: Path) -> Path:
    """All recipes, with a time limit of ten seconds."""
    import re
    import shutil

    from app.core.config import ROOT

    copy = folder / "recipes"
    shutil.copytree(ROOT / "recipes", copy)
    toml = copy / "mnist-mlp" / "recipe.toml"
    toml.write_text(
        re.sub(r"(?m)^seconds = \d+$", "seconds = 10", toml.read_text(encoding="utf-8"), count=1),
        encoding="utf-8",
    )
    return copy


def _is_up(browser: httpx.Client) -> bool:
    try:
        return browser.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


def _tiny_course(folder: Path) -> Path:
    """A course of one lesson with one lab."""
    lesson = folder / "content" / "tiny" / "one"
    lesson.mkdir(parents=True)
    (lesson.parent / "course.toml").write_text(
        'slug = "tiny"\ntitle = { zh = "小", en = "Tiny" }\nsummary = { zh = "小", en = "Tiny" }\n'
        '[[modules]]\nslug = "all"\ntitle = { zh = "全", en = "All" }\nlessons = ["one"]\n',
        encoding="utf-8",
    )
    (lesson / "lesson.toml").write_text(
        'title = { zh = "一", en = "One" }\nquestion = { zh = "？", en = "?" }\nminutes = 1\n'
        '[[labs]]\nkey = "only"\nrecipe = "mnist-mlp"\ntitle = { zh = "实验", en = "Lab" }\ntask = { zh = "做", en = "Do" }\n',
        encoding="utf-8",
    )
    for name in ("zh.md", "en.md"):
        (lesson / name).write_text("## 一 {#one}\n\n::: lab only\n:::\n", encoding="utf-8")
    (lesson / "quiz.toml").write_text("", encoding="utf-8")
    return folder / "content"
