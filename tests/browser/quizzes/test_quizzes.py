"""Questions in a lesson, a lesson's open tasks, and the reading position, in a real browser."""

import re
import tomllib
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from app.core.config import ROOT
from tests.browser.conftest import PATIENCE_MS, Classroom, NewPage, sign_up
from tests.browser.test_accessibility import check_in_every_look

# Its quiz has a question of each kind.
FOLDER = "03-slopes-surprise"
LESSON = f"/courses/deep-learning/lessons/{FOLDER}"
QUIZ: dict[str, dict[str, Any]] = {
    question["key"]: question
    for question in tomllib.loads((ROOT / "content" / "deep-learning" / FOLDER / "quiz.toml").read_text())[
        "questions"
    ]
}
KINDS = {question["kind"]: question for question in QUIZ.values()}


def form_of(page: Page, question: dict[str, Any]) -> Locator:
    return page.locator(f"#question-{question['key']}")


def fill_in(page: Page, question: dict[str, Any], *, scripts: bool = True) -> None:
    """The right answer, as a reader would give it."""
    form = form_of(page, question)
    if question["kind"] in {"single", "multiple"}:
        for option in question["options"]:
            box = form.get_by_label(option["text"]["en"], exact=False).first
            if option.get("correct"):
                box.check()
            elif question["kind"] == "multiple":
                box.uncheck()
    elif question["kind"] == "order":
        arrange = move_up if scripts else choose_place
        for place, item in enumerate(question["items"]):
            arrange(form, item["en"], place)
    else:
        form.locator("[name=answer]").fill(
            str(question["answer"] if question["kind"] == "number" else question["answers"][0])
        )


def move_up(form: Locator, text: str, place: int) -> None:
    """By keyboard: Enter on the item's button until it is in position."""
    item = form.locator("li", has_text=text).first
    button = item.get_by_role("button", name=re.compile("up", re.IGNORECASE))
    while form.locator(".order-text").all_inner_texts().index(text) > place:
        button.press("Enter")


def choose_place(form: Locator, text: str, place: int) -> None:
    form.locator("li", has_text=text).locator("select").select_option(str(place + 1))


def check(page: Page, question: dict[str, Any]) -> Locator:
    """Press the button; returns the explanation that appears."""
    form_of(page, question).get_by_role("button", name=re.compile("^Check")).click()
    why = form_of(page, question).locator(".question-why")
    expect(why).to_be_visible()
    return why


@pytest.mark.parametrize("kind", KINDS)
def test_a_question_is_answered_without_leaving_the_page(student: Page, kind: str) -> None:
    student.goto(LESSON)
    student.evaluate("window.stayed = true")
    fill_in(student, KINDS[kind])
    why = check(student, KINDS[kind])
    expect(why).to_contain_text("Right.")
    expect(why).to_be_focused()
    assert student.evaluate("window.stayed")
    expect(student.locator(f"#end a[href='#question-{KINDS[kind]['key']}']")).to_have_count(0)
    student.reload()
    expect(form_of(student, KINDS[kind]).locator(".question-why")).to_contain_text("Right.")


@pytest.mark.parametrize("kind", KINDS)
def test_a_question_is_answered_without_scripts(new_page: NewPage, kind: str) -> None:
    page = new_page(java_script_enabled=False)
    sign_up(page)
    page.goto(LESSON)
    fill_in(page, KINDS[kind], scripts=False)
    expect(check(page, KINDS[kind])).to_contain_text("Right.")
    expect(page).to_have_url(re.compile(f"{LESSON}#question-{KINDS[kind]['key']}$"))


@pytest.mark.parametrize("scripts", [True, False])
def test_a_visitor_is_graded_too_and_nothing_is_kept(new_page: NewPage, scripts: bool) -> None:
    page = new_page(java_script_enabled=scripts)
    page.goto(LESSON)
    fill_in(page, KINDS["number"], scripts=scripts)
    expect(check(page, KINDS["number"])).to_contain_text("Right.")
    page.goto(LESSON)
    expect(page.locator(".question-why")).to_have_count(0)


def test_the_key_is_nowhere_in_what_the_browser_got(visitor: Page) -> None:
    html = visitor.goto(LESSON).text()
    whys = [
        text["en"]
        for question in QUIZ.values()
        for text in [question.get("why"), *(option["why"] for option in question.get("options", []))]
        if text
    ]
    assert whys
    assert not [why for why in whys if why[:30] in html]


def test_a_wrong_answer_says_why_at_every_option_and_may_be_mended(student: Page) -> None:
    question = KINDS["single"]
    student.goto(LESSON)
    wrong = next(option for option in question["options"] if not option.get("correct"))
    form_of(student, question).get_by_label(wrong["text"]["en"]).check()
    expect(check(student, question)).to_contain_text("Not right yet.")
    expect(form_of(student, question).locator(".option-why")).to_have_count(len(question["options"]))
    fill_in(student, question)
    form_of(student, question).get_by_role("button", name="Check again").click()
    expect(form_of(student, question).locator(".question-why")).to_contain_text("Right.")
    expect(form_of(student, question)).to_contain_text("2 attempts")


