"""Scenes: the student's network colours test scenes and what is painted in the browser, pixel by pixel as Keras does."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, sign_up
from tests.browser.trainings import open_trained

pytestmark = pytest.mark.timeout(900)

SMALL = {"epochs": 2, "train_size": 400, "filters": 4}
TRY_OUT = "[data-own-part=try-out]"
# What the network was given, and what it answered, each time: kept by the page for this test.
KEEP_ANSWERS = """() => {
  window.answers = [];
  document.addEventListener("segmented", ({ detail }) => window.answers.push(detail), true);
}"""
NEWEST = "() => { const { pixels, probabilities } = window.answers.at(-1); return [[...pixels], [...probabilities]]; }"
PIXELS = (
    "canvas => [...canvas.getContext('2d').getImageData(0, 0, 64, 48).data].filter((_, i) => i % 4 === 0)"
)


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """The page of a finished training."""
    page = new_page(width=360)
    sign_up(page)
    open_trained(page, "scene-segmentation", **SMALL)
    return page


def after_answer(page: Page, act) -> tuple[np.ndarray, np.ndarray]:
    """The scene and the probabilities of the network's answer to what `act` does."""
    known = page.evaluate("() => window.answers.length")
    act()
    page.wait_for_function("known => window.answers.length > known", arg=known)
    expect(page.locator(f"{TRY_OUT}:not([data-judging])")).to_be_attached()
    pixels, probabilities = page.evaluate(NEWEST)
    assert page.locator("[data-scene]").evaluate(PIXELS) == pixels
    return (
        np.array(pixels, "float32").reshape(48, 64, 1),
        np.array(probabilities, "float32").reshape(48, 64, 5),
    )


def test_the_browser_colours_scenes_as_keras_does(page: Page, tmp_path: Path) -> None:
    import keras

    from worker.kit.datasets import load_dataset

    expect(page.locator(".headline")).to_contain_text("Mean IoU of the digits on the test set")
    expect(page.locator(".scale-names")).to_contain_text("Calling every pixel background")
    expect(page.get_by_text("is right for 92.1% of them")).to_be_visible()
    page.get_by_role("button", name="Mean IoU of the digits", exact=True).click()
    expect(page.locator("[data-chart=mean_iou] canvas")).to_be_visible()
    expect(page.locator(".iou-table tbody tr")).to_have_count(5)
    slider = page.get_by_role("slider").first
    expect(slider).to_have_attribute(
        "aria-valuetext", "50% from the left is the prediction, the rest the truth"
    )
    slider.press("ArrowRight")
    expect(slider).to_have_attribute(
        "aria-valuetext", "55% from the left is the prediction, the rest the truth"
    )

    with page.expect_download() as download:
        page.get_by_role("link", name="model.keras").click()
    download.value.save_as(tmp_path / "model.keras")
    model = keras.saving.load_model(tmp_path / "model.keras")
    known = {scene.tobytes() for scene in load_dataset("digit-scenes")["four_x_test"]}

    page.evaluate(KEEP_ANSWERS)
    page.locator(TRY_OUT).scroll_into_view_if_needed()
    expect(page.locator("[data-count]").first).to_contain_text(" pixels", timeout=60_000)
    expect(page.locator(f"{TRY_OUT}:not([data-judging])")).to_be_attached()
    expect(page.locator("[data-verdict]")).to_contain_text("It sees: ")
    answered = []
    sample = page.get_by_role("button", name="A test scene")
    clear = page.get_by_role("button", name="Clear", exact=True)
    for _ in range(8):
        answered.append(after_answer(page, sample.click))
        assert answered[-1][0].astype(np.uint8).tobytes() in known

    answered.append(after_answer(page, clear.click))
    assert answered[-1][0].sum() == 0
    field = page.locator("[data-scene]")
    answered.append(after_answer(page, lambda: field.click(position={"x": 100, "y": 60})))
    assert answered[-1][0].max() == 255
    after_answer(page, clear.click)
    # By keyboard: the brush begins in the middle.
    field.focus()
    after_answer(page, lambda: page.keyboard.press("Space"))
    expect(page.locator("[data-pen]")).to_have_text("Brush down")
    for _ in range(4):
        answered.append(after_answer(page, lambda: page.keyboard.press("ArrowDown")))
    written = answered[-1][0][..., 0]
    assert (written[24:29, 32] == 255).all() and written[:20].sum() == 0

    expected = model.predict(np.stack([scene for scene, _ in answered]), verbose=0)
    assert np.abs(np.stack([answer for _, answer in answered]) - expected).max() < 1e-4
