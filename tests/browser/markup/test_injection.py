"""Hundreds of attempts to run a script from a lesson, a caption, a term, a drawing or a column: none runs, none fetches.

The lessons are served by Sophora, with their scripts; the browser ignores their content security policy, which would stop what the
first test shows to run.
"""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Route
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.columns.column_import import read_column
from app.core import db
from app.courses.models import Course, Lesson, Module, Origin
from app.markup.lesson_markdown import render_short
from app.publishing.revisions import new_revision, store_picture
from tests import injections
from tests.browser.conftest import PATIENCE_MS, Classroom

A_PAGE = 40
PARTS = [injections.PAYLOADS[start : start + A_PAGE] for start in range(0, len(injections.PAYLOADS), A_PAGE)]

# What an attempt must leave in the page to run later: at a click, a hover, an animation.
REMAINS = """() => [...document.querySelectorAll(".lesson-header, .lesson-header *, .prose *, #short *")].flatMap((element) => [
  ...element.getAttributeNames().filter((name) => name.startsWith("on") || name === "style" || name === "srcdoc" || name === "formaction")
    .map((name) => `${element.localName} ${name}`),
  ...["href", "xlink:href", "src", "action", "data"].filter((name) =>
    /^[\\s\\u0000-\\u0020]*(javascript|vbscript|data|blob):/i.test(element.getAttribute(name) ?? "")).map((name) => `${element.localName} ${name}`),
  ...(["script", "iframe", "object", "embed", "base", "meta", "link", "style", "animate", "set", "use", "foreignobject", "form"]
    .includes(element.localName.toLowerCase()) ? [element.localName] : []),
])"""

FAR = re.compile(rf"^\w+://[^/]*{re.escape(injections.OUTSIDE)}")

# Two frames after a picture has failed that was asked for last: by then handlers of events, of frames and of timers had their turn.
AT_REST = """() => new Promise((done) => {
  const picture = new Image();
  picture.onerror = () => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)));
  picture.src = "/no-such-picture";
})"""


@dataclass
class Watch:
    """A browser that records what ran and what it tried to fetch."""

    context: BrowserContext
    ran: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.expose_function("pwned", lambda: self.ran.append("pwned"))
        self.context.on("dialog", self._dismiss)
        self.context.route(FAR, self._stop)

    def _dismiss(self, dialog: Dialog) -> None:
        self.ran.append(dialog.message)
        dialog.dismiss()

    def _stop(self, route: Route) -> None:
        self.fetched.append(route.request.url)
        route.abort()

    def visit(self, address: str) -> Page:
        page = self.context.new_page()
        page.goto(address, wait_until="load")
        page.evaluate(AT_REST)
        return page


@pytest.fixture
def watch(browser: Browser) -> Iterator[Watch]:
    context = browser.new_context(bypass_csp=True)
    context.set_default_timeout(PATIENCE_MS)
    yield Watch(context)
    context.close()


@pytest.fixture(scope="module")
def lessons(classroom: Classroom) -> Iterator[list[str]]:
    """Addresses of lessons with all attempts, published in the running classroom, bypassing every check."""
    engine = db.make_engine(f"sqlite:///{classroom.data_dir / 'sophora.db'}")
    addresses = []
    with Session(engine) as session:
        course = Course(
            slug="attempts", title={"zh": "x", "en": "x"}, summary={"zh": "x", "en": "x"}, source=""
        )
        session.add(course)
        session.flush()
        module = Module(course_id=course.id, slug="all", title={"zh": "x", "en": "x"}, position=0)
        session.add(module)
        session.flush()
        for number, (sources, pictures) in enumerate(_attempts()):
            lesson = Lesson(
                course_id=course.id, module_id=module.id, slug=f"{number:02}-attempt", position=number
            )
            session.add(lesson)
            session.flush()
            keys = {name: store_picture(name, content) for name, content in pictures.items()}
            revision = new_revision(session, course, lesson, sources, keys, origin=Origin.EDITOR)
            lesson.published_revision_id = revision.id
            addresses.append(classroom.url(f"/courses/attempts/lessons/{lesson.slug}"))
        session.commit()
        course_id = course.id
    yield addresses
    with Session(engine) as session:  # other tests share the classroom
        session.execute(
            update(Lesson).where(Lesson.course_id == course_id).values(published_revision_id=None)
        )
        session.commit()
    engine.dispose()


def _attempts() -> Iterator[tuple[dict[str, str], dict[str, bytes]]]:
    """The sources and pictures of lessons: first hand-written ones, then imported ones with their comments."""
    for part in PARTS:
        text = injections.lesson_text(part).replace("\x00", "")
        sources = {
            "lesson.toml": injections.lesson_toml([p.replace("\x00", "") for p in part]),
            "zh.md": text,
            "en.md": text,
            "quiz.toml": "",
        }
        yield sources, injections.drawings(part)
    for part in PARTS:
        column = read_column("attempts.md", injections.column(part))
        comments = [
            text for c in column.comments for text in (c.name, c.body, *(reply.body for reply in c.replies))
        ]
        text = column.sources["zh.md"] + "\n\n" + "\n\n".join(comments)
        yield column.sources | {"zh.md": text, "en.md": text}, column.pictures


def test_the_harness_notices_what_runs(watch: Watch, lessons: list[str]) -> None:
    with _serving(
        "<body>" + "".join(p for p in injections.PAYLOADS if p.startswith("<img") or p.startswith("<script"))
    ) as address:
        watch.visit(address)
    assert watch.ran and watch.fetched
    watch.ran.clear()
    page = watch.visit(lessons[0])
    page.evaluate("document.querySelector('main').innerHTML = '<img src=x onerror=pwned()>'")
    page.evaluate(AT_REST)
    assert watch.ran, "a page of Sophora's is stopped by its policy"


@pytest.mark.parametrize("number", range(2 * len(PARTS)))
def test_nothing_runs_in_a_lesson(lessons: list[str], watch: Watch, number: int) -> None:
    page = watch.visit(lessons[number])
    assert page.locator("p").count() > 10
    assert (watch.ran, watch.fetched, page.evaluate(REMAINS)) == ([], [], [])


def test_nothing_runs_from_a_short_text(watch: Watch) -> None:
    html = (
        "<main id=short>"
        + "".join(f"<div>{render_short(payload)}</div>" for payload in injections.PAYLOADS)
        + "</main>"
    )
    with _serving(html) as address:
        page = watch.visit(address)
        assert page.locator("main > div").count() >= len(injections.PAYLOADS)
        assert (watch.ran, watch.fetched, page.evaluate(REMAINS)) == ([], [], [])


class _serving:
    """One page on a port of its own, with no header but its type."""

    def __init__(self, html: str) -> None:
        content = html.encode()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200 if self.path == "/" else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(content if self.path == "/" else b"")

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> str:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}/"

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
