"""Step 7: a digit is drawn by mouse or finger and the student's own network judges it in the browser."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Classroom, NewPage, Trained, sign_in_as

pytestmark = pytest.mark.timeout(900)

# Plain handwriting on a field of 100 x 100: strokes of points. None is centred or as large as MNIST's digits.
HANDWRITING: dict[int, list[list[tuple[float, float]]]] = {
    0: [
        [
            (52, 18),
            (38, 24),
            (30, 40),
            (28, 58),
            (34, 74),
            (46, 82),
            (60, 78),
            (69, 62),
            (70, 44),
            (66, 28),
            (56, 19),
            (50, 18),
        ]
    ],
    1: [[(48, 22), (50, 40), (50, 58), (52, 80)]],
    2: [[(34, 32), (40, 22), (52, 19), (63, 25), (65, 38), (57, 52), (45, 65), (33, 79), (48, 77), (68, 78)]],
    3: [
        [
            (36, 25),
            (48, 19),
            (60, 24),
            (62, 36),
            (54, 45),
            (44, 48),
            (56, 50),
            (65, 60),
            (62, 73),
            (50, 81),
            (36, 77),
        ]
    ],
    4: [[(40, 20), (36, 36), (33, 52), (48, 53), (66, 50)], [(60, 22), (58, 46), (57, 82)]],
    5: [[(63, 20), (42, 21), (40, 45), (52, 43), (63, 51), (64, 66), (55, 78), (42, 80), (34, 74)]],
    6: [[(60, 18), (46, 32), (38, 50), (37, 66), (44, 79), (57, 79), (64, 68), (60, 56), (49, 54), (40, 63)]],
    7: [[(32, 24), (48, 23), (68, 21), (60, 40), (53, 58), (47, 80)]],
    8: [
        [
            (62, 26),
            (51, 18),
            (40, 24),
            (42, 38),
            (53, 47),
            (64, 58),
            (64, 72),
            (52, 81),
            (39, 74),
            (40, 60),
            (52, 48),
            (62, 38),
            (62, 26),
        ]
    ],
    9: [[(63, 34), (55, 22), (43, 22), (37, 34), (42, 46), (54, 46), (63, 35), (64, 52), (61, 68), (56, 82)]],
}


@pytest.fixture
def pad(trained: Trained, student_of_trained: Page) -> Locator:
    student_of_trained.goto(trained.job)
    return ready_pad(student_of_trained)


def ready_pad(page: Page) -> Locator:
    pad = page.locator("[data-draw-digit]")
    pad.scroll_into_view_if_needed()
    expect(pad.locator("[data-verdict]")).to_have_text(
        "Draw a digit, large and in the middle.", timeout=60_000
    )
    pad.locator("canvas.drawing-canvas").evaluate("canvas => canvas.scrollIntoView({ block: 'center' })")
    return pad


def paths_on(
    pad: Locator, digit: int, size: float = 1.0, shift: tuple[float, float] = (0, 0)
) -> list[list[tuple[float, float]]]:
    """The digit's strokes in window coordinates."""
    box = pad.locator("canvas.drawing-canvas").bounding_box()
    assert box
    return [
        [
            (
                box["x"] + (x * size + shift[0]) / 100 * box["width"],
                box["y"] + (y * size + shift[1]) / 100 * box["height"],
            )
            for x, y in stroke
        ]
        for stroke in HANDWRITING[digit]
    ]


def draw_by_mouse(pad: Locator, digit: int, **where) -> None:
    mouse = pad.page.mouse
    for stroke in paths_on(pad, digit, **where):
        mouse.move(*stroke[0])
        mouse.down()
        for point in stroke[1:]:
            mouse.move(*point, steps=3)
        mouse.up()


def probabilities_on(pad: Locator) -> np.ndarray:
    """With the precision of the bars: six digits."""
    return np.array(
        pad.locator(".bars i").evaluate_all(
            "bars => bars.map(bar => parseFloat(bar.style.transform.slice('scaleX('.length)))"
        )
    )


def seen_by(pad: Locator) -> np.ndarray:
    """The 28 x 28 pixels that the pad shows as the network's input, 0-255."""
    pixels = pad.locator("canvas[data-seen]").evaluate(
        "canvas => [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, i) => i % 4 === 0)"
    )
    return np.array(pixels, dtype="float32").reshape(28, 28)


def wait_until_judged(pad: Locator) -> None:
    """Until what is shown as seen, and the bars, are those of the newest drawing."""
    expect(pad.page.locator("[data-draw-digit]:not([data-judging])")).to_be_attached()


