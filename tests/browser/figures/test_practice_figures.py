"""The figures of the practice lessons."""

from playwright.sync_api import Page, expect

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
