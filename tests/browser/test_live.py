"""One event stream for all tabs of a browser, over HTTP/1.1; any break recovers without a reload."""

import time

from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import PATIENCE_MS, Complaints, NewPage, sign_up
from tests.browser.notifications.test_bell import write
from tests.browser.wire import Wire


class Streams:
    """A browser's open streams, by the page that opened each."""

    def __init__(self, page: Page) -> None:
        self.context = page.context
        self.open: dict[Request, Page] = {}
        self.context.on("request", self._begin)
        self.context.on("requestfinished", self._end)
        self.context.on("requestfailed", self._end)

    def _end(self, request: Request) -> None:
        self.open.pop(request, None)

    def _begin(self, request: Request) -> None:
        if "/live?" in request.url or request.url.endswith("/events"):
            self.open[request] = request.frame.page

    def only_holder(self) -> Page:
        """The page that has the one stream. It begins another where tabs come or go, and for a moment there may be none, or two."""
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while len(holders := {page for page in self.open.values() if not page.is_closed()}) != 1:
            assert time.monotonic() < deadline, f"streams of {len(holders)} pages are open"
            self.context.pages[0].wait_for_timeout(50)
        return holders.pop()


def joined(page: Page, address: str) -> Page:
    page.goto(address)
    expect(page.locator("html[data-live=joined]")).to_be_attached()
    return page


def expect_unread(tabs: list[Page], count: int) -> None:
    for tab in tabs:
        expect(tab.locator("[data-bell-count]")).to_have_text(str(count))


def test_ten_tabs_share_one_stream_which_goes_on_when_its_tab_is_closed(
    new_page: NewPage, wire: Wire
) -> None:
    first, somebody = new_page(), new_page()
    sign_up(somebody)
    sign_up(first)
    comment = write(first)
    streams = Streams(first)
    tabs = [joined(first, f"{wire.address}/progress")]
    tabs += [
        joined(first.context.new_page(), f"{wire.address}/{'board' if n % 2 else 'jobs'}") for n in range(9)
    ]
    write(somebody, comment)
    expect_unread(tabs, 1)
    board = [tab for tab in tabs if tab.url.endswith("/board")]
    for tab in board:
        expect(tab.get_by_role("button", name="1 new comment – show")).to_be_visible()
    leader = streams.only_holder()

    leader.close()
    tabs.remove(leader)
    write(somebody, comment)
    expect_unread(tabs, 2)
    assert streams.only_holder() in tabs


def test_after_a_502_everything_lives_again_without_a_reload(
    new_page: NewPage, wire: Wire, complaints: Complaints
) -> None:
    complaints.expect(r"status of 502")
    reader, somebody = new_page(), new_page()
    sign_up(somebody)
    sign_up(reader)
    comment = write(reader)
    tabs = [
        joined(reader, f"{wire.address}/progress"),
        joined(reader.context.new_page(), f"{wire.address}/board"),
    ]
    for tab in tabs:
        tab.evaluate("window.stayed = true")
    wire.cut(with_502=True)
    for tab in tabs:
        expect(tab.locator("html[data-live=joined]")).to_have_count(0)
    while not wire.refused:
        reader.wait_for_timeout(50)
    write(somebody, comment)

    wire.mend()
    expect_unread(tabs, 1)
    expect(tabs[1].get_by_role("button", name="1 new comment – show")).to_be_visible()
    write(somebody, comment)
    expect_unread(tabs, 2)
    expect(tabs[1].get_by_role("button", name="2 new comments – show")).to_be_visible()
    assert all(tab.evaluate("window.stayed") for tab in tabs)


def test_where_tabs_cannot_share_each_has_its_own_and_a_hidden_one_none(new_page: NewPage) -> None:
    reader, somebody = new_page(), new_page()
    sign_up(somebody)
    sign_up(reader)
    comment = write(reader)
    reader.context.add_init_script("delete Navigator.prototype.locks")
    streams = Streams(reader)
    tabs = [joined(reader, "/progress"), joined(reader.context.new_page(), "/progress")]
    assert set(streams.open.values()) == set(tabs)
    hide(tabs[1], hidden=True)
    expect(tabs[1].locator("html[data-live=joined]")).to_have_count(0)
    write(somebody, comment)
    expect_unread(tabs[:1], 1)
    hide(tabs[1], hidden=False)
    expect_unread(tabs, 1)


def hide(page: Page, *, hidden: bool) -> None:
    """As when another tab comes to the front."""
    page.evaluate(
        """hidden => {
            Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )
