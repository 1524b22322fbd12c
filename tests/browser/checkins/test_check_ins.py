"""Checking in as students do: by button, by learning, on the wall with others, without JavaScript."""

import re

import pytest
from playwright.sync_api import Page, expect

from app.accounts.names import masked
from tests.browser.conftest import Complaints, NewPage, sign_up
from tests.browser.test_accessibility import check_in_every_look

WORDS = "卷积核在整张图上共用一组权重"
LESSON = "/courses/deep-learning/lessons/00-run-first"


def check_in(page: Page, words: str) -> None:
    page.goto("/check-ins")
    page.get_by_label("What did you learn today?").fill(words)
    page.get_by_role("button", name="Check in").click()
    expect(page.get_by_role("heading", name="Day 1")).to_be_visible()


def open_wall(page: Page) -> None:
    """The wall with its script running and the live connection open."""
    page.goto("/check-ins/wall")
    expect(page.locator("html[data-live=joined]")).to_be_attached()
    expect(page.locator("[data-wall][data-started]")).to_be_attached()


def test_a_check_in_shows_at_once_without_leaving_the_page(student: Page) -> None:
    student.goto("/check-ins")
    expect(student.get_by_role("heading", name="Your first day")).to_be_visible()
    student.evaluate("window.isTheSamePage = true")
    student.get_by_label("What did you learn today?").fill(WORDS)
    student.keyboard.press("Enter")
    expect(student.get_by_role("heading", name="Day 1")).to_be_focused()
    expect(student.get_by_text("Checked in. See you tomorrow.")).to_be_visible()
    expect(student.locator(".today-note")).to_have_text(WORDS)
    # The week and the year show it too.
    expect(student.locator(".week-days .day-today.day-real")).to_have_count(1)
    expect(student.locator(".year-halves .day-today.day-real")).to_have_count(1)
    assert student.evaluate("window.isTheSamePage") is True


@pytest.mark.parametrize(("motion", "animations"), [("reduce", 0), ("no-preference", 5)])
def test_the_joy_honours_who_wants_less_motion(new_page: NewPage, motion: str, animations: int) -> None:
    page = new_page()
    page.emulate_media(reduced_motion=motion)
    sign_up(page)
    check_in(page, WORDS)
    moving = page.locator(".today .blossom-petal").evaluate_all(
        "petals => petals.filter(petal => getComputedStyle(petal).animationName !== 'none').length"
    )
    assert moving == animations


def test_two_students_see_and_cheer_each_other(new_page: NewPage) -> None:
    first, second = new_page(), new_page()
    name = sign_up(first)
    sign_up(second)
    words = f"{WORDS} {name}"
    check_in(first, words)
    second.goto("/check-ins/wall")
    entry = second.get_by_role("article").filter(has_text=words)
    expect(entry.get_by_text(masked(name), exact=True)).to_be_visible()
    assert name not in entry.locator(".wall-who").inner_text()
    entry.get_by_role("link", name=masked(name), exact=True).click()
    expect(second.get_by_role("heading", name=masked(name), exact=True)).to_be_visible()
    second.go_back()
    entry.get_by_role("button", name="Cheer").click()
    expect(entry.get_by_role("button", name="Cheer", pressed=True)).to_be_focused()
    first.goto("/check-ins/wall")
    own = first.get_by_role("article").filter(has_text=words)
    expect(own.get_by_text("1 cheer")).to_be_visible()
    expect(own.get_by_role("button", name="Cheer")).to_have_count(0)
    entry.get_by_role("button", name="Cheer").click()
    expect(entry.get_by_role("button", name="Cheer", pressed=False)).to_be_visible()
    first.reload()
    expect(own.get_by_text("0 cheers")).to_be_visible()


