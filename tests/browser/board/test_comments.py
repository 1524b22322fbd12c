"""Comments as readers write and read them, two people at once. Forms are covered in test_comment_forms.py."""

import re
import sqlite3

import pytest
from playwright.sync_api import Page, expect

from tests import injections
from tests.browser.board.talk import open_discussion, post, shown, write
from tests.browser.conftest import Classroom, Complaints, NewPage, sign_up


@pytest.fixture
def reader(new_page: NewPage) -> Page:
    """A second student, in a browser of their own."""
    page = new_page()
    sign_up(page)
    return page


def test_a_comment_is_sent_without_a_reload_and_the_form_is_empty_again(student: Page) -> None:
    open_discussion(student)
    student.evaluate("window.isTheSamePage = true")
    write(student, "Why does a sigmoid saturate so early?")
    expect(student.get_by_label("Your comment", exact=True)).to_have_value("")
    assert student.evaluate("window.isTheSamePage")
    student.reload()
    shown(student, "Why does a sigmoid saturate so early?")


def test_ctrl_enter_sends(student: Page) -> None:
    open_discussion(student)
    text = student.get_by_label("Your comment", exact=True)
    text.fill("Sent from the keyboard alone")
    text.press("Control+Enter")
    shown(student, "Sent from the keyboard alone")


def test_a_new_comment_is_announced_to_another_reader_and_moves_nothing(student: Page, reader: Page) -> None:
    open_discussion(reader)
    open_discussion(student)
    place = reader.get_by_role("heading", name="Discussion")
    place.scroll_into_view_if_needed()
    before = place.bounding_box()
    write(student, "Does anybody read along with me?")
    button = reader.get_by_role("button", name="1 new comment – show")
    expect(button).to_be_visible()
    assert place.bounding_box() == before
    expect(reader.get_by_text("Does anybody read along with me?")).to_have_count(0)
    button.click()
    shown(reader, "Does anybody read along with me?")
    expect(button).to_be_hidden()


def test_ones_own_comment_is_not_announced(student: Page, reader: Page) -> None:
    open_discussion(student)
    open_discussion(reader)
    write(student, "I know that I wrote this myself")
    # The other page has received it, so this one has too.
    expect(reader.get_by_role("button", name="1 new comment – show")).to_be_visible()
    expect(student.locator("[data-show-new]:visible")).to_have_count(0)


def test_ones_own_comment_that_waits_is_not_counted_at_the_top(student: Page, classroom: Classroom) -> None:
    for number in range(3):
        post(student, f"A remark to be rejected, number {number}")
    with sqlite3.connect(classroom.data_dir / "sophora.db", timeout=10) as connection:
        connection.execute(
            "update comments set state = 'rejected' where body like 'A remark to be rejected%'"
        )
    open_discussion(student, "/board")
    count = student.locator("[data-comment-count]")
    before = count.inner_text()
    waiting = write(student, "Nobody but me sees this yet")
    expect(waiting).to_contain_text("Only you see this")
    expect(count).to_have_text(before)
    student.reload()
    expect(count).to_have_text(before)


def test_a_page_that_was_away_offers_what_it_missed(student: Page, reader: Page) -> None:
    open_discussion(student)
    open_discussion(reader)
    reader.evaluate("dispatchEvent(new Event('pagehide'))")
    write(student, "You were away when I said this")
    reader.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    reader.get_by_role("button", name="1 new comment – show").click()
    shown(reader, "You were away when I said this")


def test_a_reply_whose_comment_is_not_in_the_page_is_offered_once_that_is(
    student: Page, reader: Page
) -> None:
    first = post(student, "The first and oldest of all these")
    for number in range(20):
        post(student, f"filling the page, number {number}")
    open_discussion(reader, "/board?order=newest")
    post(student, "An answer far down the page", reply_to=first)
    offer = reader.locator("[data-show-new]")
    post(student, "And a comment on top of it")
    expect(offer).to_have_text("1 new comment – show")
    offer.click()
    shown(reader, "And a comment on top of it")
    expect(offer).to_have_count(0)
    reader.get_by_role("link", name="More comments").click()
    shown(reader, "An answer far down the page")


