"""Step 4: the lab's form, built from a recipe; with JavaScript, without it, and by keyboard only."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage, sign_up
from tests.browser.trainings import CONVOLUTION, OPENING, QUICK, end_state, events_of

JOB_PAGE = re.compile(r"/jobs/[0-9a-f-]{36}(#.*)?$")


@pytest.fixture(params=[True, False], ids=["with-scripts", "without-scripts"])
def reader(request: pytest.FixtureRequest, new_page: NewPage) -> Page:
    """A student's page, with and without JavaScript."""
    page = new_page(java_script_enabled=request.param)
    sign_up(page)
    return page


def lab_of(page: Page, lesson: str = OPENING) -> Locator:
    page.goto(lesson)
    return page.locator(".lab").first


def number(lab: Locator, label: str) -> Locator:
    """The number field with this label (its slider, with JavaScript, is another field)."""
    return lab.get_by_role("spinbutton", name=re.compile(f"^{label}"))


def test_the_form_opens_what_the_lab_shows_and_folds_the_rest(reader: Page) -> None:
    lab = lab_of(reader, CONVOLUTION)

    for label in ("Epochs", "Filters"):
        expect(number(lab, label)).to_be_visible()
    for label in ("Batch size", "Learning rate", "Dropout", "Random seed"):
        expect(number(lab, label)).to_be_hidden()
    lab.get_by_text("More settings").click()
    for label in ("Batch size", "Learning rate", "Dropout", "Random seed"):
        expect(number(lab, label)).to_be_visible()
    expect(lab.get_by_role("group", name="Optimiser")).to_be_visible()
    expect(number(lab, "Learning rate")).to_have_value("0.002")


def test_every_setting_has_a_sentence_of_help_bounds_and_a_default(reader: Page) -> None:
    lab = lab_of(reader, CONVOLUTION)
    fields = lab.locator("input[type=number]").all()

    assert len(fields) >= 7
    for field in fields:
        help_id = (field.get_attribute("aria-describedby") or "").split()[0]
        assert (reader.locator(f"#{help_id}").text_content() or "").strip().endswith(".")
        low, high = float(field.get_attribute("min") or "nan"), float(field.get_attribute("max") or "nan")
        assert low <= float(field.input_value()) <= high


def test_a_wrong_value_comes_back_at_its_field_and_what_was_typed_is_kept(reader: Page) -> None:
    lab = lab_of(reader)
    lab.locator("[name=guess]").fill("quite a lot")
    lab.locator("input[type=number][name=epochs]").fill("3")
    lab.get_by_role("button", name="Start the training").click()

    guess = lab.locator("[name=guess]")
    expect(guess).to_have_attribute("aria-invalid", "true")
    expect(guess).to_have_value("quite a lot")
    sentence = reader.locator(f"#{guess.get_attribute('aria-describedby')}")
    expect(sentence).to_have_text("Please enter a number.")
    expect(lab.locator("input[type=number][name=epochs]")).to_have_value("3")
    expect(lab).to_be_in_viewport()


def test_a_value_beyond_its_bounds_is_refused_by_the_server_too(reader: Page) -> None:
    lab = lab_of(reader)
    lab.locator("[name=guess]").fill("0.9")
    lab.get_by_text("More settings").click()
    lab.locator("input[type=number][name=batch_size]").fill("4096")
    lab.locator("input[type=number][name=epochs]").fill("2")
    # Browsers would not send it; a client that does gets the message, in the folded part, which opens.
    lab.locator("form.form").evaluate("form => { form.noValidate = true; }")
    lab.get_by_role("button", name="Start the training").click()

    batch_size = lab.locator("input[type=number][name=batch_size]")
    expect(batch_size).to_be_visible()
    expect(batch_size).to_have_value("4096")
    expect(batch_size).to_have_attribute("aria-invalid", "true")
    expect(lab.locator(".field-error")).to_have_text("Please enter 1024 or less.")
    expect(lab.locator("input[type=number][name=epochs]")).to_have_value("2")
    expect(lab.locator("[name=guess]")).to_have_value("0.9")


