"""Steps 6 and 8: a finished training's result, its files, its clones, and the progress page."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from app.core.config import ROOT
from tests.browser.conftest import Classroom, Trained
from tests.browser.trainings import CONVOLUTION, OPENING, QUICK, end_state, events_of, start

pytestmark = pytest.mark.timeout(900)

SLOPES = "/courses/deep-learning/lessons/03-slopes-surprise"


def percent(text: str | None) -> float:
    return float((text or "").strip().rstrip("%")) / 100


def fact(page: Page, name: str) -> str:
    return page.locator(f"dt:text-is('{name}') + dd").inner_text()


@pytest.fixture
def result(trained: Trained, student_of_trained: Page) -> Page:
    student_of_trained.goto(trained.job)
    return student_of_trained


def test_a_result_is_shown_beside_its_range_the_guess_and_the_baseline(result: Page) -> None:
    assert percent(fact(result, "Test accuracy")) >= 0.98
    # 1,135 of MNIST's 10,000 test pictures are ones, the most common class.
    assert fact(result, "Always guessing the most common class") == "11.35%"
    assert percent(fact(result, "Test accuracy once the pictures are moved")) < 0.8
    expect(
        result.get_by_text("a test accuracy of 0.984, and 0.640 once the pictures are moved")
    ).to_be_visible()
    expect(result.locator(".lab-guess")).to_contain_text(
        re.compile(
            r"Your guess:\s*90.0%\s*·\s*Measured:\s*[67]\d\.\d%\s*·\s*\d\d\.\d points less than you thought"
        )
    )
    expect(result.locator(".joy")).to_have_count(0)


def test_the_confusion_matrix_counts_every_test_picture_once(result: Page) -> None:
    rows = [
        [int(cell) for cell in row.locator("td").all_inner_texts()]
        for row in result.locator(".confusion tbody tr").all()
    ]
    matrix = np.array(rows)

    assert matrix.shape == (10, 10)
    assert matrix.sum() == 10_000
    assert matrix.trace() / 10_000 == pytest.approx(percent(fact(result, "Test accuracy")), abs=5e-5)
    with np.load(ROOT / "var" / "datasets" / "mnist.npz") as mnist:
        assert matrix.sum(axis=1).tolist() == np.bincount(mnist["y_test"]).tolist()


def test_the_24_worst_mistakes_are_pictures_worst_first_as_the_downloaded_model_gives_them(
    result: Page, model_file: Path
) -> None:
    shown = [
        int(re.search(r"\d+", image.get_attribute("alt") or "")[0])
        for image in result.locator(".mistakes img").all()
    ]
    assert len(shown) == 24
    assert all(
        result.locator(".mistakes img").evaluate_all(
            "images => images.map(image => image.complete && image.naturalWidth === 28)"
        )
    )

    import keras

    with np.load(ROOT / "var" / "datasets" / "mnist.npz") as mnist:
        images, labels = mnist["x_test"][..., np.newaxis].astype("float32"), mnist["y_test"]
    probabilities = keras.saving.load_model(model_file).predict(images, batch_size=512, verbose=0)
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    of_label = probabilities[wrong, labels[wrong]]
    assert set(shown) == set(wrong[np.argsort(of_label)][:24].tolist())
    place = {int(index): value for index, value in zip(wrong, of_label, strict=True)}
    assert [place[index] for index in shown] == sorted(place[index] for index in shown)
    assert (probabilities.argmax(axis=1) == labels).mean() == pytest.approx(
        percent(fact(result, "Test accuracy")), abs=5e-5
    )


def test_settings_seed_versions_and_time_stand_on_the_page(result: Page) -> None:
    settings = {
        "Epochs": "3",
        "Batch size": "64",
        "Learning rate": "0.002",
        "Optimiser": "Adam",
        "Filters": "8",
        "Dropout": "0.25",
        "Random seed": "1",
    }
    assert {name: fact(result, name) for name in settings} == settings
    result.get_by_text("How it was made").click()
    assert fact(result, "Parameters") == "5,258"
    assert re.fullmatch(r"\d+ s|\d+ min \d+ s", fact(result, "Training time"))
    versions = {
        name.lower(): fact(result, name)
        for name in result.locator(".job-folds dt").all_inner_texts()
        if re.fullmatch(r"[\d.]+", fact(result, name))
    }
    assert {"tensorflow", "keras", "python"} <= versions.keys(), versions
    assert re.fullmatch("[0-9a-f]{16}", fact(result, "Weights (SHA-256)"))
    result.locator("#log > summary").click()
    expect(result.locator(".log")).to_contain_text(re.compile(r"Epoch 3: .*val_accuracy 0\.9"))


def test_one_value_is_changed_in_a_clone_and_the_others_stay(student: Page, classroom: Classroom) -> None:
    job = start(student, **QUICK, seed=11)
    assert end_state(events_of(student.context, classroom.url(job))) == "succeeded"
    student.goto(job)
    student.get_by_role("link", name="Change one thing and run again").click()
    student.get_by_text("More settings").click()
    expect(student.locator("input[type=number][name=seed]")).to_have_value("11")
    expect(student.locator("input[type=number][name=train_size]")).to_have_value("1000")
    student.locator("[name=guess]").fill("0.5")
    student.locator("input[type=number][name=train_size]").fill("2000")
    student.get_by_role("button", name="Start the training").click()
    student.wait_for_url(re.compile(r"/jobs/[0-9a-f-]{36}(#.*)?$"))

    assert student.url.partition("#")[0] != classroom.url(job)
    assert (fact(student, "Training pictures"), fact(student, "Random seed"), fact(student, "Epochs")) == (
        "2000",
        "11",
        "1",
    )
    assert end_state(events_of(student.context, student.url.partition("#")[0])) == "succeeded"


def test_a_clone_with_a_wrong_value_comes_back_at_its_field(student: Page, classroom: Classroom) -> None:
    job = start(student, **QUICK)
    student.goto(f"{job}/clone")
    student.locator("[name=guess]").fill("many")
    student.get_by_role("button", name="Start the training").click()

    expect(student.locator("[name=guess]")).to_have_value("many")
    expect(student.locator(".field-error")).to_have_text("Please enter a number.")
    assert end_state(events_of(student.context, classroom.url(job))) == "succeeded"


def test_a_goal_is_celebrated_and_the_progress_page_shows_which_lesson_was_read_and_which_lab_was_done(
    trained: Trained, student_of_trained: Page, classroom: Classroom
) -> None:
    page = student_of_trained
    job = start(page, SLOPES, "one-step", learning_rate=0.01)
    assert end_state(events_of(page.context, classroom.url(job))) == "succeeded"
    page.goto(job)
    expect(page.locator(".joy")).to_contain_text("Goal reached")
    page.goto(OPENING)
    page.get_by_role("button", name="I have read it to the end").click()
    expect(page.get_by_role("button", name="I have read it to the end")).to_have_count(0)
    page.goto("/progress")
    page.get_by_text("Lesson by lesson").click()

    table = page.locator("table", has=page.locator(f"a[href='{OPENING}']"))
    columns = table.locator("thead th").all_inner_texts()
    told = {
        lesson: dict(
            zip(
                columns,
                table.locator("tr", has=page.locator(f"a[href='{lesson}']"))
                .locator("th, td")
                .all_inner_texts(),
                strict=True,
            )
        )
        for lesson in (OPENING, SLOPES, CONVOLUTION)
    }
    assert (told[OPENING]["Read"], told[OPENING]["Labs done"]) == ("✓ read", "0 / 1")
    assert (told[SLOPES]["Read"], told[SLOPES]["Labs done"]) == ("–", "1 / 1 ✓")
    assert told[CONVOLUTION]["Labs done"] == "0 / 1"
    for each in (job, trained.job):
        expect(page.locator(f"a[href='{each}']")).to_be_visible()


def test_nobody_else_gets_a_file_of_a_job(student: Page, trained: Trained) -> None:
    for name in ("model.keras", "model.tflite"):
        assert student.request.get(f"{trained.job}/files/{name}").status == 404
