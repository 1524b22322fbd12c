"""A chart has an axis for any values."""

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
