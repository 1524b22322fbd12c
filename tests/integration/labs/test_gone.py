"""Stored lessons and trainings refer to recipes, settings, data sets and figures by name: a missing one breaks no page."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from app.accounts.models import Role, User
from app.cli import cli
from app.core.clock import now
from app.core.config import ROOT
from app.courses import editions
from app.courses.models import Course, Lesson, LessonRevision
from app.jobs.models import Job, JobState
from app.notifications.models import Kind, Notification
from app.recipes.dataset import _described, known_slugs
from app.recipes.recipe import all_recipes, recipes_digest
from tests.factories import TINY_COURSE, make_job

LESSON = "/courses/tiny/lessons/00-start"
NO_LONGER = "This lab is no longer offered"


def forget_recipes() -> None:
    for cached in (all_recipes, known_slugs, _described, recipes_digest):
        cached.cache_clear()


@pytest.fixture
def folders(tmp_path: Path, configure: Callable[..., None]) -> Iterator[Path]:
    """Recipes and data sets in a folder that a test may change, as an operator would between two starts."""
    for name in ("recipes", "datasets"):
        shutil.copytree(ROOT / name, tmp_path / name)
    configure(recipes_dir=tmp_path / "recipes", datasets_dir=tmp_path / "datasets")
    forget_recipes()
    yield tmp_path
    forget_recipes()


@pytest.fixture
def loaded(folders: Path, database: str) -> None:
    assert CliRunner().invoke(cli, ["course", "load", str(TINY_COURSE)]).exit_code == 0


def remove_recipe(folders: Path) -> None:
    shutil.rmtree(folders / "recipes" / "mnist-mlp")


def rename_recipe(folders: Path) -> None:
    (folders / "recipes" / "mnist-mlp").rename(folders / "recipes" / "digits-mlp")


def rename_setting(folders: Path) -> None:
    path = folders / "recipes" / "mnist-mlp" / "recipe.toml"
    path.write_text(path.read_text("utf-8").replace('name = "dropout"', 'name = "drop"'), "utf-8")


def remove_choice(folders: Path) -> None:
    path = folders / "recipes" / "mnist-mlp" / "recipe.toml"
    path.write_text(path.read_text("utf-8").replace('value = "adam"', 'value = "adamw"'), "utf-8")


def remove_data(folders: Path) -> None:
    shutil.rmtree(folders / "datasets" / "mnist")


LOSSES: dict[Callable[[Path], None], str] = {
    remove_recipe: "needs the recipe 'mnist-mlp', which does not exist",
    rename_recipe: "needs the recipe 'mnist-mlp', which does not exist",
    rename_setting: "mnist-mlp has no setting 'dropout'",
    remove_choice: "optimizer = 'adam'",
    remove_data: "needs the recipe 'mnist-mlp', whose data set 'mnist' does not exist",
}
each_loss = pytest.mark.parametrize("lose", LOSSES, ids=lambda lose: lose.__name__)


def trained(session: Session, student: User) -> Job:
    """A shared training of the lab that reached its goal, with its notification."""
    lesson = session.query(Lesson).filter_by(slug="00-start").one()
    lab = session.get(LessonRevision, lesson.published_revision_id).labs["digits"]
    report: dict[str, Any] = {
        "kind": "classification",
        "metrics": {"test_accuracy": 0.93, "test_loss": 0.2, "initial_loss": 2.3},
        "classes": [],
        "confusion": [],
        "mistakes": [],
        "figures": [{"kind": "no-longer-drawn"}],
        "outcome": "completed",
        "parameters": 10,
        "seconds": {"fit": 1.0},
        "versions": {},
        "weights_sha256": "0" * 64,
    }
    ended = {
        "started_at": now(),
        "finished_at": now(),
        "goal_reached_at": now(),
        "shared_at": now(),
        "report": report,
    }
    job = make_job(
        session,
        student,
        state=JobState.SUCCEEDED,
        attempt=1,
        lesson_id=lesson.id,
        lab_key="digits",
        lab=lab,
        guess="0.9",
        **ended,
    )
    session.add(
        Notification(user_id=student.id, kind=Kind.JOB, key=str(job.id), job_id=job.id, details={}, actors=[])
    )
    session.commit()
    return job


@each_loss
def test_no_page_breaks_where_what_a_lab_names_is_gone(
    folders: Path,
    loaded: None,
    client: TestClient,
    session: Session,
    student: User,
    in_english: None,
    lose: Callable[[Path], None],
) -> None:
    job = trained(session, student)
    lesson_id = session.query(Lesson).filter_by(slug="00-start").one().id
    lose(folders)
    forget_recipes()

    lesson = client.get(LESSON).text
    assert NO_LONGER in lesson and "Read digits" in lesson and f"/jobs/{job.id}" in lesson
    assert f"{LESSON}/labs/digits/jobs" not in lesson
    page = client.get(f"/jobs/{job.id}").text
    assert "93.00%" in page and f"/jobs/{job.id}/clone" not in page
    assert "dropout" in page.lower()
    for address in (
        *("/", "/courses/tiny", "/jobs", "/progress", f"/people/{student.id}", "/settings/export"),
        *("/notes", "/review", "/notifications", "/check-ins", "/search?q=digit"),
        *(f"/lessons/{lesson_id}/notes", f"/jobs/{job.id}/status", f"/lessons/{lesson_id}"),
    ):
        assert client.get(address).status_code in {200, 303}, address
    for answer in (client.get(f"/jobs/{job.id}/clone"), client.post(f"/jobs/{job.id}/clones", data={})):
        assert answer.status_code == 404 and "no longer offered" in answer.text
    refused = client.post(f"{LESSON}/labs/digits/jobs", data={"epochs": "1", "guess": "0.9"})
    assert refused.status_code == 404 and "no longer offered" in refused.text

    student.role = Role.ADMIN
    session.merge(student)
    session.commit()
    authoring = f"/authoring/lessons/{lesson_id}"
    for address in ("/admin/jobs", authoring, f"{authoring}/preview", f"{authoring}/labs/digits"):
        assert client.get(address).status_code == 200, address


def test_a_visitor_reads_a_lesson_whose_recipe_is_gone(
    folders: Path, loaded: None, client: TestClient, in_english: None
) -> None:
    remove_recipe(folders)
    forget_recipes()
    assert NO_LONGER in client.get(LESSON).text


def test_a_lab_that_is_gone_keeps_nobody_from_completing_the_lesson(
    folders: Path, loaded: None, client: TestClient, student: User, in_english: None
) -> None:
    remove_recipe(folders)
    forget_recipes()
    client.post(f"{LESSON}/reading")
    assert "This lesson is complete." in client.get(LESSON).text


@each_loss
def test_loading_again_names_what_is_gone_and_the_site_starts(
    folders: Path, loaded: None, lose: Callable[[Path], None]
) -> None:
    lose(folders)
    forget_recipes()
    for _ in range(2):  # as long as it is gone, each start reports it
        answer = CliRunner().invoke(cli, ["course", "load", str(TINY_COURSE)])
        assert answer.exit_code == 0, answer.output
        assert f"{TINY_COURSE / '00-start' / 'lesson.toml'}:" in answer.output
        assert "the lab 'digits'" in answer.output and LOSSES[lose] in answer.output


def test_a_lesson_that_is_written_anew_must_name_what_is_there(
    folders: Path, loaded: None, course_folder: Path, client: TestClient
) -> None:
    remove_recipe(folders)
    forget_recipes()
    path = course_folder / "00-start" / "lesson.toml"
    path.write_text(path.read_text("utf-8").replace("minutes = 5", "minutes = 6"), "utf-8")
    answer = CliRunner().invoke(cli, ["course", "load", str(course_folder)])
    assert answer.exit_code == 1 and "which does not exist" in answer.output


def test_a_lesson_is_read_without_a_figure_that_is_gone(
    course: Course, client: TestClient, session: Session, in_english: None
) -> None:
    revision = session.query(LessonRevision).join(Lesson, Lesson.published_revision_id == LessonRevision.id)
    found = revision.filter(Lesson.slug == "00-start").one()
    segment = {"figure": "never-was", "caption": "What it showed"}
    rendering = {
        language: rendering | {"segments": [*rendering["segments"], segment]}
        for language, rendering in found.rendering.items()
    }
    session.execute(update(LessonRevision).where(LessonRevision.id == found.id).values(rendering=rendering))
    session.commit()
    editions._kept.clear()
    page = client.get(LESSON)
    assert page.status_code == 200
    assert "This figure is no longer here." in page.text and "What it showed" in page.text
