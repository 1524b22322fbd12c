"""The figures of the practice lessons, each through its whole course, one by keyboard and one by touch."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.figures.test_figures import open_figure, state_of, text_of


def test_a_bet_uncovers_what_thawing_gave(visitor: Page) -> None:
    figure = open_figure(visitor, "freeze-blocks")
    thawed = figure.get_by_role("slider")
    thawed.press("ArrowRight")
    thawed.press("ArrowRight")
    assert "14 blocks are frozen" in text_of(figure) and "still covered" in text_of(figure)
    expect(figure.get_by_text("head first, small steps", exact=True)).to_be_hidden()

    figure.get_by_role("button", name="I bet").press("Enter")

    expect(figure.get_by_text("Your bet: 2.")).to_be_visible()
    expect(figure.locator(".figure-alternative")).to_contain_text("validation accuracy is 0.")
    figure.get_by_text("head first, small steps", exact=True).click()
    assert state_of(figure)["manner"] == "gentle" and "The head first" in text_of(figure)


def test_twelve_titles_are_labelled_and_compared_by_touch(new_page: NewPage) -> None:
    figure = open_figure(new_page(width=360, height=740, has_touch=True, is_mobile=True), "label-check")
    for left in range(11, -1, -1):
        figure.get_by_role("button", name="Not selling").tap()
        assert state_of(figure)["labels"].count("-") == left

    expect(figure.locator(".figure-alternative")).to_contain_text("7 of 12 labels are equal")
    assert "κ is 0.00" in text_of(figure), "one answer for everything"

    figure.get_by_text("by the guide").tap()
    for number in re.search(r"differ on ([\d, ]+)", text_of(figure))[1].split(", "):
        figure.get_by_role("button", name=re.compile(rf"^Title {number}:")).tap()
        figure.get_by_role("button", name="Selling", exact=True).tap()
    assert "κ is 1.00" in text_of(figure)
