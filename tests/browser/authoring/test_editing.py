"""A lesson written in the browser: typed, previewed, autosaved, published, read."""

import re
import sqlite3
from base64 import b64encode
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import count

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.conftest import Classroom, Complaints, NewPage, sign_up
from tests.browser.test_accessibility import faults_of

_numbers = count(1)
COLUMN = "<p>第一段，用来开始。</p>\n\n---\n\n##### **昊：\n> 打卡\n"
STAFF_PAGES = [
    "/authoring",
    "{editor}",
    "{editor}/preview",
    "{editor}/revisions",
    "{editor}/new-question?kind=single",
    "{editor}/new-lab?recipe=mnist-mlp",
]
ADMIN_PAGES = [
    "/admin/people",
    "/admin/jobs",
    "/admin/queue",
    "/admin/recipes",
    "/admin/disk",
    "/admin/import",
    "/admin/journal",
    "/moderation/people?name=*1",
]


@pytest.fixture
def new_admin(classroom: Classroom, new_page: NewPage) -> Callable[..., Page]:
    """A page of a fresh admin account."""

    def make(**options: object) -> Page:
        page = new_page(**options)
        name = sign_up(page)
        with sqlite3.connect(classroom.data_dir / "sophora.db", timeout=10) as connection:
            connection.execute("update users set role = 'admin' where name = ?", (name,))
        return page

    return make


@pytest.fixture
def admin(new_admin: Callable[..., Page]) -> Page:
    return new_admin(width=1600, height=1000)


@pytest.fixture
def editor(admin: Page) -> Iterator[str]:
    """The editor's address of a draft that no other test touches, in a course that readers do not see."""
    file: FilePayload = {
        "name": f"{next(_numbers):02}-trial.md",
        "mimeType": "text/markdown",
        "buffer": COLUMN.encode(),
    }
    headers = {"Sec-Fetch-Site": "same-origin"}
    answer = admin.request.post("/admin/import", multipart={"files": file}, headers=headers)
    done = admin.request.post(f"{answer.url}/confirmation", form={"course": "column"}, headers=headers)
    address = re.search(r"/authoring/lessons/[0-9a-f-]{36}", done.text())[0]
    yield address
    admin.request.post(f"{address}/unpublication", headers=headers)


def text_box(page: Page, name: str) -> Locator:
    return page.locator(f"[data-pane='{name}'] .cm-content")


def write(page: Page, name: str, text: str) -> None:
    """Type at the end of one of the lesson's files."""
    text_box(page, name).click()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text(text)


def wait_until_saved(page: Page) -> None:
    expect(page.locator("[data-status]")).to_have_text("Saved")


def test_what_is_typed_is_seen_beside_saved_by_itself_and_read_once_it_is_published(
    admin: Page, editor: str, student: Page
) -> None:
    admin.goto(editor)
    expect(admin.locator("[data-faults]")).to_contain_text("this language is missing")
    write(admin, "en.md", "A first paragraph with $x^2$ and **weight**.\n")
    expect(admin.locator("[data-preview] strong")).to_have_text("weight")
    expect(admin.locator("[data-preview] math")).to_be_visible()
    expect(admin.locator("[data-faults]")).to_have_text("The course check finds no mistake.")
    wait_until_saved(admin)
    admin.reload()
    expect(text_box(admin, "en.md")).to_contain_text("**weight**")

    admin.get_by_role("button", name="Publish").click()
    expect(admin.locator(".editor-head .lesson-state")).to_have_text("published")
    admin.goto("/authoring")
    slug = student.goto(f"/lessons/{editor.rpartition('/')[2]}")
    assert slug and slug.status == 200
    expect(student.locator(".prose strong")).to_have_text("weight")
    expect(student.get_by_role("link", name="Edit", exact=True)).to_have_count(0)


def test_a_formula_that_does_not_parse_is_named_with_its_line_and_found_by_a_click(
    admin: Page, editor: str
) -> None:
    admin.goto(editor)
    write(admin, "zh.md", "\n\n$\\frac{1$\n")
    fault = admin.locator("[data-faults] li", has_text="formula")
    expect(fault.get_by_role("button")).to_contain_text("zh.md, line")
    fault.get_by_role("button").click()
    expect(admin.locator("[data-pane='zh.md'] .cm-content")).to_be_focused()
    expect(admin.locator("[data-pane='zh.md'] .cm-lint-marker-error")).to_have_count(1)


