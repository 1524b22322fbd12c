"""Coloured pictures: the student's network judges test pictures, uploads and what is painted in the browser, as Keras does."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, sign_up
from tests.browser.trainings import open_trained

pytestmark = pytest.mark.timeout(900)

SMALL = {
    "image-classification": {"epochs": 1, "train_size": 100, "filters": 4},
    "image-finetune": {"epochs": 1, "train_size": 50, "unfrozen": 1},
}
RGBA = "canvas => [...canvas.getContext('2d').getImageData(0, 0, 64, 64).data]"


def open_training(page: Page, recipe: str) -> None:
    """The page of a finished training."""
    response = open_trained(page, recipe, **SMALL[recipe])
    assert "camera=(self)" in response.headers["permissions-policy"]


def pixels_shown(page: Page) -> np.ndarray:
    rgba = np.array(page.locator(".pixel-canvas").evaluate(RGBA), "float32").reshape(64, 64, 4)
    assert (rgba[..., 3] == 255).all()
    return rgba[..., :3]


def answer_shown(page: Page) -> np.ndarray:
    """The probabilities, with the precision of the bars."""
    expect(page.locator("[data-picture-pad] li[data-best]")).to_have_count(1, timeout=60_000)
    expect(page.locator("[data-picture-pad]:not([data-judging])")).to_be_attached()
    bars = page.locator("[data-picture-pad] .bars i")
    return np.array(bars.evaluate_all("bars => bars.map(bar => parseFloat(bar.style.transform.slice(7)))"))


def wait_for_pixels(page: Page, expected: np.ndarray) -> None:
    white = np.full((64, 64, 1), 255)
    text = ",".join(map(str, np.concatenate([expected, white], axis=2).astype(int).reshape(-1)))
    page.wait_for_function(
        f"text => String(({RGBA})(document.querySelector('.pixel-canvas'))) === text", arg=text
    )


@pytest.mark.parametrize("recipe", SMALL)
def test_the_browser_judges_coloured_pictures_as_keras_does(
    new_page: NewPage, tmp_path: Path, recipe: str
) -> None:
    import keras

    from worker.kit.datasets import load_dataset

    page = new_page(width=360)
    sign_up(page)
    open_training(page, recipe)
    with page.expect_download() as download:
        page.get_by_role("link", name="model.keras").click()
    download.value.save_as(tmp_path / "model.keras")
    model = keras.saving.load_model(tmp_path / "model.keras")
    emoji, labels = (load_dataset("emoji")[name][686:] for name in ("google", "labels"))
    first = np.concatenate([np.flatnonzero(labels == number)[:2] for number in range(5)])

    page.locator("[data-picture-pad]").scroll_into_view_if_needed()
    answer_shown(page)
    expect(page.locator("[data-verdict]")).to_contain_text(" sure.")
    buttons = page.locator("[data-sample]")
    expect(buttons).to_have_count(10)
    expect(buttons.first).to_have_accessible_name("Test picture: animals and nature")
    pictures, answers = [], []

    def look() -> None:
        pictures.append(pixels_shown(page))
        answers.append(answer_shown(page))

    for button, index in zip(buttons.all(), first, strict=True):
        button.focus()
        page.keyboard.press("Enter")
        expect(button).to_have_attribute("aria-pressed", "true")
        wait_for_pixels(page, emoji[index])
        look()

    # Twice as large: each pixel the network sees is the mean of four.
    other = emoji[np.flatnonzero(labels == 3)[5]]
    file = io.BytesIO()
    Image.fromarray(other.repeat(2, axis=0).repeat(2, axis=1)).save(file, "PNG")
    upload = {"name": "own.png", "mimeType": "image/png", "buffer": file.getvalue()}
    page.locator("[data-upload]").set_input_files(upload)
    wait_for_pixels(page, other)
    expect(page.locator("[data-sample][aria-pressed=true]")).to_have_count(0)
    look()
    page.locator("[data-upload]").set_input_files(upload | {"buffer": b"no picture"})
    expect(page.locator("[data-trouble]")).to_have_text("This file cannot be read as a picture.")

    page.locator("[data-colour]").fill("#0000ff")
    page.locator("[data-action=clear]").click()
    wait_for_pixels(page, np.full((64, 64, 3), 255))
    page.locator(".pixel-canvas").click(position={"x": 140, "y": 140})
    look()
    assert (pictures[-1][31:33, 31:33] == [0, 0, 255]).all() and (pictures[-1][:16] == 255).all()
    page.locator(".pixel-canvas").press("ArrowUp")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press(" ")
    page.locator("[data-action=clear]").focus()
    look()
    assert (pictures[-1][5:7, 31:33] == [0, 0, 255]).all()

    page.locator("[data-action=camera]").click()
    expect(page.locator("[data-trouble]")).to_have_text("The camera could not be used.")
    expected = model.predict(np.stack(pictures), verbose=0)
    assert np.abs(np.stack(answers) - expected).max() < 1e-4
