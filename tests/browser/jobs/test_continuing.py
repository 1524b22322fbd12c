"""A finished training is continued from: frozen layers, a smaller rate, and what it is compared with."""

import re

from playwright.sync_api import Page, expect

from tests.browser.trainings import open_trained

JOB_PAGE = re.compile(r"/jobs/[0-9a-f-]{36}(#.*)?$")


def test_a_training_goes_on_from_the_weights_of_another_one(student: Page) -> None:
    settings = {"epochs": 1, "train_size": 1000, "units": 16}
    parent = open_trained(student, "mnist-mlp", **settings).url
    with student.expect_navigation():
        student.get_by_role("link", name="Continue from this training").click()
    expect(student.locator("[data-lab-form][data-started]")).to_be_visible()
    expect(student.get_by_role("spinbutton", name=re.compile("^Learning rate"))).to_have_value("0.01")
    student.get_by_label("Layers that learn").select_option("1")
    with student.expect_navigation(url=JOB_PAGE):
        student.get_by_role("button", name="Start the training").click()

    # The page loads the result by itself.
    expect(student.locator(".state")).to_have_text("Finished", timeout=120_000)
    expect(student.get_by_text("1 of 3 layers with weights learn")).to_be_attached()
    expect(student.get_by_role("link", name="start.keras")).to_be_visible()
    expect(student.get_by_role("link", name="Train the same from scratch")).to_be_visible()
    compared = student.get_by_role("link", name="Compare with its parent")
    assert parent.rpartition("/")[2] in (compared.get_attribute("href") or "")
