"""Reviews: the student's network judges what is typed in the browser as Keras does, marks what weighed, and follows a threshold."""

import json
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, sign_up
from tests.browser.trainings import open_trained

pytestmark = pytest.mark.timeout(900)

# Words, and the network with a loop in it: what is hardest to repeat in a browser.
SMALL = {
    "epochs": 1,
    "train_size": 1000,
    "model": "lstm",
    "tokens": "word",
    "width": 16,
    "length": 30,
    "share": 0.4,
}
TYPED = ["ＵＳＢ3.0很好用！！", "  质量 太差😀，再也不买了", "龘龘龘", "good", "研究生命起源" * 20]
TEXTS = 20


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """The page of a finished training."""
    page = new_page(width=360, has_touch=True)
    sign_up(page)
    open_trained(page, "text-filter", **SMALL)
    return page


def judged(page: Page, text: str) -> tuple[list[int], list[float]]:
    """The numbers of the text's tokens, and the probabilities with the precision of the bars."""
    page.get_by_label("Write a review").fill(text)
    expect(page.locator("[data-text-pad]:not([data-judging])")).to_be_attached(timeout=60_000)
    numbers = page.locator("[data-weighed] [data-number]").evaluate_all(
        "tokens => tokens.map(token => Number(token.dataset.number))"
    )
    bars = page.locator("[data-text-pad] .bars i").evaluate_all(
        "bars => bars.map(bar => parseFloat(bar.style.transform.slice(7)))"
    )
    return numbers, bars


def all_follows_the_threshold_by_mouse_touch_and_keyboard(page: Page) -> None:
    figure = page.locator(".threshold[data-ready]")
    expect(figure).to_be_attached()
    plot, slider = figure.locator("[data-plot]"), figure.get_by_label("Threshold")
    recall, ham = figure.locator("[data-value=recall]"), figure.locator("[data-ham=recall]")
    shown = figure.locator("[data-shown]")
    expect(shown).to_have_text("0.50")
    expect(ham).to_have_text("0.0%")

    # Everything is caught far to the left, and hardly anything far to the right.
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    page.mouse.move(box["x"] - 5, middle)
    page.mouse.up()
    expect(shown).to_have_text("0.01")
    expect(recall).to_have_text("100.0%")
    expect(figure.locator("[data-count=wanted-left]")).to_have_text("0")
    slider.press("End")
    expect(shown).to_have_text("0.99")
    slider.press("ArrowLeft")
    expect(shown).to_have_text("0.98")
    box = plot.bounding_box()  # the page may have scrolled to the slider
    assert box
    page.touchscreen.tap(box["x"] + box["width"] * 0.25, box["y"] + box["height"] / 2)
    expect(shown).to_have_text("0.25")
    figure.get_by_label("Validation set").check()
    figure.get_by_role("button", name="Best F1").click()
    expect(figure.locator("[data-action=best]")).to_contain_text(shown.inner_text())

    # The try-out has the same threshold, and moves it for both.
    pad = page.locator("[data-text-pad]")
    pad.scroll_into_view_if_needed()
    expect(page.locator("[data-text-pad][data-ready]")).to_be_attached(timeout=60_000)
    judged(page, "质量太差，再也不买了")
    pad.get_by_label("Threshold").press("Home")
    expect(pad.locator("[data-verdict]")).to_contain_text("so it is caught")
    expect(shown).to_have_text("0.01")
    pad.get_by_label("Threshold").press("End")
    expect(pad.locator("[data-verdict]")).to_contain_text("so it passes")


def test_the_browser_judges_reviews_as_keras_does_and_moves_the_threshold(page: Page, tmp_path: Path) -> None:
    import keras

    from worker.kit.datasets import load_dataset
    from worker.kit.texts import Tokenizer, unpacked

    with page.expect_download() as download:
        page.get_by_role("link", name="model.keras").click()
    download.value.save_as(tmp_path / "model.keras")
    model = keras.saving.load_model(tmp_path / "model.keras")
    address = page.get_by_role("link", name="tokenizer.json").get_attribute("href")
    made = json.loads(page.request.get(address).text())
    tokenizer = Tokenizer(made["kind"], made["length"], tuple(made["vocabulary"]), tuple(made["costs"]))

    page.locator("[data-text-pad]").scroll_into_view_if_needed()
    expect(page.locator("[data-text-pad][data-ready]")).to_be_attached(timeout=60_000)
    texts = [*TYPED, *unpacked(load_dataset("shopping-reviews")["texts_test"])[: TEXTS - len(TYPED)]]
    answers = []
    for text in texts:
        numbers, answer = judged(page, text)
        assert numbers == [number for _, _, number in tokenizer.spans(text)], text
        answers.append(answer)
    expected = model.predict(np.stack([tokenizer.encode(text) for text in texts]), verbose=0)
    assert np.abs(np.array(answers) - expected).max() < 1e-4
    assert page.locator("[data-weighed] mark").count() > 0

    sample = page.locator("[data-sample]").first
    sample.click()
    expect(page.get_by_label("Write a review")).to_have_value(sample.inner_text())
    expect(page.locator(".text-mistakes li")).to_have_count(24)
    all_follows_the_threshold_by_mouse_touch_and_keyboard(page)
