"""Shared behaviour of interactive figures: a quiet screen reader, a minimal address."""

from playwright.sync_api import Locator, Page, expect

LESSON = "/courses/deep-learning/lessons/06-softmax-loss"
NAME = "softmax-sliders"


def open_figure(page: Page, fragment: str = "") -> Locator:
    page.goto(LESSON + fragment)
    figure = page.locator(f"figure-{NAME}")
    expect(figure.locator(".figure-alternative")).not_to_be_empty()
    return figure


def test_the_text_follows_every_step_and_a_screen_reader_hears_the_last_one_only(visitor: Page) -> None:
    figure = open_figure(visitor)
    figure.evaluate(
        """figure => {
            figure.heard = [];
            new MutationObserver(() => figure.announcer.textContent && figure.heard.push(figure.announcer.textContent))
                .observe(figure.announcer, { childList: true });
        }"""
    )
    shown = figure.evaluate(
        """figure => Array.from({ length: 10 }, (_, step) => {
            figure.update({ temperature: 1 + step / 10 });
            return figure.alternative.textContent;
        })"""
    )
    assert len(set(shown)) == 10
    expect(figure.locator("[aria-live=polite]")).to_have_text(shown[-1])
    assert figure.evaluate("figure => figure.heard") == [shown[-1]]


def test_nothing_is_announced_before_the_reader_changes_something(visitor: Page) -> None:
    figure = open_figure(visitor)
    expect(figure.locator("[aria-live=polite]")).to_be_empty()


def test_after_a_reset_the_address_has_no_fragment(visitor: Page) -> None:
    figure = open_figure(visitor)
    figure.evaluate("figure => figure.update({ temperature: 2 })")
    visitor.wait_for_url(f"**{LESSON}#fig-{NAME}=*")
    figure.get_by_role("button", name="Reset").click()
    visitor.wait_for_function("() => !location.href.includes('#')")


def test_a_reset_leaves_the_address_of_a_heading_alone(visitor: Page) -> None:
    visitor.clock.install()
    figure = open_figure(visitor, "#cross-entropy")
    figure.get_by_role("button", name="Reset").click()
    visitor.clock.run_for(1000)  # longer than the figure's delay before it writes the address
    assert visitor.url.endswith("#cross-entropy")


def test_a_link_to_a_state_opens_at_the_figure(visitor: Page) -> None:
    figure = open_figure(visitor, f"#fig-{NAME}=temperature:2")
    expect(figure.locator(".figure-stage")).to_be_in_viewport()
    assert figure.evaluate("figure => figure.state.temperature") == 2


def test_a_second_link_replaces_the_state_of_the_first(visitor: Page) -> None:
    figure = open_figure(visitor, f"#fig-{NAME}=temperature:2")
    visitor.evaluate(f"location.hash = '#fig-{NAME}=z7:3'")
    visitor.wait_for_function(f"() => document.querySelector('figure-{NAME}').state.z7 === 3")
    assert figure.evaluate("figure => figure.state.temperature") == 1
