"""The bell: two people at once, without a reload, and without scripts."""

import re
from itertools import count

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage, sign_up
from tests.browser.test_accessibility import check_in_every_look

HEADERS = {"Sec-Fetch-Site": "same-origin"}
_numbers = count(1)
# Records the bell's text in `heard`.
HEAR = """() => {
  const voice = document.querySelector(".site-tools [role=status]");
  window.heard = [];
  new MutationObserver(() => { if (voice.textContent) heard.push(voice.textContent); }).observe(voice, { childList: true });
}"""


def write(page: Page, reply_to: str = "") -> str:
    """Post on the class's board as the page's reader, without walking through the form; returns the comment's id."""
    number = next(_numbers)
    form = {
        "body": f"a remark of some length, {number}",
        "request_key": f"key-{number}",
        "reply_to": reply_to,
    }
    answer = page.request.post("/threads/class/comments", form=form, headers=HEADERS, max_redirects=0)
    assert answer.status == 303, answer.text()
    return re.search(r"[0-9a-f]{8}-[0-9a-f-]{27}", answer.headers["location"])[0]


def bell(page: Page) -> Locator:
    return page.get_by_role("link", name=re.compile("^Notifications"))


def other(new_page: NewPage, **options: object) -> Page:
    page = new_page(**options)
    sign_up(page)
    return page


def test_the_bell_rings_while_the_page_is_open(student: Page, new_page: NewPage) -> None:
    somebody = other(new_page)
    comment = write(student)
    student.goto("/progress")
    expect(student.locator("html[data-live=joined]")).to_be_attached()
    student.evaluate("window.stayed = true")
    count_of = student.locator("[data-bell-count]")
    expect(count_of).to_be_hidden()
    for number in (1, 2):
        write(somebody, comment)
        expect(count_of).to_have_text(str(number))
        expect(count_of).to_be_visible()
    expect(bell(student)).to_have_attribute("aria-label", "Notifications: 2 unread")
    assert student.evaluate("window.stayed")


def test_reading_on_one_page_quiets_the_bell_of_another(student: Page, new_page: NewPage) -> None:
    somebody = other(new_page)
    write(somebody, write(student))
    student.goto("/notifications")
    expect(student.locator("[data-bell-count]")).to_have_text("1")
    second = student.context.new_page()
    second.goto("/progress")
    expect(second.locator("html[data-live=joined]")).to_be_attached()
    expect(second.locator("[data-bell-count]")).to_have_text("1")
    student.get_by_role("button", name="Mark all as read").click()
    expect(student.locator(".told-new")).to_have_count(0)
    expect(second.locator("[data-bell-count]")).to_be_hidden()


def test_a_link_leads_to_the_place_and_is_read_then(student: Page, new_page: NewPage) -> None:
    somebody = other(new_page)
    reply = write(somebody, write(student))
    student.goto("/notifications")
    student.get_by_role("link", name=re.compile("replied to you")).click()
    student.wait_for_url("**/board**")
    expect(student.locator(f"[id*='{reply}']").first).to_be_visible()
    for _ in range(50):  # the request is sent while the page unloads; nobody sees its response
        student.goto("/notifications")
        if not student.locator(".told-new").count():
            break
        student.wait_for_timeout(100)
    expect(student.locator(".told-new")).to_have_count(0)


def test_a_place_that_is_reached_by_another_way_is_read_then(student: Page, new_page: NewPage) -> None:
    reply = write(other(new_page), write(student))
    student.goto("/board")
    expect(student.locator("[data-bell-count]")).to_have_text("1")
    student.goto(f"/comments/{reply}")
    expect(student.locator("[data-bell-count]")).to_be_hidden()
    student.goto("/notifications")
    expect(student.locator(".told-entry")).to_have_count(1)
    expect(student.locator(".told-new")).to_have_count(0)


def test_what_comes_is_said_once_and_politely_but_not_what_was_there_before(
    student: Page, new_page: NewPage
) -> None:
    somebody, comment = other(new_page), write(student)
    write(somebody, comment)
    student.goto("/progress")
    expect(student.locator("html[data-live=joined]")).to_be_attached()
    voice = student.locator(".site-tools").get_by_role("status")
    student.evaluate(HEAR)
    expect(voice).to_be_empty()
    # Two events one right after the other; two remarks may be a second apart where the server is busy.
    student.evaluate(
        "() => [2, 3].forEach((count) => document.dispatchEvent(new CustomEvent('live:unread', { detail: { count } })))"
    )
    expect(voice).to_have_text("Notifications: 3 unread")
    student.request.post("/notifications/readings", headers=HEADERS)
    expect(student.locator("[data-bell-count]")).to_be_hidden()
    expect(voice).to_be_empty()
    assert student.evaluate("window.heard") == ["Notifications: 3 unread"]


def test_the_bell_works_without_scripts(new_page: NewPage) -> None:
    reader, somebody = other(new_page, java_script_enabled=False), other(new_page)
    write(somebody, write(reader))
    reader.goto("/")
    reader.get_by_role("link", name="Notifications: 1 unread").click()
    expect(reader.locator(".told-entry")).to_have_count(1)
    reader.get_by_role("button", name="Mark all as read").click()
    expect(bell(reader)).to_have_attribute("aria-label", "Notifications")


def test_notifications_and_settings_have_no_barrier(student: Page, new_page: NewPage) -> None:
    write(other(new_page), write(student))
    for path in ("/notifications", "/settings", "/settings/notifications"):
        student.goto(path)
        check_in_every_look(student)
