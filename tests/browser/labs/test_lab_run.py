"""A whole round in the lesson: guess, train, watch, see what came out, change one thing and train again."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE_MS, NewPage, sign_up
from tests.browser.test_accessibility import beyond_the_edge, faults_of
from tests.browser.trainings import OPENING, QUICK, WATCHABLE
from tests.browser.wire import Wire


def fill_in(page: Page, guess: str, **values: object) -> None:
    lab = page.locator(".lab").first
    lab.locator("[name=guess]").fill(guess)
    if not lab.locator("input[type=number][name=train_size]").is_visible():
        lab.get_by_text("More settings").click()
    for name, value in values.items():
        lab.locator(f"input[type=number][name={name}]").fill(str(value))
    lab.get_by_role("button", name="Start the training").click()


def shows(page: Page, job: str | None) -> None:
    """The lab's result, which is loaded when the lab comes near."""
    page.locator(".lab-run").scroll_into_view_if_needed()
    expect(page.locator(f".lab-live[data-job='{job}'] .job-result")).to_be_attached()


def test_a_round_is_played_in_the_lesson_although_the_network_is_lost(new_page: NewPage, wire: Wire) -> None:
    page = new_page(width=360, theme="dark")
    sign_up(page)
    lesson = wire.address + OPENING
    page.goto(lesson)
    expect(page.locator("[data-lab-form][data-started]")).to_be_attached()
    fill_in(page, "0.8", **WATCHABLE)

    live, runs = page.locator(".lab-live"), page.locator(".lab-runs > li")
    expect(page.locator(".lab-live[data-started]")).to_be_attached()
    page.wait_for_function(
        "() => Number(document.querySelector('.lab-live [data-chart=loss]')?.dataset.points ?? 0) > 0"
    )
    wire.cut()
    expect(live.locator("[data-connection]")).to_be_visible()
    wire.mend()

    # The result comes to where the lab stands.
    result = live.locator(".job-result")
    expect(result).to_contain_text(re.compile(r"Your guess:\s*80.0%"), timeout=2 * PATIENCE_MS)
    expect(live.locator(".state")).to_have_text("Finished")
    expect(live.locator("[data-draw-digit][data-started]")).to_be_attached()
    expect(runs).to_have_count(1)
    expect(runs.locator(".lab-run-result")).to_have_text(re.compile(r"test accuracy \d+\.\d%"))
    assert beyond_the_edge(page) == []
    assert faults_of(page) == []

    # One click fills the form with what this run had.
    live.get_by_role("link", name="Change one thing and run again").click()
    epochs = page.locator(".lab-again input[type=number][name=epochs]")
    expect(epochs).to_have_value(str(WATCHABLE["epochs"]))
    expect(page.locator(".lab-again [name=guess]")).to_be_focused()
    fill_in(page, "0.5", **QUICK)
    expect(runs).to_have_count(2)
    expect(runs.first.locator(".state")).to_have_text("Finished", timeout=2 * PATIENCE_MS)
    expect(runs.first.locator(".lab-run-changes")).to_contain_text(f"Epochs {WATCHABLE['epochs']} → 1")
    expect(result).to_contain_text(re.compile(r"Your guess:\s*50.0%"))
    assert page.url == lesson

    # Another visit shows the same; so does another tab, and that after "back".
    newest = live.get_attribute("data-job")
    page.reload()
    shows(page, newest)
    other = page.context.new_page()
    other.goto(lesson)
    shows(other, newest)
    other.locator(".lab-runs a").last.click()
    other.wait_for_url(re.compile(r"/jobs/"))
    other.go_back()
    shows(other, newest)
