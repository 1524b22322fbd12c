"""Moderation in a real browser: one key a decision, the way back, and the same without scripts."""

import sqlite3
from collections.abc import Callable
from itertools import count
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Classroom, Complaints, NewPage, sign_up
from tests.browser.test_accessibility import check_in_every_look

HEADERS = {"Sec-Fetch-Site": "same-origin"}
SETTLE = (
    "update comment_reports set resolved_at = created_at where resolved_at is null",
    "update comments set state = 'rejected' where state in ('withheld', 'pending')",
)
_numbers = count(1)


@pytest.fixture(autouse=True)
def _nothing_waits(classroom: Classroom) -> None:
    """What other tests left to be decided is no matter of this one."""
    with sqlite3.connect(classroom.data_dir / "sophora.db", timeout=10) as connection:
        for change in SETTLE:
            connection.execute(change)


@pytest.fixture
def new_moderator(classroom: Classroom, new_page: NewPage) -> Callable[..., Page]:
    """A page of a fresh account that is a lecturer's."""

    def make(**options: object) -> Page:
        page = new_page(**options)
        name = sign_up(page)
        with sqlite3.connect(classroom.data_dir / "sophora.db", timeout=10) as connection:
            connection.execute("update users set role = 'lecturer' where name = ?", (name,))
        return page

    return make


@pytest.fixture
def moderator(new_moderator: Callable[..., Page]) -> Page:
    return new_moderator()


def write(page: Page, body: str) -> str:
    """Post on the class's board; the comment's id."""
    answer = page.request.post(
        "/threads/class/comments",
        form={"body": body, "request_key": uuid4().hex},
        headers=HEADERS,
        max_redirects=0,
    )
    assert answer.status == 303, answer.text()
    return answer.headers["location"].removeprefix("/comments/")


def report(page: Page, comment: str, reason: str = "unkind") -> None:
    answer = page.request.post(f"/comments/{comment}/reports", form={"reason": reason}, headers=HEADERS)
    assert answer.ok, answer.text()


@pytest.fixture
def reported(student: Page, new_page: NewPage) -> list[str]:
    """The words of three comments that a reader reported, oldest first."""
    reader = new_page()
    sign_up(reader)
    bodies = [f"Reported remark number {next(_numbers)}" for _ in range(3)]
    for body in bodies:
        report(reader, write(student, body))
    return bodies


def test_each_key_decides_about_the_comment_in_focus_and_goes_on_to_the_next(
    moderator: Page, reported: list[str], visitor: Page
) -> None:
    moderator.goto("/moderation")
    items = [moderator.locator("[data-item]", has_text=body) for body in reported]
    expect(items[0]).to_be_focused()
    moderator.keyboard.press("r")
    expect(items[0]).to_contain_text("Rejected.")
    expect(items[1]).to_be_focused()
    moderator.keyboard.press("a")
    expect(items[1]).to_contain_text("Approved.")
    expect(items[2]).to_be_focused()
    moderator.keyboard.press("f")
    expect(items[2]).to_contain_text("Featured.")

    moderator.goto("/board")
    expect(moderator.locator("main")).not_to_contain_text(reported[0])
    expect(moderator.locator("main")).to_contain_text(reported[1])
    expect(moderator.locator(".comment", has_text=reported[2])).to_contain_text("Featured")


def test_j_and_k_go_from_comment_to_comment(moderator: Page, reported: list[str]) -> None:
    moderator.goto("/moderation")
    items = [moderator.locator("[data-item]", has_text=body) for body in reported]
    expect(items[0]).to_be_focused()
    for key, place in (("j", 1), ("j", 2), ("j", 2), ("k", 1)):
        moderator.keyboard.press(key)
        expect(items[place]).to_be_focused()
    moderator.keyboard.press("w")
    expect(items[1]).to_contain_text("Withheld.")
    expect(items[2]).to_be_focused()