def test_a_new_check_in_is_offered_to_who_reads_the_wall_and_moves_nothing(new_page: NewPage) -> None:
    reader, writer = new_page(width=360), new_page()
    name = sign_up(reader)
    sign_up(writer)
    check_in(reader, f"{WORDS}，我先来 {name}")
    open_wall(reader)
    known = reader.get_by_role("article").filter(has_text=name)
    known.scroll_into_view_if_needed()
    before = known.bounding_box()
    words = f"{WORDS}，刚刚学会 {name}"
    check_in(writer, words)
    button = reader.get_by_role("button", name="1 new check-in – show")
    expect(button).to_be_visible()
    assert known.bounding_box() == before
    new = reader.get_by_role("article").filter(has_text=words)
    expect(new).to_have_count(0)
    button.click()
    expect(new).to_be_focused()
    expect(button).to_be_hidden()
    new.get_by_role("button", name="Cheer").click()
    expect(new.get_by_role("button", name="Cheer", pressed=True)).to_be_visible()


def test_a_wall_that_was_away_offers_what_it_missed(new_page: NewPage) -> None:
    reader, writer = new_page(), new_page()
    sign_up(reader)
    name = sign_up(writer)
    open_wall(reader)
    reader.evaluate("dispatchEvent(new Event('pagehide'))")
    check_in(writer, f"{WORDS}，你不在 {name}")
    reader.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    reader.get_by_role("button", name="1 new check-in – show").click()
    expect(reader.get_by_role("article").filter(has_text=name)).to_be_visible()


def test_everything_works_without_scripts(new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)
    name = sign_up(page)
    check_in(page, f"{WORDS} {name}")
    expect(page.get_by_text("Checked in. See you tomorrow.")).to_be_visible()
    page.get_by_role("link", name="The class wall").click()
    expect(page.get_by_role("article").filter(has_text=name)).to_be_visible()
    page.get_by_role("link", name="Settings", exact=True).click()
    page.get_by_label("2", exact=True).check()
    page.get_by_label("Show the number of my days").check()
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_label("2", exact=True)).to_be_checked()
    page.get_by_label("My days follow the time of").select_option("America/New_York")
    page.get_by_role("button", name="Save").nth(1).click()
    expect(
        page.get_by_text("From tomorrow on your days follow the time of America/New_York.")
    ).to_be_visible()
    page.get_by_role("button", name="Get an address").click()
    expect(page.get_by_label("The calendar's address")).to_have_value(
        re.compile(r"/check-ins/calendar/.+\.ics$")
    )
    page.goto("/check-ins/class-board")
    expect(page.get_by_role("row").filter(has_text="you")).to_contain_text("1")
    page.goto("/")
    expect(page.get_by_text("checked in today")).to_be_visible()


def test_words_that_are_refused_stay_in_the_field(student: Page) -> None:
    student.goto("/check-ins")
    field = student.get_by_label("What did you learn today?")
    field.fill("字" * 281)
    student.get_by_role("button", name="Check in").click()
    expect(student.get_by_text("Please use at most 280 characters.")).to_be_visible()
    expect(field).to_have_value("字" * 281)
    expect(field).to_be_focused()


def test_words_stay_in_the_field_while_the_network_is_away(student: Page, complaints: Complaints) -> None:
    complaints.expect("ERR_INTERNET_DISCONNECTED")
    student.goto("/check-ins")
    student.get_by_label("What did you learn today?").fill(WORDS)
    student.context.set_offline(True)
    student.get_by_role("button", name="Check in").click()
    expect(student.get_by_role("alert")).to_contain_text("This could not be sent.")
    expect(student.get_by_label("What did you learn today?")).to_have_value(WORDS)
    student.context.set_offline(False)
    student.get_by_role("button", name="Check in").click()
    expect(student.get_by_role("heading", name="Day 1")).to_be_focused()
    expect(student.get_by_role("alert")).to_have_count(0)


def test_the_settings_offer_the_zone_of_the_device(new_page: NewPage) -> None:
    page = new_page(timezone_id="Europe/Berlin")
    sign_up(page)
    page.goto("/check-ins/settings")
    page.get_by_role("button", name="Choose Europe/Berlin").click()
    expect(page.get_by_label("My days follow the time of")).to_have_value("Europe/Berlin")
    page.goto("/check-ins/settings")
    expect(page.get_by_label("My days follow the time of")).to_have_value("Asia/Shanghai")


@pytest.mark.parametrize("path", ["", "/wall", "/class-board", "/settings"])
def test_the_pages_are_for_everybody_in_every_look(student: Page, path: str) -> None:
    check_in(student, WORDS)
    student.goto(f"/check-ins{path}")
    check_in_every_look(student)