def test_two_writers_see_each_other_and_changes_to_different_files_come_together(
    admin: Page, editor: str, new_admin: Callable[..., Page], complaints: Complaints
) -> None:
    complaints.expect("status of 409")
    other = new_admin(width=1600)
    admin.goto(editor)
    wait_for_editor(admin)
    other.goto(editor)
    expect(other.locator("[data-others]")).to_contain_text("has had this lesson open since")
    write(admin, "zh.md", "\n第一位写的。\n")
    wait_until_saved(admin)
    write(other, "en.md", "The second writer's.\n")
    expect(other.locator("[data-status]")).to_contain_text("were merged")
    expect(text_box(other, "zh.md")).to_contain_text("第一位写的。")
    admin.reload()
    expect(text_box(admin, "en.md")).to_contain_text("The second writer's.")


def test_two_writers_of_one_text_choose_with_both_before_them(
    admin: Page, editor: str, new_admin: Callable[..., Page], complaints: Complaints
) -> None:
    complaints.expect("status of 409")
    other = new_admin(width=1600)
    for page in (admin, other):
        page.goto(editor)
        wait_for_editor(page)
    write(admin, "en.md", "Mine.\n")
    wait_until_saved(admin)
    write(other, "en.md", "Theirs.\n")
    dialog = other.get_by_role("dialog", name="Two people changed the same text")
    expect(dialog).to_contain_text("Mine.")
    expect(dialog).to_contain_text("Theirs.")
    dialog.locator(".cm-content").nth(1).click()
    other.keyboard.press("Control+Home")
    other.keyboard.insert_text("Mine too. ")
    dialog.get_by_role("button", name="Save the right side").click()
    wait_until_saved(other)
    admin.reload()
    expect(text_box(admin, "en.md")).to_contain_text("Mine too. Theirs.")


def test_what_was_typed_while_the_connection_was_lost_is_saved_when_it_is_back(
    admin: Page, editor: str, complaints: Complaints
) -> None:
    complaints.expect("ERR_INTERNET_DISCONNECTED|Failed to fetch")
    admin.goto(editor)
    wait_for_editor(admin)
    admin.context.set_offline(True)
    write(admin, "en.md", "Written without a network.\n")
    expect(admin.locator("[data-status]")).to_contain_text("Trying again")
    admin.context.set_offline(False)
    wait_until_saved(admin)
    admin.reload()
    expect(text_box(admin, "en.md")).to_contain_text("Written without a network.")


DROP = """(element, [files, kind]) => {
    const transfer = new DataTransfer();
    for (const [name, bytes, type] of files) {
        transfer.items.add(new File([Uint8Array.from(atob(bytes), c => c.charCodeAt(0))], name, { type }));
    }
    const { x, y, width, height } = element.getBoundingClientRect();
    const at = { clientX: x + width - 1, clientY: y + height / 2, bubbles: true, cancelable: true };
    element.dispatchEvent(kind === "paste" ? new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true })
        : new DragEvent("drop", { dataTransfer: transfer, ...at }));
}"""


def picture(name: str, shade: int, width: int = 40) -> tuple[str, str, str]:
    output = BytesIO()
    Image.new("RGB", (width, 20), (shade, 30, 30)).save(output, "PNG")
    return name, b64encode(output.getvalue()).decode(), "image/png"


def test_a_pasted_picture_is_uploaded_and_stands_in_the_text(admin: Page, editor: str) -> None:
    admin.goto(editor)
    wait_for_editor(admin)
    text_box(admin, "en.md").click()
    text_box(admin, "en.md").evaluate(DROP, [[picture("x.png", 200)], "paste"])
    expect(text_box(admin, "en.md")).to_contain_text(
        re.compile(r"!\[what it shows\]\(figures/[0-9a-f]{12}\.png")
    )
    shown = admin.locator("[data-preview] figure img")
    expect(shown).to_have_js_property("naturalWidth", 40)
    expect(admin.locator("[data-pictures] img")).to_have_count(1)


