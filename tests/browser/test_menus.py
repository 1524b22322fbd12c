"""Menus that hang from a button: one entry a line, closed by Escape and by a press elsewhere."""

from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, sign_up


@pytest.fixture
def page(new_page: NewPage) -> Page:
    page = new_page()
    sign_up(page)
    page.goto("/")
    return page


def test_each_entry_of_the_account_menu_has_a_line_of_its_own(page: Page) -> None:
    page.locator(".account summary").click()
    entries = page.locator(".account-menu a, .account-menu button").all()
    boxes = [entry.bounding_box() for entry in entries]
    assert len(boxes) >= 4
    for above, below in pairwise(boxes):
        assert above and below and below["y"] >= above["y"] + above["height"] - 1


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
