"""The real application, as README's command starts it, and a real Chromium that reports no errors."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app import features  # noqa: F401 - rows refer to tables of other features
from app.accounts import service as accounts
from app.accounts.passwords import hash_password
from app.core.config import ROOT
from app.core.db import make_engine
from app.web.security.cookies import session_cookie_name
from tests.browser import trainings
from tests.browser.wire import Wire
from tests.factories import PASSWORD

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_PATIENCE = 120.0
# Of the classrooms that run, by address.
_databases: dict[str, Engine] = {}
# A busy machine may take long; a working classroom never needs as much.
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)


@dataclass(frozen=True)
class Classroom:
    """A running Sophora: Redis, worker, web."""

    address: str
    data_dir: Path

    def url(self, path: str = "/") -> str:
        return self.address + path


@dataclass
class Complaints:
    """A browser's error console: script errors, CSP violations, missing files."""

    heard: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect(self, pattern: str) -> None:
        """This test provokes matching console errors: a lost network, for example."""
        self.expected.append(pattern)

    def expect_lost_session(self) -> None:
        """A page whose session ends while it is open may ask once more for what is not its reader's any more, and hear so."""
        self.expect(r"status of 40[134] .*/(live\?|[^ ]*/(news|notes|place|drafts|readings|unread)\b)")

    def listen(self, context: BrowserContext) -> None:
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.heard.append(str(error.error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.heard.append(f"{message.text} ({message.location.get('url')})")

    @property
    def unexpected(self) -> list[str]:
        # A form redisplayed with errors has status 422; Chromium logs every such page on its console.
        expected = [r"status of 422", *self.expected]
        return [text for text in self.heard if not any(re.search(pattern, text) for pattern in expected)]


@pytest.fixture(scope="session")
def classroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Classroom]:
    """`sophora run` with a data folder of its own; all its processes are gone afterwards."""
    data_dir = tmp_path_factory.mktemp("classroom")
    (data_dir / "datasets").symlink_to(ROOT / "var" / "datasets")
    with run_classroom(data_dir) as classroom:
        yield classroom


@contextmanager
def run_classroom(data_dir: Path, **settings: str) -> Iterator[Classroom]:
    """`sophora run` in `data_dir`, with these further settings."""
    port = _free_port()
    classroom = Classroom(f"http://127.0.0.1:{port}", data_dir)
    environment = os.environ | {
        "SOPHORA_DATA_DIR": str(data_dir),
        "SOPHORA_RATE_LIMITS": "false",
        "SOPHORA_LOG_LEVEL": "info",
        "SOPHORA_PUBLIC_URL": classroom.address,
        **{f"SOPHORA_{name.upper()}": value for name, value in settings.items()},
    }
    environment.pop("SOPHORA_DATABASE_URL", None)
    log = data_dir / "run.log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "app.cli", "run", "--port", str(port)]
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_ready(process, classroom, log)
        _databases[classroom.address] = engine = make_engine(f"sqlite:///{data_dir / 'sophora.db'}")
        yield classroom
        engine.dispose()
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(process: subprocess.Popen[bytes], classroom: Classroom, log: Path) -> None:
    deadline = time.monotonic() + START_PATIENCE
    while time.monotonic() < deadline:
        assert process.poll() is None, f"sophora run ended:\n{log.read_text()[-1500:]}"
        try:
            with urlopen(classroom.url("/healthz"), timeout=5) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"sophora run was not ready in time:\n{log.read_text()[-1500:]}")


def find_chromium() -> str | None:
    """Debian's Chromium; None leaves the choice to Playwright, which fails loudly if it has none either."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser")
    return next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium per session."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """Fails the test if one of its pages reported an error."""
    complaints = Complaints()
    yield complaints
    assert not complaints.unexpected, "\n".join(complaints.unexpected)


@pytest.fixture(scope="session")
def _wire_of_session(classroom: Classroom) -> Iterator[Wire]:
    wire = Wire(int(classroom.address.rpartition(":")[2]))
    yield wire
    wire.close()


@pytest.fixture
def wire(_wire_of_session: Wire, complaints: Complaints) -> Iterator[Wire]:
    """A connection to the classroom that may be cut. It stays whole until the test's pages are closed."""
    complaints.expect(r"net::ERR_|Failed to fetch dynamically imported module")
    yield _wire_of_session
    _wire_of_session.mend()