def test_pictures_stand_in_their_order_where_they_were_dropped_and_a_refusal_says_so_there(
    admin: Page, editor: str, complaints: Complaints
) -> None:
    """The first of them comes when the connection is back; what is typed meanwhile stays."""
    complaints.expect("ERR_FAILED")
    admin.goto(editor)
    wait_for_editor(admin)
    write(admin, "en.md", "Above.\n\nBelow.")
    wait_until_saved(admin)
    pictures = f"**{editor}/pictures"
    admin.route(pictures, lambda route: route.abort(), times=1)
    text = text_box(admin, "en.md")
    files = [
        picture("lost.png", 10, 41),
        ("notes.pdf", "JVBERi0xLjc=", "application/pdf"),
        picture("b.png", 90, 42),
    ]
    text.locator(".cm-line", has_text="Above.").evaluate(DROP, [files, "drop"])
    lost, pdf = text.locator(".upload", has_text="lost.png"), text.locator(".upload", has_text="notes.pdf")
    expect(lost).to_contain_text("the connection is lost")
    expect(pdf).to_contain_text("A lesson cannot show this kind of picture.")
    admin.keyboard.press("Control+End")
    admin.keyboard.insert_text(" Typed meanwhile.")
    lost.get_by_role("button", name="Try again").click()
    expect(lost).to_have_count(0)
    pdf.get_by_role("button", name="Dismiss").press("Enter")
    expect(text.locator(".upload")).to_have_count(0)
    expect(text).to_contain_text("Below. Typed meanwhile.")
    wait_until_saved(admin)
    shown = admin.locator("[data-preview] figure img")
    expect(shown).to_have_count(2)
    expect(shown.first).to_have_js_property("naturalWidth", 41)
    expect(shown.last).to_have_js_property("naturalWidth", 42)


def test_panes_are_switched_and_divided_by_keys_and_by_dragging_and_stay_so(admin: Page, editor: str) -> None:
    admin.goto(editor)
    wait_for_editor(admin)
    chinese = admin.get_by_role("region", name="Chinese", exact=True)
    splitter = admin.get_by_role("separator", name="Widths of Chinese and English")
    expect(splitter).to_have_attribute("aria-valuenow", "50")
    splitter.focus()
    admin.keyboard.press("Shift+ArrowRight")
    expect(splitter).to_have_attribute("aria-valuenow", "60")
    before, place = chinese.bounding_box(), splitter.bounding_box()
    assert before and place
    admin.mouse.move(place["x"] + 4, place["y"] + 50)
    admin.mouse.down()
    admin.mouse.move(place["x"] - 120, place["y"] + 50, steps=3)
    admin.mouse.up()
    after = chinese.bounding_box()
    assert after and 115 < before["width"] - after["width"] < 130
    admin.get_by_role("button", name="Questions", exact=True).press("Enter")
    expect(admin.get_by_role("separator")).to_have_count(3)
    kept = splitter.get_attribute("aria-valuenow")
    admin.reload()
    wait_for_editor(admin)
    expect(admin.get_by_role("separator")).to_have_count(3)
    expect(splitter).to_have_attribute("aria-valuenow", str(kept))

    admin.set_viewport_size({"width": 360, "height": 740})
    expect(admin.get_by_role("tabpanel")).to_have_count(1)
    expect(admin.get_by_role("separator")).to_have_count(0)
    admin.get_by_role("tab", name="English").focus()
    admin.keyboard.press("End")
    expect(admin.get_by_role("tab", name="Preview")).to_be_focused()
    expect(admin.get_by_role("tab", name="Preview", selected=True)).to_be_visible()
    expect(admin.get_by_role("tabpanel", name="Preview")).to_be_visible()
    expect(text_box(admin, "en.md")).to_be_hidden()


