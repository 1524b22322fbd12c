"""Search in a real browser: in both languages, by keyboard, without JavaScript."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage

RESULTS = ".search-result"


@pytest.mark.parametrize(
    ("language", "query", "first", "mark"),
    [("zh", "卷积神经", "卷积神经网络", "卷积神经"), ("en", "convolutions", "Convolution", "Convolution")],
)
def test_the_field_in_the_header_finds_a_lesson_by_its_title(
    new_page: NewPage, language: str, query: str, first: str, mark: str
) -> None:
    page = new_page(language=language)
    page.goto("/")
    page.locator("#site-search").fill(query)
    page.locator("#site-search").press("Enter")

    expect(page).to_have_url(re.compile(r"/search\?q="))
    expect(page.locator(RESULTS).first.get_by_role("link")).to_have_text(first)
    expect(page.locator(f"{RESULTS} mark").first).to_have_text(mark)
    page.locator(RESULTS).first.get_by_role("link").click()
    expect(page).to_have_url(re.compile(r"/lessons/11-cnn$"))


def test_a_result_leads_to_its_section(new_page: NewPage) -> None:
    page = new_page(language="zh")
    page.goto("/search?q=感受野")
    link = page.locator(f'{RESULTS} a[href*="#"]').first
    anchor = (link.get_attribute("href") or "").partition("#")[2]
    link.click()

    expect(page.locator(f'[id="{anchor}"]')).to_be_in_viewport()


def test_the_slash_key_leads_to_the_field_but_not_out_of_another(visitor: Page) -> None:
    visitor.goto("/")
    visitor.keyboard.press("/")
    expect(visitor.locator("#site-search")).to_be_focused()
    visitor.keyboard.type("1/2")
    expect(visitor.locator("#site-search")).to_have_value("1/2")


def test_on_a_phone_a_link_and_the_slash_key_lead_to_the_search_page(new_page: NewPage) -> None:
    page = new_page(width=360)
    page.goto("/")
    expect(page.locator("#site-search")).to_be_hidden()
    page.get_by_role("link", name="Search").click()
    expect(page).to_have_url(re.compile(r"/search$"))
    page.goto("/")
    page.keyboard.press("/")
    expect(page).to_have_url(re.compile(r"/search$"))


def test_searching_works_without_scripts(new_page: NewPage) -> None:
    page = new_page(language="zh", java_script_enabled=False)
    page.goto("/")
    page.locator("#site-search").fill("梯度")
    page.locator("#site-search").press("Enter")
    expect(page.locator(RESULTS).first).to_be_visible()
    expect(page.locator("#search-query")).to_have_value("梯度")


def test_the_language_is_changed_without_losing_the_query(new_page: NewPage) -> None:
    page = new_page(language="zh")
    page.goto("/search?q=kernel")
    page.get_by_role("button", name="English").click()
    expect(page.locator("#search-query")).to_have_value("kernel")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_a_query_that_finds_nothing_is_shown_as_typed_and_helped(visitor: Page) -> None:
    visitor.goto("/search?q=%3Cxyzzy%3E")
    expect(visitor.locator(".search-nothing")).to_contain_text("<xyzzy>")
    visitor.locator(".search-suggestions a").first.click()
    expect(visitor.locator(RESULTS).first).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_runs_over_the_edge(new_page: NewPage, width: int) -> None:
    page = new_page(language="en", width=width)
    page.goto("/search?q=the")
    page.goto("/search?q=model")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
