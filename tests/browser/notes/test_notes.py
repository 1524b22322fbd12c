"""Private notes and highlights on a lesson, as a student makes them: by mouse, by keyboard, and after the text was edited."""

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Complaints, NewPage, sign_up

LESSON = "/courses/deep-learning/lessons/11-cnn"
SELECT = """([selector, from, to]) => {
  const element = document.querySelector(selector);
  element.scrollIntoView({ block: "center" });
  const node = document.createTreeWalker(element, NodeFilter.SHOW_TEXT).nextNode();
  getSelection().setBaseAndExtent(node, from, node, to);
  return node.data.slice(from, to);
}"""
FIRST_PARAGRAPH = ".lesson > .prose > p"
DRAWN = "(name) => [...(CSS.highlights.get(name) ?? [])].map((range) => range.toString())"


def open_lesson(page: Page) -> None:
    """The lesson with its notes in place: the script has loaded them."""
    with page.expect_response(re.compile(r"/lessons/[0-9a-f-]+/notes$")):
        page.goto(LESSON)
    expect(page.locator("[data-notes][data-started]")).to_be_attached()


def select(page: Page, start: int = 2, end: int = 22) -> str:
    """Select some characters of the lesson's first paragraph, as a student does; returns them."""
    words = str(page.evaluate(SELECT, [FIRST_PARAGRAPH, start, end]))
    expect(toolbar(page)).to_be_visible()
    return words


def toolbar(page: Page) -> Locator:
    return page.get_by_role("toolbar", name="The selected passage")


def card(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Your note")


def drawn(page: Page, name: str) -> list[str]:
    return list(page.evaluate(DRAWN, name))


def write(page: Page, text: str) -> str:
    """Write a note on some selected text; returns the text."""
    words = select(page)
    toolbar(page).get_by_role("button", name="Note").click()
    card(page).get_by_role("textbox").fill(text)
    card(page).get_by_role("button", name="Save the note").click()
    expect(card(page)).to_be_hidden()
    return words


def add(page: Page, **values: str) -> None:
    """A note written earlier, on the text as it was then."""
    address = page.locator("[data-notes]").get_attribute("data-notes") or ""
    form = {"language": "en", "text": "", "quote": "", "prefix": "", "suffix": "", "anchor": ""} | values
    answer = page.request.post(address, form=form, headers={"Sec-Fetch-Site": "same-origin"}, max_redirects=0)
    assert answer.status == 303, answer.text()


def test_a_selected_passage_is_marked_and_stays_marked(student: Page) -> None:
    open_lesson(student)
    words = select(student)
    before = student.locator(".prose").evaluate("(prose) => prose.textContent")
    toolbar(student).get_by_role("button", name="Mark").click()

    expect(student.locator(".note-marker")).to_have_count(1)
    assert drawn(student, "passage") == [words]
    assert student.locator(".prose").evaluate("(prose) => prose.textContent") == before
    open_lesson(student)
    expect(student.locator(".note-marker")).to_have_count(1)
    assert drawn(student, "passage") == [words]


def test_a_note_is_written_read_changed_deleted_and_brought_back(student: Page) -> None:
    open_lesson(student)
    words = write(student, "first thought <b>")
    assert drawn(student, "passage-noted") == [words]

    student.locator(".note-marker").click()
    expect(card(student).locator(".note-text")).to_have_text("first thought <b>")
    card(student).get_by_text("Change").click()
    card(student).get_by_role("textbox").fill("second thought")
    card(student).get_by_role("button", name="Save the note").click()
    expect(card(student)).to_be_hidden()
    student.locator(".note-marker").click()
    expect(card(student).locator(".note-text")).to_have_text("second thought")

    card(student).get_by_role("button", name="Delete").click()
    expect(student.locator(".note-marker")).to_have_count(0)
    assert drawn(student, "passage-noted") == []
    expect(card(student).get_by_role("button", name="Undo")).to_be_focused()
    student.keyboard.press("Enter")
    expect(student.locator(".note-marker")).to_have_count(1)
    assert drawn(student, "passage-noted") == [words]


def test_a_note_is_made_by_keyboard_alone(student: Page) -> None:
    open_lesson(student)
    words = select(student)
    student.keyboard.press("Tab")
    expect(toolbar(student).get_by_role("button", name="Mark")).to_be_focused()
    student.keyboard.press("Tab")
    student.keyboard.press("Enter")
    expect(card(student).get_by_role("textbox")).to_be_focused()
    student.keyboard.type("by keyboard")
    student.keyboard.press("Tab")
    student.keyboard.press("Enter")
    expect(card(student)).to_be_hidden()
    assert drawn(student, "passage-noted") == [words]

    student.locator(".note-marker").focus()
    student.keyboard.press("Enter")
    expect(card(student)).to_be_visible()
    student.keyboard.press("Escape")
    expect(card(student)).to_be_hidden()
    expect(student.locator(".note-marker")).to_be_focused()


def test_escape_puts_the_buttons_away_and_nothing_typed_is_lost_by_it(student: Page) -> None:
    open_lesson(student)
    select(student)
    student.keyboard.press("Escape")
    expect(toolbar(student)).to_be_hidden()
    select(student, 3, 12)
    toolbar(student).get_by_role("button", name="Note").click()
    student.keyboard.type("half a thought")
    student.keyboard.press("Escape")
    student.mouse.click(5, 400)
    expect(card(student).get_by_role("textbox")).to_have_value("half a thought")
    card(student).get_by_role("button", name="Cancel").click()
    expect(card(student)).to_be_hidden()
    assert drawn(student, "passage-open") == []


def test_a_click_on_a_marked_passage_opens_its_note(student: Page) -> None:
    open_lesson(student)
    write(student, "on this")
    box = student.evaluate(
        "(() => { const rect = [...CSS.highlights.get('passage-noted')][0].getBoundingClientRect(); return [rect.x + rect.width / 2, rect.y + rect.height / 2]; })()"
    )
    student.mouse.click(*box)
    expect(card(student).locator(".note-text")).to_have_text("on this")


def test_nothing_of_the_text_moves_when_it_is_marked(student: Page) -> None:
    open_lesson(student)
    places = "() => [...document.querySelectorAll('.lesson > .prose > *:not([data-note-ui])')].map((element) => Math.round(element.getBoundingClientRect().top + scrollY))"
    before = student.evaluate(places)
    write(student, "quiet")
    assert student.evaluate(places) == before


def test_a_mark_survives_a_small_edit_of_its_passage(student: Page) -> None:
    open_lesson(student)
    words = student.locator(FIRST_PARAGRAPH).first.inner_text()
    start = words.index(" ", 10) + 1
    then = words[start : start + 60]
    # What the student marked before a word was changed and a sentence inserted in front of it.
    then = then[:25] + "quite " + then[25:]
    add(
        student,
        quote=then,
        prefix="Something else stood here. ",
        suffix=words[start + 60 : start + 90],
        text="still here",
    )
    open_lesson(student)
    expect(student.locator(".note-marker")).to_have_count(1)
    assert drawn(student, "passage-noted") == [words[start : start + 60].strip()]


def test_a_note_whose_passage_is_gone_stands_at_the_end_of_its_section_and_can_be_deleted_there(
    student: Page,
) -> None:
    open_lesson(student)
    heading = student.locator(".prose > h2[id]")
    add(
        student,
        quote="A sentence that nobody can find in this lesson any more",
        anchor=heading.first.get_attribute("id") or "",
        text="kept",
    )
    open_lesson(student)
    changed = student.locator(".note-changed")
    expect(changed).to_contain_text("Its passage has changed")
    expect(changed).to_contain_text("kept")
    assert changed.evaluate("(element) => element.nextElementSibling.id") == heading.nth(1).get_attribute(
        "id"
    )
    changed.get_by_role("button", name="Delete").click()
    expect(changed).to_have_count(0)
    expect(card(student).get_by_role("button", name="Undo")).to_be_focused()


def test_the_list_of_all_notes_leads_to_the_passage(student: Page) -> None:
    open_lesson(student)
    words = write(student, "find me again")
    student.goto("/notes")
    student.get_by_role("link", name="To the passage").click()
    expect(card(student).locator(".note-text")).to_have_text("find me again")
    assert drawn(student, "passage-open") == [words]


def test_what_cannot_be_sent_is_not_lost(student: Page, complaints: Complaints) -> None:
    complaints.expect("ERR_INTERNET_DISCONNECTED")
    open_lesson(student)
    select(student)
    toolbar(student).get_by_role("button", name="Note").click()
    card(student).get_by_role("textbox").fill("on a train")
    student.context.set_offline(True)
    card(student).get_by_role("button", name="Save the note").click()
    expect(card(student).get_by_role("alert")).to_contain_text("could not be sent")
    student.context.set_offline(False)
    card(student).get_by_role("button", name="Save the note").click()
    expect(student.locator(".note-marker")).to_have_count(1)


def test_notes_are_kept_listed_changed_and_deleted_without_scripts(new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)
    sign_up(page)
    page.goto(LESSON)
    page.get_by_text("A note on this lesson").click()
    page.get_by_role("textbox", name="Note at most 4,000 characters").fill("plain and simple")
    page.get_by_role("button", name="Save the note").click()
    expect(page).to_have_url(re.compile(r"/notes\?lesson="))
    expect(page.locator(".note-text")).to_have_text("plain and simple")
    page.get_by_role("link", name="Change").click()
    page.get_by_role("textbox", name="Note").fill("plainer")
    page.get_by_role("button", name="Save the note").click()
    expect(page.locator(".note-text")).to_have_text("plainer")
    page.get_by_role("button", name="Delete").click()
    expect(page.locator(".note-text")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".note-text")).to_have_text("plainer")


