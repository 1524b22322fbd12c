"""Step 5 and the first half of 6: a training is watched, reloaded, disconnected and reconnected, and cancelled."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE_MS, Classroom, NewPage, sign_up
from tests.browser.trainings import ENDLESS, WATCHABLE, end_state, events_of, start, steps_in
from tests.browser.wire import Wire

LOSS_POINTS = "[data-chart=loss]"

# The history of a page, kept over reloads: the numbers of points in its loss chart, and its status sentences.
DIARY = """
    addEventListener("DOMContentLoaded", () => {
        const chart = document.querySelector("[data-chart=loss]"), status = document.querySelector("[data-status]");
        if (!chart) return;
        const diary = JSON.parse(sessionStorage.diary ?? '{"points": [], "sentences": [], "loads": 0}');
        diary.loads += 1;
        const note = () => {
            if (chart.dataset.points) diary.points.push(Number(chart.dataset.points));
            diary.sentences.push(status.textContent.trim());
            sessionStorage.diary = JSON.stringify(diary);
        };
        note();
        new MutationObserver(note).observe(chart, { attributes: true, attributeFilter: ["data-points"] });
        new MutationObserver(note).observe(status, { childList: true, characterData: true, subtree: true });
    });
"""


@pytest.fixture
def watcher(new_page: NewPage) -> Page:
    """A student whose job page is recorded."""
    page = new_page()
    page.add_init_script(DIARY)
    sign_up(page)
    return page


def diary_of(page: Page) -> dict:
    return page.evaluate("JSON.parse(sessionStorage.diary)")


def points_on(page: Page) -> int:
    return int(page.locator(LOSS_POINTS).get_attribute("data-points") or 0)


def wait_for_points(page: Page, more_than: int = 0) -> int:
    page.wait_for_function(
        "least => Number(document.querySelector('[data-chart=loss]')?.dataset.points ?? 0) > least",
        arg=more_than,
    )
    return points_on(page)


def wait_for_the_result(page: Page) -> None:
    """The page loads the result by itself when the training has ended."""
    expect(page.locator(".state")).to_have_text("Finished", timeout=120_000)
    expect(page.locator(f"{LOSS_POINTS}[data-points]")).to_be_attached()


def test_points_and_sentences_appear_while_the_network_learns_and_the_result_follows(
    watcher: Page, classroom: Classroom
) -> None:
    job = start(watcher, **WATCHABLE)
    watcher.goto(job)
    expect(watcher.get_by_text("You can close this page")).to_be_visible()
    wait_for_points(watcher)
    expect(watcher.locator(".state")).to_have_text("Training")
    watcher.get_by_role("button", name="Accuracy", exact=True).click()
    expect(watcher.locator("[data-chart=accuracy] canvas")).to_be_visible()
    wait_for_the_result(watcher)

    steps = steps_in(events_of(watcher.context, classroom.url(job)))
    diary = diary_of(watcher)
    assert diary["loads"] == 2, "the page came, and came again with the result"
    assert len(set(diary["points"])) >= 4, diary["points"]
    assert all(one <= next_ for one, next_ in pairwise(diary["points"])), diary["points"]
    assert diary["points"][-2] == diary["points"][-1] == len(steps) == len(set(steps))
    training = [sentence for sentence in diary["sentences"] if re.search(r"^Epoch \d of 5 · \d+%", sentence)]
    assert len(set(training)) >= 4, diary["sentences"]
    assert any(re.search(r"about (\d+ s|\d+ min \d+ s) left$", sentence) for sentence in training), training
    assert "Measuring on the test set" in diary["sentences"]
    assert re.match(r"Done in \d+ s\.", diary["sentences"][-1])


def test_a_reload_in_the_middle_loses_no_point_and_repeats_none(watcher: Page, classroom: Classroom) -> None:
    job = start(watcher, **WATCHABLE)
    watcher.goto(job)
    for _ in range(3):
        known = wait_for_points(watcher)
        watcher.reload()
        wait_for_points(watcher, more_than=known)
    wait_for_the_result(watcher)

    steps = steps_in(events_of(watcher.context, classroom.url(job)))
    assert steps == sorted(set(steps))
    diary = diary_of(watcher)
    assert diary["loads"] == 5
    # The last number before the result, and the one from the database.
    assert diary["points"][-2:] == [len(steps), len(steps)]


def test_a_lost_connection_says_so_and_all_points_are_there_when_it_is_back(
    watcher: Page, classroom: Classroom, wire: Wire
) -> None:
    job = start(watcher, **WATCHABLE)
    watcher.goto(wire.address + job)
    known = wait_for_points(watcher)

    wire.cut()
    expect(watcher.locator("[data-connection]")).to_be_visible()
    expect(watcher.locator("[data-connection]")).to_have_text(
        "The connection is lost; reconnecting. The training goes on."
    )
    assert known <= points_on(watcher) < 1000, "it was lost in the middle"
    wire.mend()
    expect(watcher.locator("[data-connection]")).to_be_hidden(timeout=PATIENCE_MS)
    wait_for_the_result(watcher)

    steps = steps_in(events_of(watcher.context, classroom.url(job)))
    assert diary_of(watcher)["points"][-2:] == [len(steps), len(steps)]


def test_the_events_replay_from_the_beginning_and_after_any_event(
    student: Page, classroom: Classroom
) -> None:
    job = start(student, epochs=2, train_size=3000)
    whole = events_of(student.context, classroom.url(job))
    assert end_state(whole) == "succeeded"
    steps = steps_in(whole)
    assert steps == sorted(set(steps)) and steps[0] == 1
    named = [event for event in whole if event.identity]
    assert len({event.identity for event in named}) == len(named)

    middle = next(event for event in named if event.kind == "epoch")
    assert events_of(student.context, classroom.url(job))[1:] == whole[1:]
    assert (
        events_of(student.context, classroom.url(job), after=middle.identity)[1:]
        == whole[whole.index(middle) + 1 :]
    )


def test_the_events_of_a_job_are_for_its_owner_only(student: Page, new_page: NewPage) -> None:
    job = start(student, epochs=1, train_size=500)
    stranger = new_page()
    assert stranger.request.get(f"{job}/events", max_redirects=0).status == 303
    sign_up(stranger)
    assert stranger.request.get(f"{job}/events").status == 404
    assert stranger.request.get(job).status == 404


def test_a_second_training_says_its_place_in_the_queue_and_how_long_it_will_wait(student: Page) -> None:
    first, second = start(student, **ENDLESS), start(student, **ENDLESS)
    student.goto(first)
    wait_for_points(student)
    student.goto(second)

    expect(student.locator(".state")).to_have_text("Waiting")
    expect(student.locator("[data-status]")).to_contain_text(
        re.compile(r"Waiting: you are next, in about \d+")
    )
    cancel(student)
    student.goto(first)
    cancel(student)


def test_a_training_is_cancelled_and_what_it_learned_so_far_is_told(student: Page) -> None:
    student.goto(start(student, **ENDLESS))
    wait_for_points(student)
    cancel(student)

    expect(student.locator("[data-status]")).to_have_text("You cancelled this training.")
    expect(student.get_by_role("button", name="Cancel the training")).to_have_count(0)
    expect(student.get_by_role("link", name="Change one thing and run again")).to_be_visible()


def cancel(page: Page) -> None:
    page.get_by_role("button", name="Cancel the training").click()
    expect(page.locator(".state")).to_have_text("Cancelled", timeout=60_000)


def test_the_curves_can_be_read_as_a_table(student: Page, classroom: Classroom) -> None:
    job = start(student, epochs=2, train_size=1000)
    events = events_of(student.context, classroom.url(job))
    student.goto(job)
    student.get_by_text("The curves as a table").click()

    rows = student.locator("[data-epoch-rows] tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_be_visible()
    told = [event.data["metrics"]["val_accuracy"] for event in events if event.kind == "epoch"]
    for row, accuracy in zip(rows.all(), told, strict=True):
        expect(row.locator("td").nth(3)).to_have_text(f"{100 * accuracy:.1f}%")
