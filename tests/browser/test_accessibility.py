"""Every page: no serious axe violation, no horizontal overflow on a phone, operable by keyboard."""

import tomllib
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.core.config import ROOT
from tests.browser.conftest import Classroom, Complaints, NewPage, Trained, sign_up
from tests.browser.screens import everything_in, pages_by_actor
from tests.browser.trainings import ENDLESS, OPENING, start
from tests.fuzz.world import ACTORS

AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()
LOOKS = [("light", 1280), ("light", 360), ("dark", 360), ("dark", 1280)]
OF_COLOURS = ("color-contrast", "link-in-text-block")

COURSE = tomllib.loads((ROOT / "content" / "deep-learning" / "course.toml").read_text())
LESSONS = [
    f"/courses/deep-learning/lessons/{lesson}" for module in COURSE["modules"] for lesson in module["lessons"]
]

pytestmark = pytest.mark.timeout(900)


def faults_of(page: Page, *rules: str) -> list[str]:
    """What axe calls serious or critical, a line each: by all of its rules, unless some are named."""
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = list(rules)
    # Evaluated through the debugger, so the page's content security policy neither applies nor changes.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    violations = page.evaluate(
        "options => axe.run(document, options).then(result => result.violations)", options
    )
    return [
        f"{violation['id']}: {node['target']} {node['html'][:160]} {node['any'][0]['message'] if node['any'] else ''}"
        for violation in violations
        if violation["impact"] in {"serious", "critical"}
        for node in violation["nodes"]
    ]


def beyond_the_edge(page: Page) -> list[str]:
    """The elements that make the page scroll sideways, outermost first."""
    return page.evaluate("""() => {
        const width = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= width) return [];
        const wide = [...document.body.querySelectorAll('*')].filter(each => each.getBoundingClientRect().right > width + 1);
        return [`${document.documentElement.scrollWidth} px`, ...wide.slice(0, 8).map(each => each.outerHTML.slice(0, 120))];
    }""")


def check_in_every_look(page: Page) -> None:
    """Each rule at each width; what is said of colours in both themes, which differ in nothing else."""
    for theme, width in LOOKS:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 800})
        assert not faults_of(page, *(OF_COLOURS if theme == "dark" else ())), f"{theme}, {width} px"
        assert not beyond_the_edge(page), f"{theme}, {width} px"


@pytest.fixture(scope="module")
def everything(classroom: Classroom) -> dict[str, dict[str, str]]:
    return everything_in(classroom)


@pytest.fixture(scope="module")
def seen(
    classroom: Classroom, everything: dict[str, dict[str, str]]
) -> tuple[dict[str, list[str]], set[str]]:
    return pages_by_actor(classroom, everything)


@pytest.fixture(scope="module")
def pages_of(seen: tuple[dict[str, list[str]], set[str]]) -> dict[str, list[str]]:
    return seen[0]


def test_no_page_is_left_out_here(seen: tuple[dict[str, list[str]], set[str]]) -> None:
    # Whether a file is there is another test's concern: a training before this one puts the arrays into the store.
    files = {
        "/check-ins/calendar/{token}.ics",
        "/datasets/{slug}/arrays.npz",
        "/datasets/{slug}/samples.png",
        "/pictures/{name}",
        "/recipes/{slug}/parts/{name}",
    }
    # The first admin's link exists only while there is no admin.
    assert seen[1] - files == {"/setup/{token}"}


@pytest.mark.parametrize("actor", ACTORS)
def test_no_page_has_a_barrier(
    new_page: NewPage,
    classroom: Classroom,
    complaints: Complaints,
    everything: dict[str, dict[str, str]],
    pages_of: dict[str, list[str]],
    actor: str,
) -> None:
    complaints.expect("status of 404")
    page = new_page(language="zh")
    if actor != "visitor":
        cookie = {"name": "sophora_session", "value": everything["tokens"][actor], "url": classroom.address}
        page.context.add_cookies([cookie])
    faults = []
    for address in (*pages_of[actor], *(["/no-such-page"] if actor == "visitor" else [])):
        page.goto(address)
        for theme, width in (("light", 1280), ("dark", 360)):
            page.emulate_media(color_scheme=theme)
            page.set_viewport_size({"width": width, "height": 800})
            found = [*faults_of(page), *beyond_the_edge(page)]
            faults += [f"{address} ({theme}, {width} px): {fault}" for fault in found]
    assert pages_of[actor] and not faults, "\n".join(faults)