def test_two_people_talk_and_each_sees_the_other_without_a_reload(student: Page, reader: Page) -> None:
    open_discussion(student)
    open_discussion(reader)
    question = write(student, "What is the derivative of a ReLU at zero?")
    reader.get_by_role("button", name="new comment").click()
    asked = shown(reader, "What is the derivative of a ReLU at zero?")
    asked.get_by_role("link", name="Reply").click()
    reader.get_by_label(re.compile("Your reply to")).fill("It has none; one simply takes zero.")
    reader.get_by_role("button", name="Reply", exact=True).click()
    expect(shown(reader, "one simply takes zero").locator("..")).to_have_class(re.compile("comment-replies"))
    student.get_by_role("button", name="new comment").click()
    expect(question.locator(".comment-replies")).to_contain_text("one simply takes zero")


def test_a_reader_likes_a_comment_once_and_takes_it_back(student: Page, reader: Page) -> None:
    open_discussion(student)
    write(student, "Something that one may well like")
    open_discussion(reader)
    like = shown(reader, "Something that one may well like").get_by_role("button", name="Like")
    like.dblclick()
    expect(like).to_have_attribute("aria-pressed", "true")
    expect(like).to_contain_text("1")
    like.click()
    expect(like).to_have_attribute("aria-pressed", "false")


def test_a_quotation_waits_in_the_reply_form(student: Page, reader: Page) -> None:
    open_discussion(student)
    write(student, "words that are worth quoting")
    open_discussion(reader)
    shown(reader, "words that are worth quoting").get_by_role("link", name="Quote").click()
    expect(reader.get_by_label(re.compile("Your reply to"))).to_have_value(
        "> words that are worth quoting\n\n"
    )


def test_more_comments_come_in_below_and_the_focus_goes_along(student: Page) -> None:
    for number in range(24):
        post(student, f"remark number {number}")
    open_discussion(student, "/board?order=newest")
    items = student.locator("[data-comments] > .comment")
    expect(items).to_have_count(20)
    student.get_by_role("link", name="More comments").click()
    expect(items.nth(20)).to_be_focused()
    texts = items.locator(".comment-body").all_inner_texts()
    assert texts[:24] == [f"remark number {number}" for number in reversed(range(24))]


def test_a_link_to_a_comment_marks_it(student: Page, new_page: NewPage) -> None:
    open_discussion(student)
    comment = write(student, "Look at exactly this comment")
    address = comment.locator(".comment-time").first.get_attribute("href")
    visitor = new_page()
    visitor.goto(address)
    expect(visitor.locator(":target")).to_contain_text("Look at exactly this comment")


def test_no_payload_of_script_runs_in_a_comment(student: Page, complaints: Complaints) -> None:
    """All payloads, in a few long comments, seen by their author. Other readers and visitors: test_board_injection.py."""
    student.add_init_script("window.ran = []; window.pwned = () => window.ran.push(location.href);")
    student.route(re.compile(re.escape(injections.OUTSIDE)), lambda route: route.abort())
    for number in range(0, len(injections.PAYLOADS), 40):
        body = "\n\n".join(injections.PAYLOADS[number : number + 40]).replace("\0", "")
        post(student, f"payloads {number}\n\n{body}")
    open_discussion(student, "/board?order=newest")
    for number in range(0, len(injections.PAYLOADS), 40):
        expect(student.locator(".comment-body", has_text=f"payloads {number}").first).to_be_attached()
    assert student.evaluate("window.ran") == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_discussion_fits_a_phone(new_page: NewPage, theme: str) -> None:
    page = new_page(width=360, theme=theme)
    sign_up(page)
    open_discussion(page)
    write(page, "A long line of code\n\n```python\n" + "x = 1; " * 40 + "\n```")
    box = shown(page, "A long line of code").bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 360