def test_an_older_revision_is_compared_and_brought_back(admin: Page, editor: str) -> None:
    admin.goto(editor)
    write(admin, "en.md", "The first version.\n")
    wait_until_saved(admin)
    admin.get_by_role("button", name="Publish").click()
    expect(admin.locator(".editor-head .lesson-state")).to_have_text("published")
    write(admin, "en.md", "A second thought.\n")
    wait_until_saved(admin)
    admin.get_by_role("link", name="Revisions").click()
    admin.get_by_role("link", name="What the draft changes").click()
    expect(admin.locator("tr[data-kind='added']")).to_contain_text(["A second thought."])
    admin.goto(f"{editor}/revisions")
    admin.get_by_role("button", name="Restore revision 1").click()
    expect(text_box(admin, "en.md")).not_to_contain_text("A second thought.")
    admin.get_by_role("button", name="Bring the earlier draft back").click()
    expect(text_box(admin, "en.md")).to_contain_text("A second thought.")


def test_the_worker_publishes_what_was_scheduled_when_its_time_has_come(
    admin: Page, editor: str, classroom: Classroom
) -> None:
    admin.goto(editor)
    write(admin, "en.md", "Published by the clock.\n")
    wait_until_saved(admin)
    admin.get_by_label("Publish the draft at").fill("2099-01-01T10:00")
    admin.get_by_role("button", name="Schedule").click()
    expect(admin.get_by_role("button", name="Cancel the schedule")).to_be_visible()
    # Advance the clock by seventy years.
    with sqlite3.connect(classroom.data_dir / "sophora.db", timeout=10) as connection:
        connection.execute(
            "update lesson_drafts set publish_at = '2001-01-01 00:00:00' where publish_at is not null"
        )
    lesson = f"/lessons/{editor.rpartition('/')[2]}"
    for _ in range(300):
        if admin.request.get(lesson).status == 200:
            break
        admin.wait_for_timeout(200)
    admin.goto(lesson)
    expect(admin.locator(".lesson > .prose")).to_contain_text("Published by the clock.")


def test_without_scripts_a_lesson_is_edited_checked_and_published(
    new_admin: Callable[..., Page], editor: str
) -> None:
    page = new_admin(java_script_enabled=False)
    page.goto(editor)
    page.get_by_label("English en.md").fill("Written in a plain form.\n\n[x]{term=nobody}\n")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.locator("#editor-check")).to_contain_text("en.md:3")
    page.get_by_label("English en.md").fill("Written in a plain form.\n")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.locator("#editor-check")).to_contain_text("The course check finds no mistake.")
    page.get_by_role("button", name="Publish").click()
    expect(page.locator(".editor-head .lesson-state")).to_have_text("published")


def test_a_question_is_added_by_its_form_and_shown_in_the_preview(admin: Page, editor: str) -> None:
    admin.goto(f"{editor}/new-question?kind=number")
    admin.get_by_label("Short name").fill("sum")
    admin.get_by_label("The question · Chinese").fill("一加一？")
    admin.get_by_label("The question · English").fill("One and one?")
    admin.get_by_label("Answer", exact=True).fill("2")
    admin.get_by_label("Why · Chinese").fill("数一数。")
    admin.get_by_label("Why · English").fill("Count.")
    admin.get_by_role("button", name="Save in the draft").click()
    expect(admin.locator("[data-preview] .question")).to_contain_text("One and one?")


def test_the_keyboard_leaves_the_text_box_again(admin: Page, editor: str) -> None:
    admin.goto(editor)
    wait_for_editor(admin)
    text_box(admin, "zh.md").click()
    admin.keyboard.press("Tab")
    expect(text_box(admin, "zh.md")).not_to_be_focused()


@pytest.mark.parametrize(("theme", "width", "language"), [("light", 1600, "en"), ("dark", 360, "zh")])
def test_the_pages_for_staff_have_no_fault_that_axe_knows_and_fit_a_phone(
    new_admin: Callable[..., Page], editor: str, student: Page, theme: str, width: int, language: str
) -> None:
    page = new_admin(theme=theme, width=width, language=language)
    for address in [*STAFF_PAGES, *ADMIN_PAGES]:
        page.goto(address.format(editor=editor))
        assert faults_of(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    page.goto("/admin/people?role=student")
    page.locator(".table tbody th a").first.click()
    page.get_by_role("button", name="生成链接" if language == "zh" else "Make a link").click()
    expect(page.locator(".one-use-link")).to_be_visible()
    assert faults_of(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def wait_for_editor(page: Page) -> None:
    """Until the page has made a round trip: then the server knows that it is open."""
    expect(page.locator("[data-preview] h1")).to_be_visible()
