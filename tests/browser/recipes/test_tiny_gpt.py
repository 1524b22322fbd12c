"""Couplets: noise becomes verse on the page of the run, and the student's model writes in the browser with Keras's numbers."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, sign_up
from tests.browser.trainings import open_trained

pytestmark = pytest.mark.timeout(900)

SMALL = {"epochs": 2, "couplets": 500, "layers": 2, "width": 16}
COUPLET = re.compile("^.{12}$")


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """The page of a finished training."""
    page = new_page(width=360)
    sign_up(page)
    open_trained(page, "tiny-gpt", **SMALL)
    return page


def wait_until_thought(page: Page) -> None:
    expect(
        page.locator("[data-own-part=try-out]:not([data-thinking]) [data-choices] button:enabled")
    ).to_have_count(10)


def bars(page: Page) -> tuple[list[int], np.ndarray]:
    """The numbers of the ten characters, and their shares with the precision of the bars."""
    shown = page.locator("[data-choices] button").evaluate_all(
        "buttons => buttons.map(b => [Number(b.dataset.number), parseFloat(b.querySelector('i').style.transform.slice(7))])"
    )
    return [number for number, _ in shown], np.array([share for _, share in shown])


def test_the_browser_writes_with_the_numbers_of_keras(page: Page, tmp_path: Path) -> None:
    import keras

    from worker.recipes import load_recipe

    figure = page.locator("[data-own-part=figure]")
    expect(figure.locator("[data-epochs] b")).to_have_text(
        ["Before training: every character is as likely as any other", "After epoch 1", "After epoch 2"]
    )
    expect(page.locator("dt:text-is('A bigram, which only counts pairs') + dd")).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("link", name="model.keras").click()
    download.value.save_as(tmp_path / "model.keras")
    model = load_recipe("tiny-gpt").exported(keras.saving.load_model(tmp_path / "model.keras"))

    part = page.locator("[data-own-part=try-out]")
    opening, status = page.get_by_label("Opening words"), part.locator("[data-status]")
    part.scroll_into_view_if_needed()
    expect(status).to_contain_text("in this browser", timeout=60_000)
    # Typed in the traditional form; the model knows the simplified one.
    opening.fill("江春入舊年")
    expect(status).to_have_text("江春入旧年")
    part.get_by_label("Temperature").fill("1")

    # By keyboard, a likely character each time; the bars and the shading are what Keras says.
    tokens = page.request.get(
        part.get_attribute("data-model").replace("model.tflite", "tokenizer.json")
    ).json()
    assert tokens["length"] == 12 and len(tokens["characters"]) == 2002
    text = [tokens["characters"].index(character) for character in "江春入旧年"]
    for choice in range(3):
        wait_until_thought(page)
        numbers, shares = bars(page)
        x = np.full((1, 12), 2002, "float32")
        x[0, 1 : len(text) + 1] = text
        probabilities, attention = (np.asarray(each)[0, len(text)] for each in model(x, training=False))
        assert np.abs(shares - np.sort(probabilities)[: -len(shares) - 1 : -1]).max() < 1e-4
        assert np.abs(shares - probabilities[numbers]).max() < 1e-4
        weights = page.locator("[data-verse] li").evaluate_all(
            "cells => cells.map(cell => parseFloat(cell.style.getPropertyValue('--weight') || 0))"
        )
        assert np.abs(np.array(weights[:12]) - attention).max() < 1e-4
        page.locator("[data-choices] button").nth(choice).press("Enter")
        text.append(numbers[choice])
        expect(status).to_have_text("".join(tokens["characters"][number] for number in text))

    # On from there by itself, and anew; the attention's number stands at a character that has the focus.
    page.get_by_role("button", name="Write", exact=True).click()
    expect(status).to_have_text(COUPLET)
    written = status.text_content() or ""
    assert written.startswith("".join(tokens["characters"][number] for number in text))
    page.locator("[data-verse] li small").nth(2).locator("..").focus()
    expect(page.locator("[data-verse] li:focus small")).to_have_css("opacity", "1")
    part.get_by_label("Temperature").fill("0")
    page.get_by_role("button", name="Again").click()
    expect(status).to_have_text(re.compile("^江春入旧年.{7}$"))
    part.get_by_role("button", name="繁體字").click()
    expect(status).to_have_text(re.compile("^江春入舊年"))
    opening.fill("龘")
    expect(status).to_contain_text("It does not know “龘”")
