"""Drop-down menus: one entry per line, readable when open, closed by Escape and by a press elsewhere."""

import sqlite3
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Classroom, NewPage, sign_up
from tests.browser.test_accessibility import check_in_every_look


@pytest.fixture
def page(new_page: NewPage) -> Page:
    page = new_page()
    sign_up(page)
    page.goto("/")
    return page


def make_admin(classroom: Classroom, name: str) -> None:
    with sqlite3.connect(classroom.data_dir / "sophora.db", timeout=30) as connection:
        connection.execute("update users set role = 'admin' where name = ?", (name,))
    connection.close()


def assert_one_a_line(page: Page, menu: str, least: int) -> None:
    boxes = [entry.bounding_box() for entry in page.locator(f"{menu} a, {menu} button").all()]
    assert len(boxes) >= least
    for above, below in pairwise(boxes):
        assert above and below and below["y"] >= above["y"] + above["height"] - 1


def test_each_entry_of_the_account_menu_has_a_line_of_its_own(page: Page) -> None:
    page.locator(".account summary").click()
    assert_one_a_line(page, ".account-menu", 5)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_admins_open_menu_is_readable_and_meets_no_barrier(
    new_page: NewPage, classroom: Classroom, language: str
) -> None:
    page = new_page(language=language)
    make_admin(classroom, sign_up(page))
    page.goto("/")
    page.locator(".account summary").click()
    assert_one_a_line(page, ".account-menu", 8)
    check_in_every_look(page)


def test_a_comments_open_menu_meets_no_barrier_and_closes_like_the_others(page: Page) -> None:
    page.goto("/board")
    page.locator("textarea[name=body]").first.fill("Which menu belongs to this comment?")
    page.get_by_role("button", name="Send the comment").click()
    expect(
        page.locator(".comment-body", has_text="Which menu belongs to this comment?").first
    ).to_be_visible()
    page.reload()
    summary = page.locator(".comment-menu > summary").first
    summary.click()
    items = page.locator(".comment-menu-items").first
    expect(items).to_be_visible()
    assert_one_a_line(page, ".comment-menu[open]", 2)
    check_in_every_look(page)
    page.keyboard.press("Escape")
    expect(items).to_be_hidden()
    expect(summary).to_be_focused()
    summary.click()
    page.mouse.click(5, 600)
    expect(items).to_be_hidden()


def test_reviews_are_reached_without_opening_a_menu(page: Page) -> None:
    page.locator(".site-nav").get_by_role("link", name="Review").click()
    expect(page).to_have_url(page.url.partition("/review")[0] + "/review")


def test_escape_closes_the_account_menu_and_goes_back_to_its_button(page: Page) -> None:
    page.locator(".account summary").click()
    expect(page.locator(".account-menu")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.locator(".account-menu")).to_be_hidden()
    expect(page.locator(".account summary")).to_be_focused()


def test_a_press_elsewhere_closes_the_account_menu(page: Page) -> None:
    page.locator(".account summary").click()
    expect(page.locator(".account-menu")).to_be_visible()
    page.mouse.click(5, 600)
    expect(page.locator(".account-menu")).to_be_hidden()
