"""Clothes: the student's network judges test pictures and what is painted on them in the browser, as Keras does."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, sign_up
from tests.browser.trainings import open_trained

pytestmark = pytest.mark.timeout(900)

SMALL = {"epochs": 1, "train_size": 2000, "filters": 4, "model": "resnet", "augment": True}
PIXELS = (
    "canvas => [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, i) => i % 4 === 0)"
)


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """The page of a finished training."""
    page = new_page(width=360)
    sign_up(page)
    open_trained(page, "fashion-cnn", **SMALL)
    return page


def wait_until_judged(page: Page) -> None:
    expect(page.locator("[data-own-part=try-out] li[data-best]")).to_have_count(1, timeout=60_000)
    expect(page.locator("[data-own-part=try-out]:not([data-judging])")).to_be_attached()


def shown(page: Page) -> tuple[np.ndarray, np.ndarray]:
    """The pixels on the canvas, and the probabilities with the precision of the bars."""
    pixels = np.array(page.locator(".pixel-canvas").evaluate(PIXELS), "float32").reshape(28, 28, 1)
    bars = page.locator(".bars i").evaluate_all(
        "bars => bars.map(bar => parseFloat(bar.style.transform.slice(7)))"
    )
    return pixels, np.array(bars)


def test_the_browser_judges_clothes_as_keras_does(page: Page, tmp_path: Path) -> None:
    import keras

    from worker.kit.datasets import load_dataset

    with page.expect_download() as download:
        page.get_by_role("link", name="model.keras").click()
    download.value.save_as(tmp_path / "model.keras")
    model = keras.saving.load_model(tmp_path / "model.keras")
    arrays = load_dataset("fashion-mnist")
    known = {picture.tobytes() for picture in arrays["x_test"]}
    page.locator("[data-own-part=try-out]").scroll_into_view_if_needed()
    wait_until_judged(page)
    expect(page.locator("[data-verdict]")).to_contain_text(" sure.")
    expect(page.get_by_role("button", name="Clear", exact=True)).to_be_visible()

    buttons = page.locator("[data-sample]")
    expect(buttons).to_have_count(20)
    expect(buttons.first).to_have_accessible_name("Test picture: T-shirt")
    pictures, answers = [], []
    for button in buttons.all():
        button.focus()
        page.keyboard.press("Enter")
        expect(button).to_have_attribute("aria-pressed", "true")
        # The button is pressed before its picture is decoded.
        page.wait_for_function(
            "([pixels, image]) => { const canvas = new OffscreenCanvas(28, 28).getContext('2d'); canvas.drawImage(document.querySelector(image), 0, 0); const of = (c) => String(c.getImageData(0, 0, 28, 28).data); return of(canvas) === of(document.querySelector(pixels).getContext('2d')); }",
            arg=[".pixel-canvas", "[data-sample][aria-pressed=true] img"],
        )
        wait_until_judged(page)
        picture, answer = shown(page)
        assert picture.astype(np.uint8).tobytes() in known
        pictures.append(picture)
        answers.append(answer)

    page.locator("[data-action=erase]").click()
    page.locator(".pixel-canvas").click(position={"x": 140, "y": 140})
    wait_until_judged(page)
    picture, answer = shown(page)
    assert picture[13:15, 13:15].sum() == 0 and not np.array_equal(picture, pictures[-1])
    expected = model.predict(np.stack([*pictures, picture]), verbose=0)
    assert np.abs(np.stack([*answers, answer]) - expected).max() < 1e-4
