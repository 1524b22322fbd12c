"""Headings, formulas, figures and code of the lessons on a phone and on paper."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from app.core.config import ROOT
from tests.browser.conftest import PATIENCE_MS, Classroom

LESSONS = sorted(path.parent.name for path in (ROOT / "content" / "deep-learning").glob("*/zh.md"))
SMALLEST_LETTER = 10.9

LETTERS = """() => [...document.querySelectorAll("figure svg text")]
  .filter(text => text.textContent.trim() && text.checkVisibility() && !text.closest("[hidden]"))
  .map(text => [parseFloat(getComputedStyle(text).fontSize) * Math.hypot(text.getScreenCTM().a, text.getScreenCTM().b), text.textContent.trim()])"""

# Heading lines that end between two characters of the same Chinese word.
TORN_WORDS = """() => [...document.querySelectorAll("h1, h2, h3")].flatMap(heading => {
  const torn = [], text = heading.textContent, ends = new Set();
  for (const phrase of text.matchAll(/[^\\s\\p{P}]+/gu))
    for (const { index, segment } of new Intl.Segmenter("zh", { granularity: "word" }).segment(phrase[0]))
      ends.add(phrase.index + index + segment.length);
  const tops = [], walker = document.createTreeWalker(heading, NodeFilter.SHOW_TEXT), range = document.createRange();
  while (walker.nextNode())
    for (let place = 0; place < walker.currentNode.length; place++) {
      range.setStart(walker.currentNode, place); range.setEnd(walker.currentNode, place + 1);
      tops.push(range.getBoundingClientRect().bottom);
    }
  for (let place = 1; place < text.length; place++)
    if (tops[place] > tops[place - 1] + 5 && /[\\u3400-\\u9fff]{2}/.test(text.slice(place - 1, place + 1)) && !ends.has(place))
      torn.push(`${text.slice(0, place)}/${text.slice(place)}`);
  return torn;
})"""

FORMULAS = """() => [...document.querySelectorAll(".formula")].map(box => ({
  isWide: box.scrollWidth > box.clientWidth + 1,
  hasShade: getComputedStyle(box).backgroundImage.includes("gradient"),
  beginsInside: box.querySelector("math").getBoundingClientRect().left >= box.getBoundingClientRect().left - 1,
}))"""


@pytest.fixture(scope="module")
def phone(browser: Browser, classroom: Classroom) -> Iterator[dict[str, dict[str, Any]]]:
    """Measurements of each lesson at 360 px, in Chinese."""
    context = browser.new_context(
        base_url=classroom.address, viewport={"width": 360, "height": 740}, reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE_MS)
    context.add_cookies([{"name": "language", "value": "zh", "url": classroom.address}])
    page = context.new_page()
    yield {lesson: _measured(page, lesson) for lesson in LESSONS}
    context.close()


def _measured(page: Page, lesson: str) -> dict[str, Any]:
    page.goto(f"/courses/deep-learning/lessons/{lesson}")
    for figure in page.locator("figure").all():
        figure.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    return {
        "letters": page.evaluate(LETTERS),
        "torn": page.evaluate(TORN_WORDS),
        "formulas": page.evaluate(FORMULAS),
        "width": page.evaluate("document.scrollingElement.scrollWidth"),
    }


def test_letters_in_figures_have_eleven_pixels_on_a_phone(phone: dict[str, dict[str, Any]]) -> None:
    small = {
        lesson: [(round(size, 1), text) for size, text in found["letters"] if size < SMALLEST_LETTER]
        for lesson, found in phone.items()
    }
    assert {lesson: letters for lesson, letters in small.items() if letters} == {}
    assert sum(len(found["letters"]) for found in phone.values()) > 300


def test_headings_do_not_break_inside_a_chinese_word(phone: dict[str, dict[str, Any]]) -> None:
    assert {lesson: found["torn"] for lesson, found in phone.items() if found["torn"]} == {}


def test_a_wide_formula_scrolls_in_its_box_and_shows_that_it_does(phone: dict[str, dict[str, Any]]) -> None:
    formulas = [formula for found in phone.values() for formula in found["formulas"]]
    wide = [formula for formula in formulas if formula["isWide"]]
    assert wide and all(formula["hasShade"] and formula["beginsInside"] for formula in wide)
    assert {lesson: found["width"] for lesson, found in phone.items() if found["width"] > 360} == {}


def test_no_line_of_code_is_cut_off_on_paper(browser: Browser, classroom: Classroom) -> None:
    context = browser.new_context(base_url=classroom.address, viewport={"width": 718, "height": 1000})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.emulate_media(media="print")
    cut: dict[str, list[str]] = {}
    for lesson in LESSONS:
        page.goto(f"/courses/deep-learning/lessons/{lesson}")
        cut[lesson] = page.locator(".prose pre").evaluate_all(
            "all => all.filter(pre => pre.scrollWidth > pre.clientWidth + 1).map(pre => pre.textContent.slice(0, 80))"
        )
    context.close()
    assert {lesson: code for lesson, code in cut.items() if code} == {}