def test_what_cannot_be_graded_is_said_at_the_field(student: Page) -> None:
    student.goto(LESSON)
    form = form_of(student, KINDS["number"])
    form.locator("[name=answer]").fill("about two")
    form.get_by_role("button", name="Check").click()
    expect(form.get_by_role("alert")).to_have_text("Please enter a number.")
    expect(form.locator("[name=answer]")).to_be_focused()
    expect(form.locator("[name=answer]")).to_have_value("about two")


def test_an_answered_quiz_has_no_barrier(student: Page) -> None:
    student.goto(LESSON)
    for question in KINDS.values():
        if question["kind"] != "order":
            fill_in(student, question)
        check(student, question)
    check_in_every_look(student)


# Reading


def test_a_lesson_is_marked_as_read_once_its_end_was_in_sight(student: Page) -> None:
    student.goto(LESSON)
    expect(student.locator("[data-reading-end]")).to_have_count(1)
    student.locator("#end").scroll_into_view_if_needed()
    expect(student.locator("#end")).to_contain_text("Read to the end")
    expect(student.locator("[data-reading-end]")).to_have_count(0)
    student.reload()
    expect(student.locator(".lesson-facts")).to_contain_text("read ✓")


def test_a_lesson_is_marked_as_read_by_its_button_without_scripts(new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)
    sign_up(page)
    page.goto(LESSON)
    page.get_by_role("button", name="I have read it to the end").click()
    expect(page).to_have_url(re.compile(f"{LESSON}#end$"))
    expect(page.locator("[data-reading-end]")).to_have_count(0)


def test_a_reader_is_led_back_to_the_place_also_on_another_device(student: Page, new_page: NewPage) -> None:
    student.goto(LESSON)
    with student.expect_request("**/place") as sent:
        student.locator(".prose > h2").nth(2).scroll_into_view_if_needed()
        student.evaluate("scrollBy(0, innerHeight)")
    assert sent.value.response().status == 204
    line = student.evaluate("document.elementFromPoint(600, innerHeight / 3).textContent.slice(0, 40)")

    phone = new_page(width=360)
    phone.context.add_cookies(student.context.cookies())
    phone.goto(LESSON)
    phone.get_by_role("link", name="You were here").click()
    expect(phone.locator(".prose > h2").nth(2)).to_be_focused()
    assert line.strip()
    assert phone.evaluate("scrollY") > 500


def test_leafing_through_a_lesson_does_not_lose_the_old_place(student: Page) -> None:
    student.goto(LESSON)
    with student.expect_event("requestfinished", lambda request: request.url.endswith("/place")):
        student.locator(".prose > h2").nth(2).scroll_into_view_if_needed()
        student.evaluate("scrollBy(0, innerHeight)")
    student.goto(LESSON)
    old = student.locator(".old-place").inner_text()
    student.evaluate("scrollTo(0, document.body.scrollHeight)")
    student.goto("/courses/deep-learning")
    student.goto(LESSON)
    assert student.locator(".old-place").inner_text() == old


def test_keys_lead_through_lessons_and_sections(visitor: Page) -> None:
    visitor.goto(LESSON)
    visitor.keyboard.press("j")
    expect(visitor.locator(".prose > h2").first).to_be_focused()
    visitor.keyboard.press("j")
    second = visitor.evaluate("document.activeElement.id")
    visitor.keyboard.press("k")
    expect(visitor.locator(".prose > h2").first).to_be_focused()
    assert second != visitor.evaluate("document.activeElement.id")
    visitor.keyboard.press("ArrowRight")
    visitor.wait_for_url("**/04-linear-regression")
    visitor.keyboard.press("ArrowLeft")
    visitor.wait_for_url(f"**/{FOLDER}")


def test_keys_typed_into_a_field_are_only_typed(visitor: Page) -> None:
    visitor.goto(LESSON)
    field = form_of(visitor, KINDS["number"]).locator("[name=answer]")
    field.press_sequentially("jk?")
    field.press("ArrowRight")
    expect(field).to_have_value("jk?")
    expect(field).to_be_focused()
    expect(visitor.get_by_role("dialog")).to_have_count(0)


def test_the_keys_are_listed_and_can_be_switched_off(visitor: Page) -> None:
    visitor.goto(LESSON)
    visitor.keyboard.press("?")
    expect(visitor.get_by_role("dialog")).to_be_visible()
    visitor.get_by_label("Use these keys on this device").uncheck()
    visitor.keyboard.press("Escape")
    visitor.reload()
    visitor.keyboard.press("j")
    assert visitor.evaluate("document.activeElement.tagName") == "BODY"
    visitor.keyboard.press("?")
    expect(visitor.get_by_role("dialog")).to_be_visible()


SHIFTS = """
window.shifts = 0;
new PerformanceObserver(list => { for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value; })
    .observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_moves_while_a_lesson_loads(new_page: NewPage, width: int) -> None:
    page = new_page(width=width)
    page.add_init_script(SHIFTS)
    page.goto(LESSON)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.shifts") < 0.02


def test_a_first_visit_costs_less_than_120_kilobytes(browser: Browser, classroom: Classroom) -> None:
    """A lesson's text, style, scripts, figures and font together, as transferred."""
    context: BrowserContext = browser.new_context(base_url=classroom.address)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    debugger = context.new_cdp_session(page)
    debugger.send("Network.enable")
    sizes: list[float] = []
    debugger.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(LESSON)
    page.wait_for_load_state("networkidle")
    context.close()
    assert len(sizes) >= 5
    assert sum(sizes) < 120 * 1024
