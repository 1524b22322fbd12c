"""A chart has an axis for any values."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage, sign_up
from tests.browser.trainings import start

LINE = "/courses/deep-learning/lessons/04-linear-regression"


@pytest.mark.parametrize("rate", [0.03, 0.05, 0.1, 1])
def test_a_loss_that_explodes_has_numbers_on_its_axis(new_page: NewPage, rate: float) -> None:
    page = new_page()
    sign_up(page)
    page.goto(start(page, LINE, "explode", guess="explodes", learning_rate=rate))
    expect(page.locator(".state")).to_have_text("Finished", timeout=120_000)
    chart = page.locator("[data-chart=loss]")
    expect(chart.locator("canvas")).to_be_visible()
    assert 2 <= int(chart.get_attribute("data-ticks") or 0) <= 10
    # Its values are read by arrow keys, and in a sentence.
    chart.locator(".chart-plot").press("End")
    for value in (chart.locator(".chart-value"), chart.get_by_role("status")):
        expect(value).to_contain_text(re.compile(r"^Epoch \d+ · training "))
    chart.get_by_role("button", name="Log scale").click()
    expect(chart.get_by_role("button", name="Log scale")).to_have_attribute("aria-pressed", "false")
    chart.locator(".chart-plot").press("+")
    expect(chart.get_by_role("button", name="Whole range")).to_be_visible()
    chart.locator(".chart-plot").press("Escape")
    expect(chart.get_by_role("button", name="Whole range")).to_be_hidden()