def test_without_scripts_a_training_goes_from_the_form_to_its_page(new_page: NewPage) -> None:
    reader = new_page(java_script_enabled=False)
    sign_up(reader)
    lab = lab_of(reader)
    lab.locator("[name=guess]").fill("0.8")
    lab.locator("input[type=number][name=epochs]").fill(str(QUICK["epochs"]))
    lab.get_by_text("More settings").click()
    lab.locator("input[type=number][name=train_size]").fill(str(QUICK["train_size"]))
    lab.get_by_role("button", name="Start the training").click()

    expect(reader).to_have_url(JOB_PAGE)
    assert end_state(events_of(reader.context, reader.url.partition("#")[0])) == "succeeded"
    reader.reload()
    expect(reader.locator(".state")).to_have_text("Finished")
    expect(reader.get_by_text("Always guessing the most common class")).to_be_visible()
    expect(reader.locator(".lab-guess")).to_contain_text("80.0%")
    expect(reader.locator(".confusion tbody tr")).to_have_count(10)


def test_a_slider_and_its_number_follow_each_other(student: Page) -> None:
    lab = lab_of(student)
    epochs = number(lab, "Epochs")
    slider = epochs.locator("xpath=../input[@type='range']")
    slider.focus()
    student.keyboard.press("End")
    expect(epochs).to_have_value("30")

    epochs.fill("1")
    expect(slider).to_have_value("0")


def test_cost_and_program_follow_the_form_and_a_reload_keeps_what_was_set(student: Page) -> None:
    student.goto("/recipes/mnist-mlp")
    cost, program = student.locator("form [data-forecast]"), student.locator("[data-program]")
    units = number(student.locator("form.form"), "Units per layer")
    expect(student.locator("[data-lab-form][data-started]")).to_be_attached()
    expect(cost).to_contain_text("55,050")
    # There is room beside the form: it is open by itself.
    expect(program.locator("code")).to_contain_text("'units': 64,")

    units.fill("128")
    expect(cost).to_contain_text("118,282")
    expect(program.locator("[data-changed=given]")).to_have_text("    'units': 128,")
    expect(program.locator("[data-changed=used]")).to_contain_text('hyperparameters["units"]')
    expect(program.locator("summary")).to_contain_text("1 line differs from the start")

    student.reload()
    expect(cost).to_contain_text("118,282")
    expect(units).to_have_value("128")
    student.get_by_role("button", name="Back to the starting values").click()
    expect(units).to_have_value("64")
    expect(cost).to_contain_text("55,050")
    expect(program.locator("[data-changed]")).to_have_count(0)


def test_the_form_is_reached_and_sent_by_keyboard_alone(student: Page) -> None:
    student.goto(OPENING)
    student.keyboard.press("Tab")
    expect(student.locator(".skip-link")).to_be_focused()
    student.keyboard.press("Enter")
    expect(student.locator("#main")).to_be_focused()

    tab_to(student, "[name=guess]")
    student.keyboard.type("0.7")
    tab_to(student, "input[type=number][name=epochs]")
    student.keyboard.press("Control+A")
    student.keyboard.type("30")
    tab_to(student, ".lab button.button-primary")
    student.keyboard.press("Enter")

    live = student.locator(".lab-live[data-started]")
    expect(live).to_be_attached()
    expect(student.locator(".lab-run")).to_be_focused()
    tab_to(student, ".lab-live .button-danger", most=20)
    student.keyboard.press("Enter")
    expect(live.locator(".state")).to_have_text("Cancelled", timeout=60_000)
    expect(student.locator(".lab-runs .lab-run-changes")).to_have_text(re.compile(r"Epochs \d+ → 30"))
    assert OPENING in student.url


def tab_to(page: Page, selector: str, most: int = 400) -> None:
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached by Tab")
