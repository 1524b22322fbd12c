"""Step 2 and 3 of a newcomer's way: what one sees without an account, and how one gets one."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.factories import PASSWORD


def test_the_home_page_says_what_this_is_and_shows_the_course_without_an_account(visitor: Page) -> None:
    visitor.goto("/")

    expect(visitor.get_by_role("heading", level=1)).to_have_text("Deep learning by training")
    expect(visitor.locator(".lesson-link").first).to_contain_text("00")
    visitor.locator(".home-actions a").click()
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Run one first")
    expect(visitor.get_by_role("link", name="Sign in to train").first).to_be_visible()