def test_a_training_that_has_ended_has_no_barrier(student_of_trained: Page, trained: Trained) -> None:
    student_of_trained.goto(trained.job)
    check_in_every_look(student_of_trained)


def test_a_training_that_runs_and_one_that_waits_have_no_barrier(student: Page) -> None:
    running, waiting = start(student, **ENDLESS), start(student, **ENDLESS)
    student.goto(running)
    student.wait_for_selector("[data-chart=loss][data-points]")
    check_in_every_look(student)
    student.goto(waiting)
    expect(student.locator(".state")).to_have_text("Waiting")
    check_in_every_look(student)
    for job in (waiting, running):
        student.goto(job)
        student.get_by_role("button", name="Cancel the training").click()
        expect(student.locator(".state")).to_have_text("Cancelled", timeout=60_000)


def test_a_form_that_came_back_with_faults_has_no_barrier(student: Page) -> None:
    student.goto(OPENING)
    student.locator("[name=guess]").fill("a lot")
    student.get_by_role("button", name="Start the training").click()
    expect(student.locator(".field-error")).to_be_visible()
    check_in_every_look(student)


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_has_no_barrier_in_either_language(new_page: NewPage, lesson: str) -> None:
    for language, theme, width in (("zh", "light", 1280), ("en", "dark", 360)):
        page = new_page(language=language, theme=theme, width=width)
        sign_up(page)
        page.goto(lesson)
        for fold in page.locator("main details:not([open], [data-menu]) > summary").all():
            if fold.is_visible():
                fold.click()
        assert not faults_of(page), language
        page.set_viewport_size({"width": 360, "height": 740})
        assert not beyond_the_edge(page), language


def test_these_checks_would_find_a_fault(visitor: Page) -> None:
    visitor.goto("/sign-up")
    visitor.evaluate("""() => {
        document.querySelector("main p, main h1").style.color = "var(--paper-sunken)";
        document.querySelector("main label").remove();
        document.querySelector("main").append(Object.assign(document.createElement("pre"), { textContent: "x".repeat(999) }));
    }""")

    rules = {fault.partition(":")[0] for fault in faults_of(visitor)}
    assert {"color-contrast", "label"} <= rules
    assert beyond_the_edge(visitor)


@pytest.mark.parametrize("width", [360, 1280])
def test_whatever_has_the_focus_is_seen_to_have_it(visitor: Page, width: int) -> None:
    visitor.set_viewport_size({"width": width, "height": 800})
    visitor.goto("/sign-up")
    for _ in range(10):
        visitor.keyboard.press("Tab")
        shown = visitor.evaluate("""() => {
            const style = getComputedStyle(document.activeElement), box = document.activeElement.getBoundingClientRect();
            return { outline: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2, inView: box.bottom > 0 && box.right > 0, name: document.activeElement.outerHTML.slice(0, 100) };
        }""")
        assert shown["outline"] and shown["inView"], shown["name"]


def test_zoomed_text_of_twice_the_size_still_fits(visitor: Page) -> None:
    # 1280 px at 400% (WCAG 1.4.10, reflow) is a window of 320 px.
    visitor.set_viewport_size({"width": 320, "height": 640})
    for path in ("/", OPENING, "/sign-up"):
        visitor.goto(path)
        assert not beyond_the_edge(visitor), path


def test_motion_is_spared_those_who_ask_for_it(visitor: Page) -> None:
    visitor.goto("/")
    moving = visitor.evaluate("""() => [...document.querySelectorAll('*')].filter(each => {
        const style = getComputedStyle(each);
        return [style.animationDuration, style.transitionDuration].some(all => all.split(',').some(one => parseFloat(one) > 0.05));
    }).map(each => each.outerHTML.slice(0, 100))""")
    assert not moving
