"""Step 3's interactive figures: each one shown by a lesson loads, moves, resets and keeps its state in the address."""

import io
import re
import tomllib

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from app.core.config import ROOT
from tests.browser.conftest import Classroom, NewPage
from tests.browser.trainings import CONVOLUTION, OPENING

COURSE = ROOT / "content" / "deep-learning"


def figures_of_lessons() -> dict[str, str]:
    """Every figure of the course, with the first lesson that shows it."""
    course = tomllib.loads((COURSE / "course.toml").read_text())
    found: dict[str, str] = {}
    for lesson in (lesson for module in course["modules"] for lesson in module["lessons"]):
        for name in re.findall(
            r"^::: figure ([\w-]+)", (COURSE / lesson / "en.md").read_text(), re.MULTILINE
        ):
            found.setdefault(name, f"/courses/deep-learning/lessons/{lesson}")
    return found


FIGURES = figures_of_lessons()
every_figure = pytest.mark.parametrize("name", FIGURES)


def open_figure(page: Page, name: str, fragment: str = "") -> Locator:
    page.goto(FIGURES[name] + fragment)
    figure = page.locator(f"figure-{name}")
    expect(figure.locator(".figure-alternative")).not_to_be_empty()
    figure.locator(".figure-stage").scroll_into_view_if_needed()
    return figure


def state_of(figure: Locator) -> dict:
    return figure.evaluate("figure => ({ ...figure.state })")


def text_of(figure: Locator) -> str:
    return figure.locator(".figure-alternative").inner_text()


def picture_of(figure: Locator) -> np.ndarray:
    """The stage as grey values, 0-255."""
    png = figure.locator(".figure-stage").screenshot(animations="disabled")
    return np.asarray(Image.open(io.BytesIO(png)).convert("L"), dtype=float)


def change_by_keyboard(figure: Locator) -> None:
    """Operate the controls in turn, until one of them has changed the state and the text."""
    before, text = state_of(figure), text_of(figure)
    controls = figure.locator(".figure-controls, .figure-stage").locator(
        "input:not([type=hidden]), button, select, [tabindex='0']"
    )
    for control in controls.all():
        if not control.is_visible() or not control.is_enabled():
            continue
        for key in keys_for(control):
            control.press(key)
            if state_of(figure) != before and text_of(figure) != text:
                return
    raise AssertionError("no control changes state and text by keyboard")


def keys_for(control: Locator) -> list[str]:
    kind = control.get_attribute("type")
    if kind == "range":
        return ["ArrowRight", "ArrowLeft"]
    if kind in {"radio", "checkbox"}:
        return ["ArrowDown", "Space"]
    if kind == "number":
        return ["ArrowUp", "ArrowDown"]
    return ["Enter", "ArrowRight", "Space"]


# Ink drawings keep paper and ink in dark mode.
INK_ON_PAPER = {"conv-kernel"}


@every_figure
def test_it_draws_in_both_themes_follows_keyboard_and_mouse_keeps_its_state_in_the_address_and_resets(
    visitor: Page, name: str
) -> None:
    figure = open_figure(visitor, name)
    first_state, first_text = state_of(figure), text_of(figure)
    # A single character may be what the figure is about.
    assert not re.search("[一-鿿]{2}", first_text)
    is_drawn_anew_when_the_theme_changes(figure, name)

    change_by_keyboard(figure)
    visitor.wait_for_url(re.compile(f"#fig-{name}=.+"))
    visitor.wait_for_function(
        "name => location.hash === document.querySelector(`figure-${name}`).fragment()", arg=name
    )
    state, text, fragment = state_of(figure), text_of(figure), "#" + visitor.url.partition("#")[2]

    visitor.goto("/")
    figure = open_figure(visitor, name, fragment)
    assert state_of(figure) == state
    # A remark on the step just taken ("You said 0; it is 3.") belongs to the moment, the rest to the state.
    assert text_of(figure) and text_of(figure) in text

    figure.get_by_role("button", name="Reset").click()
    assert (state_of(figure), text_of(figure)) == (first_state, first_text)
    change_by_mouse(figure)