def test_another_language_has_notes_of_its_own_and_the_list_leads_over(new_page: NewPage) -> None:
    page = new_page(language="zh")
    sign_up(page)
    open_lesson(page)
    add(page, language="en", text="on the English text")
    open_lesson(page)
    expect(page.locator("[data-note-list] .note")).to_have_count(0)
    page.goto("/notes")
    page.locator(".note-actions form[action='/preferences'] button").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("[data-note-list] .note-text")).to_have_text("on the English text")


def test_a_browser_without_the_highlight_api_marks_with_elements(new_page: NewPage) -> None:
    page = new_page()
    page.add_init_script(
        "delete CSS.highlights; Reflect.deleteProperty(Object.getPrototypeOf(CSS), 'highlights'); delete window.Highlight;"
    )
    sign_up(page)
    open_lesson(page)
    text = page.locator(".prose").evaluate("(prose) => prose.textContent")
    words = select(page)
    toolbar(page).get_by_role("button", name="Mark").click()
    expect(page.locator("mark.passage-mark")).to_have_text(words)
    assert page.locator(".prose").evaluate("(prose) => prose.textContent") == text
    page.locator(".note-marker").click()
    card(page).get_by_role("button", name="Delete").click()
    expect(page.locator("mark.passage-mark")).to_have_count(0)


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_of_it_runs_over_the_edge(new_page: NewPage, width: int) -> None:
    page = new_page(width=width, theme="dark")
    sign_up(page)
    open_lesson(page)
    write(page, "x" * 300)
    page.locator(".note-marker").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto("/notes?" + urlencode({"page": 1}))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
