"""Moderation in a real browser: one key per decision, undo, and the same without JavaScript."""

import re
import sqlite3
from collections.abc import Callable
from itertools import count
from uuid import uuid4

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Classroom, Complaints, NewPage, sign_up
from tests.browser.test_accessibility import check_in_every_look

DECISIONS = re.compile("/decisions$")
HEADERS = {"Sec-Fetch-Site": "same-origin"}
SETTLE = (
    "update comment_reports set resolved_at = created_at where resolved_at is null",
    "update comments set state = 'rejected' where state in ('withheld', 'pending')",
)
_numbers = count(1)


@pytest.fixture(autouse=True)
def _nothing_waits(classroom: Classroom) -> None:
    """Clear the queue left by other tests."""
    with sqlite3.connect(classroom.data_dir / "sophora.db", timeout=10) as connection:
        for change in SETTLE:
            connection.execute(change)


@pytest.fixture
def new_moderator(classroom: Classroom, new_page: NewPage) -> Callable[..., Page]:
    """A page of a fresh lecturer account."""

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
    """Post on the class's board; returns the comment's id."""
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
    """The texts of three comments that a reader reported, oldest first."""
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
    expect(first).to_contain_text("does not belong here")


def test_what_is_typed_into_a_note_decides_nothing(moderator: Page, reported: list[str]) -> None:
    moderator.goto("/moderation")
    first = moderator.locator("[data-item]", has_text=reported[0])
    expect(first).to_be_focused()
    note = first.get_by_placeholder("A word to the author")
    note.press_sequentially("warden fz")
    expect(note).to_have_value("warden fz")
    expect(first.get_by_role("button", name="Reject")).to_be_visible()
    note.press("Escape")
    moderator.keyboard.press("r")
    expect(first).to_contain_text("warden fz")


def test_enter_in_a_note_decides_nothing(new_moderator: Callable[..., Page], reported: list[str]) -> None:
    """Neither with JavaScript nor without; the text is still there."""
    for page in (new_moderator(), new_moderator(java_script_enabled=False)):
        page.goto("/moderation")
        first = page.locator("[data-item]", has_text=reported[0])
        note = first.get_by_placeholder("A word to the author")
        note.fill("This is insulting.")
        note.press("Enter")
        note.press_sequentially("Really.")
        expect(note).to_have_value("This is insulting.\nReally.")
        expect(first.get_by_role("button", name="Reject")).to_be_visible()


def test_whoever_goes_on_while_a_decision_is_on_its_way_stays_there(
    moderator: Page, reported: list[str]
) -> None:
    held: list[Route] = []
    moderator.route(DECISIONS, lambda route: held.append(route))
    moderator.goto("/moderation")
    items = [moderator.locator("[data-item]", has_text=body) for body in reported]
    expect(items[0]).to_be_focused()
    with moderator.expect_request(DECISIONS):
        moderator.keyboard.press("r")
    moderator.keyboard.press("j")
    moderator.keyboard.press("j")
    expect(items[2]).to_be_focused()
    held.pop().continue_()
    expect(items[0]).to_contain_text("Rejected.")
    expect(items[2]).to_be_focused()


def test_a_decision_that_the_network_loses_can_be_sent_again(
    moderator: Page, reported: list[str], complaints: Complaints
) -> None:
    complaints.expect("ERR_FAILED")
    moderator.route(DECISIONS, lambda route: route.abort())
    moderator.goto("/moderation")
    first = moderator.locator("[data-item]", has_text=reported[0])
    expect(first).to_be_focused()
    first.get_by_placeholder("A word to the author").fill("Please be kind.")
    first.get_by_placeholder("A word to the author").press("Escape")
    moderator.keyboard.press("4")
    moderator.keyboard.press("r")
    expect(first.get_by_role("alert")).to_contain_text("This could not be sent")
    expect(first.get_by_placeholder("A word to the author")).to_have_value("Please be kind.")
    moderator.unroute(DECISIONS)
    moderator.keyboard.press("r")
    expect(first).to_contain_text("does not belong here – Please be kind.")


def test_a_moderator_sees_the_words_that_came_in_place_of_those_decided_about(
    moderator: Page, student: Page
) -> None:
    words = f"A harmless remark number {next(_numbers)}"
    comment = write(student, words)
    report(moderator, comment)
    moderator.goto("/moderation")
    expect(moderator.locator("[data-item]", has_text=words)).to_be_focused()
    changed = f"Buy cheap watches, number {next(_numbers)}"
    answer = student.request.post(f"/comments/{comment}/edit", form={"body": changed}, headers=HEADERS)
    assert answer.ok, answer.text()
    moderator.keyboard.press("a")
    item = moderator.locator("[data-item]", has_text=changed)
    expect(item).to_contain_text("Its author has just changed this comment.")
    expect(item).to_be_focused()
    moderator.keyboard.press("r")
    expect(item).to_contain_text("Rejected.")


def test_a_moderator_deletes_by_a_comments_menu_and_says_why(moderator: Page, student: Page) -> None:
    words = f"A remark against the rules, number {next(_numbers)}"
    comment = write(student, words)
    moderator.goto(f"/comments/{comment}")
    article = moderator.locator(f"#comment-{comment}")
    article.locator("summary").click()
    article.get_by_role("button", name="Delete").click()
    expect(moderator.locator("blockquote")).to_contain_text(words)
    check_in_every_look(moderator)
    moderator.get_by_label("unkind or insulting").check()
    moderator.get_by_role("button", name="Delete").click()
    expect(moderator.get_by_role("button", name="Restore")).to_be_visible()
    moderator.goto("/moderation/log")
    expect(moderator.locator("tbody tr").first).to_contain_text("unkind or insulting")


def test_of_two_moderators_at_once_the_later_one_is_told(
    new_moderator: Callable[..., Page], student: Page, new_page: NewPage
) -> None:
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
    item = other.locator("[data-item]", has_text=words)
    expect(item).to_contain_text("Somebody else has just dealt with this comment.")
    expect(item).to_contain_text("rejected")
    expect(item.get_by_role("button")).to_have_count(0)


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
    student.get_by_role("button", name="Restore").click()
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
