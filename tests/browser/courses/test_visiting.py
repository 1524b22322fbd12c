"""Steps 2 and 3 of a newcomer's path: reading without an account, signing up, a lesson in two languages."""

import re
from itertools import count

from playwright.sync_api import Page, expect

from tests.browser.conftest import Complaints, NewPage, sign_up
from tests.browser.trainings import CONVOLUTION, OPENING
from tests.factories import PASSWORD

_numbers = count(1)


def test_the_home_page_says_what_this_is_and_shows_the_course_without_an_account(visitor: Page) -> None:
    visitor.goto("/")

    expect(visitor.get_by_role("heading", level=1)).to_have_text("Deep learning by training")
    expect(visitor.get_by_text("in every lesson a real model that you train yourself")).to_be_visible()
    expect(visitor.locator(".lesson-link").first).to_contain_text("Run one first")
    visitor.locator(".home-actions a").click()
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Run one first")
    expect(visitor.get_by_role("link", name="Sign in to train").first).to_be_visible()


def test_a_newcomer_speaks_chinese_until_english_is_chosen(new_page: NewPage) -> None:
    page = new_page(language="zh")
    page.context.clear_cookies()

    page.goto(OPENING)
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.get_by_role("heading", level=1)).to_have_text("开篇词：先跑起来")

    page.get_by_role("button", name="English").click()
    expect(page).to_have_url(re.compile(OPENING + "$"))
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading", level=1)).to_have_text("Run one first")

    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("开篇词：先跑起来")


def test_one_signs_up_with_a_name_and_a_password_signs_out_and_signs_in_again(
    visitor: Page, complaints: Complaints
) -> None:
    complaints.expect_lost_session()
    name = f"Lin Daiyu {next(_numbers)}"
    visitor.goto(OPENING)
    visitor.locator(".site-tools").get_by_role("link", name="Sign in").click()
    visitor.locator("main").get_by_role("link", name="Sign up").click()
    _fill_in(visitor, name)
    visitor.get_by_role("button", name="Sign up").click()

    expect(visitor).to_have_url(re.compile(OPENING + "$"))
    expect(visitor.locator(".account summary")).to_have_text(name)

    visitor.locator(".account summary").click()
    visitor.get_by_role("button", name="Sign out").click()
    expect(visitor.locator(".site-tools").get_by_role("link", name="Sign in")).to_be_visible()
    visitor.goto("/progress")
    expect(visitor).to_have_url(re.compile("/sign-in"))
    _fill_in(visitor, name)
    visitor.get_by_role("button", name="Sign in").click()
    expect(visitor).to_have_url(re.compile("/progress$"))


def test_a_wrong_password_gets_a_sentence_and_the_name_stays(visitor: Page) -> None:
    name = sign_up(visitor)
    visitor.context.clear_cookies(name="sophora_session")
    visitor.goto("/sign-in")
    _fill_in(visitor, name, password="not my sentence")
    visitor.get_by_role("button", name="Sign in").click()

    expect(visitor.locator(".field-error, .notice").first).to_be_visible()
    expect(visitor.get_by_label("Name")).to_have_value(name)
    expect(visitor.get_by_label("Password")).to_have_value("")


def test_a_lesson_shows_formulas_code_and_figures(visitor: Page) -> None:
    visitor.goto(CONVOLUTION)

    formula = visitor.locator("math[display=block]").first
    box = formula.bounding_box()
    assert box and box["width"] > 80 and box["height"] > 20, "the formula takes the room of a formula"
    family = formula.evaluate("node => getComputedStyle(node).fontFamily")
    assert "STIX Two Math" in family
    assert visitor.evaluate(
        "() => document.fonts.ready.then(() => [...document.fonts].some(font => font.family.includes('STIX') && font.status === 'loaded'))"
    )
    fraction = formula.locator("mfrac").first.bounding_box()
    assert fraction and fraction["height"] > 1.5 * float(
        formula.evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
    )
    colours = visitor.locator(".prose pre span").evaluate_all(
        "spans => new Set(spans.map(span => getComputedStyle(span).color)).size"
    )
    assert colours >= 3, "the code is coloured"
    drawing = visitor.locator(".prose figure svg").first.bounding_box()
    assert drawing and drawing["width"] > 200


def test_code_is_copied_by_its_button(new_page: NewPage) -> None:
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(CONVOLUTION)
    page.get_by_role("button", name="Copy", exact=True).first.click()

    expect(page.get_by_role("button", name="Copied").first).to_be_visible()
    assert (
        page.evaluate("navigator.clipboard.readText()").strip()
        == page.locator(".prose pre").first.inner_text().strip()
    )


def test_a_term_says_what_it_means_on_focus_and_escape_closes_it(visitor: Page) -> None:
    visitor.goto(CONVOLUTION)
    term = visitor.locator("dfn[data-term=kernel]").first
    term.focus()

    expect(visitor.locator(".term-note")).to_be_visible()
    expect(visitor.locator(".term-note")).to_contain_text("A small card of weights")
    visitor.keyboard.press("Escape")
    expect(visitor.locator(".term-note")).to_be_hidden()


def test_the_theme_switch_changes_the_colours_and_the_next_page_keeps_them(visitor: Page) -> None:
    visitor.goto("/")
    background = "() => getComputedStyle(document.documentElement).backgroundColor"
    light = visitor.evaluate(background)
    switch = visitor.locator("[data-theme-switch]")
    while switch.get_attribute("data-now") != "dark":
        switch.click()
    dark = visitor.evaluate(background)

    assert dark != light
    visitor.goto(OPENING)
    assert visitor.evaluate(background) == dark


def test_a_page_that_does_not_exist_says_so_and_leads_back(visitor: Page, complaints: Complaints) -> None:
    complaints.expect("status of 404")
    visitor.goto("/courses/deep-learning/lessons/99-nothing")

    expect(visitor.get_by_role("heading", level=1)).to_have_text("Not found")
    visitor.get_by_role("link", name="To the course").click()
    expect(visitor).to_have_url(re.compile("/$"))


def _fill_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