NewPage = Callable[..., Page]


@pytest.fixture
def new_page(browser: Browser, classroom: Classroom, complaints: Complaints) -> Iterator[NewPage]:
    """Opens a page of a fresh visitor: new_page(language="en", theme="dark", width=360, **options of a context)."""
    contexts: list[BrowserContext] = []

    def open_page(
        *, language: str = "en", theme: str = "light", width: int = 1280, height: int = 800, **options: Any
    ) -> Page:
        context = browser.new_context(
            base_url=classroom.address,
            viewport={"width": width, "height": height},
            color_scheme=theme,
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(PATIENCE_MS)
        cookies = {"language": language, "theme": "auto"}
        context.add_cookies(
            [{"name": name, "value": value, "url": classroom.address} for name, value in cookies.items()]
        )
        complaints.listen(context)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


_names = iter(range(1, 10_000))


@cache
def _hash() -> str:
    """Of the password that everybody here has: hashing it is slow on purpose."""
    return hash_password(PASSWORD)


def sign_up(page: Page) -> str:
    """Give the page's visitor an account and sign them in, past the form; returns the name."""
    name = f"student {os.getpid()}-{next(_names)}"
    address = page.request.get("/healthz").url.removesuffix("/healthz")
    before = next(
        (each["value"] for each in page.context.cookies() if each["name"] == session_cookie_name()), None
    )
    with Session(_databases[address]) as session:
        token = accounts.open_session(session, accounts.sign_up(session, name, _hash()), before)
        session.commit()
    cookie = {
        "name": session_cookie_name(),
        "value": token,
        "url": address,
        "httpOnly": True,
        "sameSite": "Lax",
    }
    page.context.add_cookies([cookie])
    return name


@pytest.fixture
def visitor(new_page: NewPage) -> Page:
    """A visitor's page."""
    return new_page()


@pytest.fixture
def student(new_page: NewPage) -> Page:
    """A page of a student who has just signed up."""
    page = new_page()
    sign_up(page)
    return page


@dataclass(frozen=True)
class Trained:
    """A finished run of lesson 11's mnist-cnn, and its owner."""

    job: str
    name: str


@pytest.fixture(scope="session")
def trained(browser: Browser, classroom: Classroom) -> Trained:
    """Trained once per session. It reads digits well where they are, and misses the goal: moved ones."""
    context = browser.new_context(base_url=classroom.address)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    name = sign_up(page)
    job = trainings.start(page, trainings.CONVOLUTION, "first-cnn", filters=8)
    events = trainings.events_of(context, classroom.url(job))
    assert trainings.end_state(events) == "succeeded", page.request.get(job).text()
    context.close()
    return Trained(job, name)


def sign_in_as(page: Page, name: str) -> None:
    answer = page.request.post(
        "/sign-in",
        form={"name": name, "password": PASSWORD},
        headers={"Sec-Fetch-Site": "same-origin"},
        max_redirects=0,
    )
    assert answer.status == 303, answer.text()


@pytest.fixture
def student_of_trained(new_page: NewPage, trained: Trained) -> Page:
    """A page of the student who owns `trained`."""
    page = new_page()
    sign_in_as(page, trained.name)
    return page


@pytest.fixture
def model_file(student_of_trained: Page, trained: Trained, tmp_path: Path) -> Path:
    """`model.keras`, downloaded by its link as a student would."""
    student_of_trained.goto(trained.job)
    with student_of_trained.expect_download() as download:
        student_of_trained.get_by_role("link", name="model.keras").click()
    assert download.value.suggested_filename == "model.keras"
    download.value.save_as(tmp_path / "model.keras")
    return tmp_path / "model.keras"
