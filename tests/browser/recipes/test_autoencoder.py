"""An autoencoder: the student's network draws pictures again in the browser, and its decoder what lies on the latent plane, as Keras does."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, sign_up
from tests.browser.trainings import open_trained

pytestmark = pytest.mark.timeout(900)

SMALL = {"epochs": 2, "train_size": 2000, "units": 16, "noise": 0.3}
TRY_OUT = "[data-own-part=try-out]"
# What the networks were given and answered, each time: kept by the page for this test.
KEEP_ANSWERS = """() => {
  window.answers = { redrawn: [], decoded: [] };
  for (const [name, kept] of Object.entries(window.answers)) {
    document.addEventListener(name, ({ detail }) => kept.push(Object.fromEntries(Object.entries(detail).map(([key, value]) => [key, [...value]]))), true);
  }
}"""


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """The page of a finished training."""
    page = new_page(width=360)
    sign_up(page)
    open_trained(page, "autoencoder", **SMALL)
    return page


def after_answer(page: Page, kind: str, act: Any) -> dict[str, np.ndarray]:
    """What a network was given and answered to what `act` does: the newest, when nothing is left to answer."""
    known = page.evaluate("kind => window.answers[kind].length", kind)
    act()
    page.wait_for_function("([kind, known]) => window.answers[kind].length > known", arg=[kind, known])
    expect(page.locator(f"{TRY_OUT}:not([data-judging], [data-decoding])")).to_be_attached()
    answer = page.evaluate("kind => window.answers[kind].at(-1)", kind)
    return {name: np.array(values, "float32") for name, values in answer.items()}


def test_the_browser_draws_pictures_again_as_keras_does(page: Page, tmp_path: Path) -> None:
    import keras

    from worker.kit.datasets import load_dataset

    expect(page.locator(".headline")).to_contain_text("Mean squared error of test pictures")
    expect(page.locator(".scale-names")).to_contain_text("Always drawing the mean picture")
    expect(page.locator("dl.facts").first).to_contain_text("when it is given noisy test pictures")
    expect(page.locator("[data-epochs] li")).to_have_count(1 + 2)
    expect(page.locator(".drawn-pairs").first.locator("li")).to_have_count(20)
    expect(page.get_by_alt_text("The whole latent plane", exact=False)).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("link", name="model.keras").click()
    download.value.save_as(tmp_path / "model.keras")
    model = keras.saving.load_model(tmp_path / "model.keras")
    coder = keras.Model(model.input, [model.output, model.get_layer("code").output])
    decoder = keras.Model(model.get_layer("code").output, model.output)
    known = {picture.tobytes() for picture in load_dataset("fashion-mnist")["x_test"]}

    page.evaluate(KEEP_ANSWERS)
    page.locator(TRY_OUT).scroll_into_view_if_needed()
    verdict = page.locator("[data-verdict]")
    expect(verdict).to_contain_text("of the test pictures", timeout=60_000)
    expect(page.locator(f"{TRY_OUT}:not([data-judging], [data-decoding])")).to_be_attached()
    samples = page.locator("[data-sample]")
    expect(samples).to_have_count(20)
    redrawn = []
    for sample in samples.all()[1:8]:
        redrawn.append(after_answer(page, "redrawn", sample.click))
        assert redrawn[-1]["seen"].astype(np.uint8).tobytes() in known
    upright = redrawn[-1]["seen"].reshape(28, 28)
    for action in ("Turn by a quarter", "Add noise", "Clear"):
        press = page.get_by_role("button", name=action, exact=True).click
        redrawn.append(after_answer(page, "redrawn", press))
    turned, noisy, empty = (answer["seen"].reshape(28, 28) for answer in redrawn[-3:])
    assert np.array_equal(turned, np.rot90(upright, -1))
    assert not np.array_equal(noisy, turned) and noisy.min() >= 0 and noisy.max() <= 255
    assert empty.sum() == 0
    # By keyboard: the brush begins in the middle.
    page.locator("[data-picture]").focus()
    redrawn.append(after_answer(page, "redrawn", lambda: page.keyboard.press("Space")))
    assert redrawn[-1]["seen"].reshape(28, 28)[13:15, 13:15].min() == 255
    pictures = np.stack([answer["seen"].reshape(28, 28, 1) for answer in redrawn])
    drawn, codes = coder.predict(pictures, verbose=0)
    answered = np.stack([answer["drawn"].reshape(28, 28, 1) for answer in redrawn])
    assert np.abs(answered - drawn).max() < 1e-4
    assert np.allclose([answer["code"] for answer in redrawn], codes, rtol=1e-4, atol=1e-3)
    error = float(page.locator(TRY_OUT).get_attribute("data-error") or "nan")
    assert error == pytest.approx(np.mean((drawn[-1] - pictures[-1] / 255) ** 2), rel=1e-3)

    plane = page.locator("[data-plane]")
    plane.scroll_into_view_if_needed()
    decoded = [
        after_answer(page, "decoded", lambda x=x, y=y: plane.click(position={"x": x, "y": y}))
        for x, y in ((60, 60), (200, 90))
    ]
    decoded.append(after_answer(page, "decoded", lambda: page.keyboard.press("ArrowRight")))
    places = np.stack([answer["code"] for answer in decoded])
    assert places[0][0] < places[1][0] < places[2][0] and places[0][1] > places[1][1]
    assert places[2][1] == pytest.approx(places[1][1], rel=1e-5)
    expected = decoder.predict(places, verbose=0)
    answered = np.stack([answer["picture"].reshape(28, 28, 1) for answer in decoded])
    assert np.abs(answered - expected).max() < 1e-4
    expect(page.locator("[data-here]")).to_contain_text("the nearest test picture: ")
    page.get_by_role("button", name="ankle boot", exact=True).click()
    expect(plane.locator("path[data-faint]")).to_have_count(9)
