"""A user who is signed out while writing loses nothing."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Complaints, NewPage, sign_up
from tests.browser.quizzes.test_quizzes import LESSON
from tests.factories import PASSWORD


def test_a_comment_that_was_typed_survives_a_session_that_has_ended(
    new_page: NewPage, complaints: Complaints
) -> None:
    complaints.expect("status of 401")
    complaints.expect_lost_session()
    page: Page = new_page()
    name = sign_up(page)
    page.goto("/board")
    words = "Why does a momentum of 0.9 help in a long valley?"
    page.locator("textarea[name=body]").first.fill(words)
    page.context.clear_cookies(name="sophora_session")
    page.get_by_role("button", name="Send the comment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Please sign in")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Send it now").click()
    expect(page.locator(".comment-body", has_text=words)).to_be_visible()


def test_a_visitors_quiz_answers_are_there_again_after_signing_in(new_page: NewPage) -> None:
    page: Page = new_page()
    name = sign_up(page)
    page.context.clear_cookies(name="sophora_session")
    page.goto(LESSON)
    box, number = (
        page.locator(".question [type=checkbox]").first,
        page.locator(".question [name=answer]").first,
    )
    box.check()
    number.fill("0.25")
    token = box.get_attribute("name")
    page.locator(".site-tools").get_by_role("link", name="Sign in").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".account summary")).to_have_text(name)
    expect(page.locator(".question [name=answer]").first).to_have_value("0.25")
    expect(page.locator(f".question [name='{token}']")).to_be_checked()