def is_drawn_anew_when_the_theme_changes(figure: Locator, name: str) -> None:
    page, light = figure.page, picture_of(figure)
    page.emulate_media(color_scheme="dark")
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    dark = picture_of(figure)
    if name in INK_ON_PAPER:
        assert np.median(dark) == np.median(light) > 100, "its text says which cells are dark"
    else:
        assert np.median(dark) < 100 < np.median(light)
    assert light.std() > 5 and dark.std() > 5, "the stage is blank"


def change_by_mouse(figure: Locator) -> None:
    before = state_of(figure), text_of(figure)
    for control in (
        figure.locator(".figure-controls").locator("input[type=range], label:has(input), button").all()
    ):
        if not control.is_visible() or not control.is_enabled():
            continue
        box = control.bounding_box()
        assert box
        control.click(
            position={"x": box["width"] * 0.9, "y": box["height"] / 2}
            if control.get_attribute("type") == "range"
            else None
        )
        now = state_of(figure), text_of(figure)
        if now[0] != before[0] and now[1] != before[1]:
            return
    raise AssertionError("no control changes state and text by mouse")


@every_figure
def test_it_fits_a_phone_in_both_languages(new_page: NewPage, classroom: Classroom, name: str) -> None:
    page = new_page(width=360, height=740, has_touch=True, is_mobile=True)
    fits_a_phone(open_figure(page, name))
    page.context.add_cookies([{"name": "language", "value": "zh", "url": classroom.address}])
    figure = open_figure(page, name)
    assert re.search("[一-鿿]", text_of(figure)) and text_of(figure).rstrip().endswith(("。", "？", "！"))
    fits_a_phone(figure)


def fits_a_phone(figure: Locator) -> None:
    too_wide = figure.evaluate(
        "figure => [figure, ...figure.querySelectorAll('*')].filter(each => each.getBoundingClientRect().right > 361).map(each => each.outerHTML.slice(0, 120))"
    )
    assert not too_wide
    assert picture_of(figure).std() > 5, "the stage is blank"
    # Touch targets are at least 24 px (WCAG 2.2, target size).
    small = figure.locator(".figure-controls button, .figure-actions button").evaluate_all(
        "buttons => buttons.filter(button => button.offsetParent && button.offsetHeight < 24).map(button => button.textContent)"
    )
    assert not small


def test_a_click_and_the_keyboard_put_points_on_the_drawing_board(visitor: Page) -> None:
    visitor.goto(OPENING)
    figure = visitor.locator("figure-two-groups")
    points = int(re.search(r"\d+", text_of(figure))[0])
    board = figure.locator("canvas").first
    board.click(position={"x": 40, "y": 40})
    assert int(re.search(r"\d+", text_of(figure))[0]) == points + 1
    board.press("ArrowRight")
    board.press("Space")
    assert int(re.search(r"\d+", text_of(figure))[0]) == points + 2


def test_the_two_groups_are_learned_after_a_guess(visitor: Page) -> None:
    visitor.goto(OPENING)
    figure = visitor.locator("figure-two-groups")
    figure.get_by_role("button", name="Train").click()
    expect(figure.get_by_text("First make a guess above.")).to_be_visible()
    figure.get_by_text("nearly all").click()
    figure.get_by_role("button", name="Train").click()

    expect(figure.locator(".figure-alternative")).to_contain_text("points right")
    right, total = map(int, re.search(r"(\d+) of (\d+) points right", text_of(figure)).groups())
    assert right >= 0.95 * total


def test_a_kernel_that_walks_by_keyboard_writes_the_convolution_down(visitor: Page) -> None:
    visitor.goto(CONVOLUTION)
    figure = visitor.locator("figure-conv-kernel")
    before = text_of(figure)
    picture = figure.locator("svg").first
    picture.locator("[data-pixel]").first.click()
    assert state_of(figure)["picture"].startswith("1"), "a click switches a pixel"
    figure.get_by_role("button", name="Compute all").press("Enter")

    assert state_of(figure)["done"] == 25
    assert text_of(figure) != before


