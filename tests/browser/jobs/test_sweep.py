"""Several values at once: from the form to a page that fills by itself."""

import re

from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import faults_of

SWEEP_PAGE = re.compile(r"/sweeps/[0-9a-f-]{36}(#.*)?$")


def test_a_sweep_goes_from_the_form_to_a_full_page_without_a_reload(student: Page) -> None:
    student.goto("/recipes/line")
    student.get_by_role("spinbutton", name=re.compile("^Epochs")).fill("2")
    fields = student.locator("[data-sweep-form][data-started]")
    fields.get_by_text("Several values at once").click()
    first, second = fields.locator(".sweep-axis").all()
    first.get_by_label("Setting").select_option("learning_rate")
    expect(first.get_by_label("Values")).to_have_value("0.001, 0.003, 0.01, 0.03")
    second.get_by_label("A second setting").select_option("standardise")
    expect(second.get_by_label("Values")).to_have_value("on, off")
    expect(fields.get_by_role("status")).to_have_text("8 trainings")
    second.get_by_label("A second setting").select_option("")
    second.get_by_label("Values").fill("")
    first.get_by_label("Values").fill("0.001, 0.01")
    expect(fields.get_by_role("status")).to_have_text("2 trainings")
    with student.expect_navigation(url=SWEEP_PAGE):
        first.get_by_label("Values").press("Enter")

    student.evaluate("window.isSamePage = true")
    student.get_by_role("checkbox").first.check()
    expect(student.get_by_text("All trainings have ended.")).to_be_visible(timeout=120_000)
    expect(student.locator("tr .state")).to_have_text(["Finished", "Finished"])
    expect(student.locator(".runs-end")).to_have_count(2)
    expect(student.get_by_role("button", name="Cancel all that have not ended")).to_have_count(0)
    expect(student.get_by_role("checkbox").first).to_be_checked()
    assert student.evaluate("window.isSamePage"), "the page was loaded again"
    assert faults_of(student) == []
