"""Hundreds of attempts to run a script from a name, a comment, an imported comment, a check-in, a report or a note: none runs, none
fetches.

Every attempt is also the name of a student, in the database: more than the form for a new account lets through. The pages
that show them are visited with their scripts, in a browser that ignores their content security policy; and every one of them, the
last page of each list too, is read once more as a bare document.
"""

import re
from collections.abc import Iterator
from html import escape, unescape

import pytest
from playwright.sync_api import Browser, Page, expect

from app.web.security.cookies import session_cookie_name
from tests.browser.board.nasty_board import PAYLOADS, Board, nasty_board
from tests.browser.conftest import PATIENCE_MS, Classroom
from tests.browser.markup.test_injection import AT_REST, Watch, _serving

EVERY = set(range(len(PAYLOADS)))
FRAMES_A_PAGE = 60

# What an attempt must leave in a page to run later. Our own pages have none of it anywhere, nor does any form in a comment.
REMAINS = """(root) => [...(root ?? document).querySelectorAll("*")].flatMap((element) => [
  ...element.getAttributeNames().filter((name) => name.startsWith("on") || name === "srcdoc").map((name) => `${element.localName} ${name}`),
  ...["href", "xlink:href", "src", "action", "formaction", "data"].filter((name) =>
    /^[\\s\\u0000-\\u0020]*(javascript|vbscript|data|blob):/i.test(element.getAttribute(name) ?? "")).map((name) => `${element.localName} ${name}`),
  ...(["iframe", "object", "embed", "base", "animate", "set", "foreignobject", "marquee", "video", "audio"]
    .includes(element.localName.toLowerCase()) ? [element.localName] : []),
  ...(element.matches(":is(.comment-body, .told, .wall-entry, .note, .search-result) :is(script, style, link, meta, img)") ? [element.localName] : []),
])"""
IN_FRAMES = (
    f"() => [...document.querySelectorAll('iframe')].flatMap((frame) => ({REMAINS})(frame.contentDocument))"
)
# They would be missing in a frame, and cost a request each.
OUR_FILES = re.compile(r'<(?:link|script)[^>]* (?:href|src)="/static/[^>]*>')


@pytest.fixture(scope="module")
def board(classroom: Classroom) -> Iterator[Board]:
    with nasty_board(classroom) as board:
        yield board


@pytest.fixture
def visitors(request: pytest.FixtureRequest, browser: Browser, classroom: Classroom) -> Iterator[Watch]:
    """A browser of a visitor's that ignores every policy: it runs inline scripts and handlers, as the first test shows."""
    context = browser.new_context(base_url=classroom.address, bypass_csp=getattr(request, "param", True))
    context.set_default_timeout(PATIENCE_MS)
    yield Watch(context)
    context.close()


@pytest.fixture
def watch(visitors: Watch, classroom: Classroom, board: Board) -> Watch:
    """The lecturer's."""
    cookie = {"name": session_cookie_name(), "value": board.token, "url": classroom.address}
    visitors.context.add_cookies([cookie])
    return visitors


def test_the_attempts_are_hundreds() -> None:
    assert len(set(PAYLOADS)) >= 300


@pytest.mark.parametrize(
    "visitors", [False, True], ids=["under the policy", "without the policy"], indirect=True
)
def test_only_the_policy_stops_what_gets_into_a_page(watch: Watch, request: pytest.FixtureRequest) -> None:
    page = watch.context.new_page()
    page.goto("/check-ins")
    page.evaluate("document.querySelector('main').innerHTML = '<img src=x onerror=pwned()>'")
    page.evaluate(AT_REST)
    assert bool(watch.ran) == ("without" in request.node.callspec.id)


def test_nothing_runs_where_pages_have_their_scripts(
    watch: Watch, classroom: Classroom, board: Board
) -> None:
    for address in [*board.lists, *board.others[:4], board.people[0], "/check-ins"]:
        page = watch.visit(classroom.url(address))
        if address in board.lists[:2]:
            _show_all(page)
            page.evaluate(AT_REST)
        assert page.locator("main").count() == 1, address
        assert (watch.ran, watch.fetched, page.evaluate(REMAINS)) == ([], [], []), address
        page.close()


def test_nothing_runs_where_a_visitor_reads_every_comment(
    visitors: Watch, classroom: Classroom, board: Board
) -> None:
    page = visitors.visit(classroom.url(board.lesson))
    assert page.locator("main").count() == 1 and page.locator("[data-comment-form]").count() == 0
    _show_all(page)
    page.evaluate(AT_REST)
    assert (visitors.ran, visitors.fetched, page.evaluate(REMAINS)) == ([], [], [])


def _show_all(page: Page) -> None:
    """Press "more" until every comment is there; before the script has started, the link would only lead to the next page."""
    expect(page.locator("[data-discussion][data-started]")).to_be_attached()
    more = page.locator("[data-more-link^='/threads']")
    while more.count():
        shown = page.locator("[data-comment]").count()
        more.click()
        page.wait_for_function(
            "(shown) => document.querySelectorAll('[data-comment]').length > shown", arg=shown
        )
    found = {int(number) for number in re.findall(r"attempt (\d+)\.", page.content())}
    assert found == EVERY


def test_nothing_runs_in_any_page_as_a_bare_document(
    browser: Browser, classroom: Classroom, board: Board
) -> None:
    """Each in a frame of its own, as received from the server, on a page without a policy."""
    context = browser.new_context(base_url=classroom.address)
    context.set_default_timeout(PATIENCE_MS)
    context.add_cookies([{"name": session_cookie_name(), "value": board.token, "url": classroom.address}])
    documents = []
    for address in board.lists:
        pages = list(_pages(context.request.get, address))
        numbers = {int(number) for html in pages for number in re.findall(r"attempt (\d+)\.", html)}
        assert numbers == EVERY, address
        documents += pages
    documents += [_read(context.request.get, address) for address in [*board.others, *board.people]]
    watch = Watch(context)
    for start in range(0, len(documents), FRAMES_A_PAGE):
        part = documents[start : start + FRAMES_A_PAGE]
        with _serving(
            "<main></main>" + "".join(f'<iframe srcdoc="{escape(html)}"></iframe>' for html in part)
        ) as address:
            page = watch.visit(address)
            assert len(page.frames) == 1 + len(part)
            assert (watch.ran, watch.fetched, page.evaluate(IN_FRAMES)) == ([], [], [])
            page.close()
    context.close()


def _pages(get, address: str) -> Iterator[str]:
    """A list's pages, one after the other."""
    while address:
        html = _read(get, address)
        yield html
        links = re.findall(r"<a\s[^>]*>", html[html.index("<main") :])
        marks = ('data-more-link="/threads',) if "#discussion" in html else ('rel="next"',)
        further = [link for link in links if any(mark in link for mark in marks)]
        address = unescape(re.search(r'href="([^"]*)"', further[-1])[1]) if further else ""


def _read(get, address: str) -> str:
    answer = get(address)
    assert answer.status == 200, f"{address}: {answer.status}"
    return OUR_FILES.sub("", answer.text())