def test_a_language_model_writes_by_keyboard_and_learns_the_readers_own_lines(visitor: Page) -> None:
    figure = open_figure(visitor, "next-character")
    figure.get_by_role("button", name="To the end").press("Enter")
    assert state_of(figure)["written"].endswith("。")
    expect(figure.get_by_role("button", name="Roll once")).to_be_disabled()
    figure.get_by_role("button", name="Write 200").click()
    expect(figure.locator(".figure-alternative")).to_contain_text("200 lines: ")

    figure.get_by_text("Use lines of your own").click()
    figure.get_by_role("textbox", name="Lines to feed it").fill("tick, tock\ntick, tick")
    figure.get_by_role("button", name="Feed it").click()
    expect(figure.locator(".figure-alternative")).to_contain_text("on the 2 lines fed to it")
    for character in "tick":
        figure.get_by_title(f"Write {character},").press("Enter")
    assert state_of(figure)["written"] == "tick"
    figure.get_by_text("2", exact=True).click()
    expect(figure.locator(".figure-alternative")).to_contain_text("It remembers 2 characters")
    assert state_of(figure)["written"] == ""


def test_a_language_models_picture_and_its_controls_are_one_screen_of_a_phone(new_page: NewPage) -> None:
    page = new_page(width=360, height=740, has_touch=True, is_mobile=True)
    figure = open_figure(page, "next-character")
    top = figure.locator(".figure-stage").bounding_box()
    last = figure.locator("input[type=range]").bounding_box()
    assert top and last and last["y"] + last["height"] - top["y"] <= 640


def test_whom_a_small_gpt_looks_at_is_seen_by_finger_key_and_mouse(new_page: NewPage) -> None:
    page = new_page(width=360, height=740, has_touch=True, is_mobile=True)
    figure = open_figure(page, "attention-map", "#fig-attention-map=couplet:7,place:99,head:8")
    # An address may say anything: the figure keeps to what there is.
    expect(figure.locator(".figure-alternative")).to_contain_text("Before character 12, 。")
    figure.get_by_title("Write character 8, 春").tap()
    assert state_of(figure)["place"] == 8
    figure.get_by_label("Character to write").press("ArrowRight")
    expect(figure.get_by_title("Write character 9, 草")).to_have_attribute("aria-pressed", "true")
    figure.locator("[name=attention-map-head][value='1']").check(force=True)
    expect(figure.locator(".figure-alternative")).to_contain_text("head 1 looks most at")

    top = figure.locator(".figure-stage").bounding_box()
    last = figure.locator(".figure-controls").bounding_box()
    assert top and last and last["y"] + last["height"] - top["y"] <= 640


def test_shortcuts_bring_the_message_back_by_finger_and_key(new_page: NewPage) -> None:
    page = new_page(width=360, height=740, has_touch=True, is_mobile=True)
    figure = open_figure(page, "shortcut-gradients", "#fig-shortcut-gradients=blocks:99,shortcuts:maybe")
    expect(figure.locator(".figure-alternative")).to_contain_text("40 layers, without shortcuts")
    figure.get_by_label("Blocks of two layers").press("ArrowLeft")
    expect(figure.locator(".figure-alternative")).to_contain_text("38 layers")
    figure.get_by_role("group", name="Shortcuts").get_by_text("on", exact=True).tap()
    expect(figure.locator(".figure-alternative")).to_contain_text("38 layers, with shortcuts")
    # What was seen before stays as a dashed line.
    expect(figure.locator("polyline")).to_have_count(1)

    top = figure.locator(".figure-stage").bounding_box()
    last = figure.locator(".figure-controls").bounding_box()
    assert top and last and last["y"] + last["height"] - top["y"] <= 640