def test_plain_handwriting_by_mouse_is_recognised(pad: Locator) -> None:
    for digit in range(10):
        draw_by_mouse(pad, digit)
        expect(pad.locator("li[data-best] b")).to_have_text(str(digit))
        wait_until_judged(pad)
        assert probabilities_on(pad).sum() == pytest.approx(1, abs=1e-4)
        pad.locator("[data-action=clear]").click()
        expect(pad.locator("li[data-best]")).to_have_count(0)


@pytest.mark.parametrize(
    "where",
    [{"size": 0.4, "shift": (2, 3)}, {"size": 0.5, "shift": (48, 46)}],
    ids=["small-upper-left", "lower-right"],
)
def test_a_digit_is_centred_and_scaled_as_mnist_does(pad: Locator, where: dict) -> None:
    draw_by_mouse(pad, 5, **where)

    expect(pad.locator("li[data-best] b")).to_have_text("5")
    rows, columns = np.nonzero(seen_by(pad) > 100)
    assert 17 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 21
    pixels = seen_by(pad)
    centre = [(pixels.sum(axis=axis) * np.arange(28)).sum() / pixels.sum() for axis in (0, 1)]
    assert centre == pytest.approx([13.5, 13.5], abs=0.75)


def test_the_probabilities_move_while_one_draws(pad: Locator) -> None:
    mouse, verdicts = pad.page.mouse, []
    (first, second) = paths_on(pad, 4)
    for stroke in (first, second):
        mouse.move(*stroke[0])
        mouse.down()
        for point in stroke[1:]:
            before = probabilities_on(pad).tolist()
            mouse.move(*point, steps=3)
            pad.page.wait_for_function(
                "before => JSON.stringify([...document.querySelectorAll('.bars i')].map(bar => parseFloat(bar.style.transform.slice(7)))) !== JSON.stringify(before)",
                arg=before,
            )
            verdicts.append(probabilities_on(pad).argmax())
        mouse.up()

    assert len(set(verdicts)) >= 2, "half a four looks like something else"
    assert verdicts[-1] == 4


def test_the_browser_and_keras_give_the_same_probabilities_for_the_same_pixels(
    pad: Locator, model_file: Path
) -> None:
    import keras

    model = keras.saving.load_model(model_file)
    for digit in (3, 8):
        pad.locator("[data-action=clear]").click()
        draw_by_mouse(pad, digit)
        expect(pad.locator("li[data-best] b")).to_have_text(str(digit))
        wait_until_judged(pad)
        expected = model.predict(seen_by(pad)[np.newaxis, ..., np.newaxis], verbose=0)[0]
        assert np.abs(probabilities_on(pad) - expected).max() < 1e-4


def test_clear_undo_and_sample_work(pad: Locator) -> None:
    draw_by_mouse(pad, 4)
    wait_until_judged(pad)
    whole = seen_by(pad).sum()
    pad.locator("[data-action=undo]").click()
    wait_until_judged(pad)
    assert 0 < seen_by(pad).sum() != whole
    pad.locator("[data-action=clear]").click()
    expect(pad.locator("li[data-best]")).to_have_count(0)
    assert seen_by(pad).sum() == 0

    pad.locator("[data-action=sample]").focus()
    for digit in range(10):
        pad.page.keyboard.press("Enter")
        expect(pad.locator("li[data-best] b")).to_have_text(str(digit))


def test_a_finger_draws_and_the_page_stays_where_it_is(new_page: NewPage, trained: Trained) -> None:
    page = new_page(width=360, height=740, has_touch=True, is_mobile=True)
    sign_in_as(page, trained.name)
    page.goto(trained.job)
    pad = ready_pad(page)
    scrolled = page.evaluate("scrollY")
    touch = page.context.new_cdp_session(page)
    for stroke in paths_on(pad, 3):
        for kind, point in [("touchStart", stroke[0]), *(("touchMove", point) for point in stroke[1:])]:
            touch.send(
                "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": point[0], "y": point[1]}]}
            )
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    expect(pad.locator("li[data-best] b")).to_have_text("3")
    assert page.evaluate("scrollY") == scrolled


def test_runtime_and_model_come_from_sophora_itself(
    new_page: NewPage, trained: Trained, classroom: Classroom
) -> None:
    page = new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sign_in_as(page, trained.name)
    page.goto(trained.job)
    ready_pad(page)

    assert any(address.endswith(".wasm") for address in asked)
    assert any(address.endswith("/model.tflite") for address in asked)
    assert all(address.startswith((classroom.address + "/", "data:", "blob:")) for address in asked), asked
