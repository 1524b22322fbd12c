"""The day's review in a real browser."""

import re
import sqlite3

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Classroom, NewPage, sign_up
from tests.browser.quizzes.test_quizzes import KINDS, LESSON, check, fill_in
from tests.browser.test_accessibility import check_in_every_look

SINGLE, NUMBER = KINDS["single"], KINDS["number"]


def let_days_pass(classroom: Classroom) -> None:
    """Make all cards due, with old answers."""
    with sqlite3.connect(classroom.data_dir / "sophora.db", timeout=30) as database:
        database.execute(
            "update review_cards set due_at = '2026-01-02 00:00:00', reviewed_at = '2026-01-01 00:00:00'"
        )
    database.close()


def answer_two(page: Page, classroom: Classroom, *, scripts: bool = True) -> None:
    page.goto(LESSON)
    for question in (SINGLE, NUMBER):
        fill_in(page, question, scripts=scripts)
        check(page, question)
    let_days_pass(classroom)


def answer_first(page: Page) -> None:
    """Answer the first card correctly, whichever of the two it is."""
    card = page.locator(".review-card").first
    field = card.locator("[name=answer]")
    if field.count():
        field.fill(str(NUMBER["answer"]))
    else:
        right = next(option for option in SINGLE["options"] if option.get("correct"))
        card.get_by_label(right["text"]["en"], exact=False).first.check()
    card.get_by_role("button", name=re.compile("^Check")).click()


def test_a_card_is_answered_and_judged_without_leaving_the_page(student: Page, classroom: Classroom) -> None:
    answer_two(student, classroom)
    student.goto("/review")
    student.evaluate("window.stayed = true")
    expect(student.locator(".review-card")).to_have_count(2)
    expect(student.locator(".question-why")).to_have_count(0)
    answer_first(student)
    card = student.locator(".review-card").first
    expect(card.locator(".question-why")).to_contain_text("Right.")
    expect(card.locator(".review-rating")).to_contain_text("Comes back in")
    card.get_by_role("button", name=re.compile("^easy")).click()
    expect(card.get_by_role("button", name=re.compile("^easy"))).to_have_attribute("aria-pressed", "true")
    assert student.evaluate("window.stayed")
    student.get_by_role("link", name="Go on reviewing").click()
    expect(student.locator(".review-card")).to_have_count(1)


def test_a_review_works_without_scripts(new_page: NewPage, classroom: Classroom) -> None:
    page = new_page(java_script_enabled=False)
    sign_up(page)
    answer_two(page, classroom, scripts=False)
    page.goto("/review")
    for left in (1, 0):
        answer_first(page)
        expect(page.locator(".question-why")).to_contain_text("Right.")
        page.get_by_role("button", name=re.compile("^hard")).click()
        expect(page.locator("[aria-pressed=true]")).to_contain_text("hard")
        page.get_by_role("link", name="Go on reviewing").click()
        expect(page.locator(".question-why")).to_have_count(0)
        expect(page.locator(".review-card")).to_have_count(left)
    expect(page.get_by_text("Nothing to review now.")).to_be_visible()


def test_the_home_page_leads_to_the_review(student: Page, classroom: Classroom) -> None:
    answer_two(student, classroom)
    student.goto("/")
    student.get_by_role("link", name="2 cards to review").click()
    expect(student).to_have_url(re.compile("/review$"))


@pytest.mark.parametrize("is_answered", [False, True])
def test_a_review_has_no_barrier(student: Page, classroom: Classroom, is_answered: bool) -> None:
    answer_two(student, classroom)
    student.goto("/review")
    if is_answered:
        answer_first(student)
        expect(student.locator(".review-mend")).to_be_visible()
    check_in_every_look(student)
