"""The page of queues and workers renews itself, and takes the focus from nobody."""

import sqlite3

from playwright.sync_api import expect

from tests.browser.conftest import Classroom, NewPage, sign_up


def test_what_another_admin_does_shows_without_a_reload_and_the_focus_stays(
    classroom: Classroom, new_page: NewPage
) -> None:
    page = new_page(width=1440)
    name = sign_up(page)
    with sqlite3.connect(classroom.data_dir / "sophora.db", timeout=10) as connection:
        connection.execute("update users set role = 'admin' where name = ?", (name,))
    connection.close()
    page.goto("/admin/queue")
    page.locator("[data-console][data-started]").wait_for()
    workers = page.locator("[data-list='workers']")
    expect(workers.get_by_role("row").nth(1)).to_contain_text("worker@")
    button = page.locator("[id='pause-queue:gpu']")
    button.focus()
    headers = {"Sec-Fetch-Site": "same-origin"}
    for address, words in (("/admin/queue/pauses", "Resume"), ("/admin/queue/pauses/deletion", "Pause")):
        page.request.post(address, form={"target": "queue:gpu"}, headers=headers)
        expect(button).to_have_text(words)
        expect(button).to_be_focused()