def test_z_takes_the_last_decisions_back_one_after_the_other(moderator: Page, reported: list[str]) -> None:
    moderator.goto("/moderation")
    items = [moderator.locator("[data-item]", has_text=body) for body in reported]
    expect(items[0]).to_be_focused()
    for place, key in enumerate("dr"):
        moderator.keyboard.press(key)
        expect(items[place + 1]).to_be_focused()
    for place in (1, 0):
        moderator.keyboard.press("z")
        expect(items[place].get_by_role("button", name="Keep it")).to_be_visible()
    moderator.reload()
    for words in reported:
        expect(moderator.locator(".moderation-item", has_text=words)).to_be_visible()


def test_a_digit_chooses_the_reason_that_the_author_will_read(moderator: Page, reported: list[str]) -> None:
    moderator.goto("/moderation")
    first = moderator.locator("[data-item]", has_text=reported[0])
    expect(first).to_be_focused()
    moderator.keyboard.press("4")
    moderator.keyboard.press("r")
    expect(first).to_contain_text("does not belong in this place")


def test_what_is_typed_into_a_note_decides_nothing(moderator: Page, reported: list[str]) -> None:
    moderator.goto("/moderation")
    first = moderator.locator("[data-item]", has_text=reported[0])
    note = first.get_by_placeholder("A word to the author")
    note.press_sequentially("warden fz")
    expect(note).to_have_value("warden fz")
    expect(first.get_by_role("button", name="Reject")).to_be_visible()
    note.press("Escape")
    moderator.keyboard.press("r")
    expect(first).to_contain_text("warden fz")


def test_of_two_moderators_at_once_the_later_one_is_told(
    new_moderator: Callable[..., Page], student: Page, new_page: NewPage, complaints: Complaints
) -> None:
    complaints.expect("status of 409")
    one, other, reader = new_moderator(), new_moderator(), new_page()
    sign_up(reader)
    words = f"Reported remark number {next(_numbers)}"
    report(reader, write(student, words))
    for page in (one, other):
        page.goto("/moderation")
        expect(page.locator("[data-item]", has_text=words)).to_be_focused()
    one.keyboard.press("r")
    expect(one.locator("[data-item]", has_text=words)).to_contain_text("Rejected.")
    other.keyboard.press("a")
    expect(other.get_by_text("Somebody else has just decided about this comment.")).to_be_visible()


def test_without_scripts_moderators_decide_and_take_back_by_forms(
    new_moderator: Callable[..., Page], reported: list[str]
) -> None:
    page = new_moderator(java_script_enabled=False)
    page.goto("/moderation")
    page.locator("[data-item]", has_text=reported[0]).get_by_role("button", name="Reject").click()
    expect(page.locator(".moderation-decided")).to_contain_text("Rejected.")
    expect(page.locator(".moderation-item", has_text=reported[0])).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".moderation-item", has_text=reported[0])).to_be_visible()


def test_an_author_deletes_a_comment_and_brings_it_back(student: Page) -> None:
    words = f"I shall regret remark number {next(_numbers)}"
    comment = write(student, words)
    student.goto(f"/comments/{comment}")
    article = student.locator(f"#comment-{comment}")
    article.locator("summary").click()
    article.get_by_role("button", name="Delete").click()
    student.get_by_role("button", name="Bring it back").click()
    expect(student.locator(f"#comment-{comment}")).to_contain_text(words)


def test_no_page_of_moderation_has_a_barrier(moderator: Page, student: Page, new_page: NewPage) -> None:
    reader = new_page(language="zh")
    sign_up(reader)
    long = "https://example.org/" + "a-very-long-address-" * 8
    comment = write(student, f"A remark with $x^2$, `code` and {long}")
    report(reader, comment)
    other = write(student, f"Another remark number {next(_numbers)}")
    moderator.goto("/moderation")
    check_in_every_look(moderator)
    moderator.keyboard.press("r")
    expect(moderator.locator("[data-decided]")).to_be_visible()
    check_in_every_look(moderator)
    moderator.goto("/moderation/log")
    check_in_every_look(moderator)
    for address in (f"/comments/{other}/edit", f"/comments/{other}/history", "/deleted-comments"):
        student.goto(address)
        check_in_every_look(student)
    reader.goto(f"/comments/{other}/reports")
    check_in_every_look(reader)
