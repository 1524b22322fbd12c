import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pwdlib import PasswordHash
from sqlalchemy.orm import Session

from app.accounts import last_seen, passwords
from app.accounts.models import User
from app.accounts.service import open_session
from app.core import db, storage
from app.core.config import get_settings
from app.core.permissions import Role
from app.core.redis import get_redis
from app.courses.models import Course
from app.jobs.queue.tickets import _sender
from app.publishing.loader import load_course
from app.web.security.cookies import session_cookie_name
from app.web.security.rate_limit import _limiter
from tests.factories import TINY_COURSE, make_user
from tests.integration.quizzes.quiz_lesson import put_quiz_into

# For tests independent of the kind of database: `pytestmark = ON_SQLITE`.
ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def configure() -> Iterator[Callable[..., None]]:
    """Change settings for one test: `configure(public_url="https://…")`. Request it before `client` if they are read at start-up."""
    with pytest.MonkeyPatch.context() as patch:

        def change(**values: object) -> None:
            for name, value in values.items():
                patch.setenv(f"SOPHORA_{name.upper()}", str(value))
            get_settings.cache_clear()
            storage._store.cache_clear()

        yield change
    for cached in (get_settings, storage._store, get_redis, _limiter, _sender):
        cached.cache_clear()


@pytest.fixture
def slow_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords cost what they cost in a classroom: for what may happen meanwhile."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHash.recommended())


@pytest.fixture
def course(database: str) -> Course:
    """The tiny course of tests/tiny-course, loaded."""
    with db.session_scope() as session:
        load_course(session, TINY_COURSE)
    with db.session_scope(writes=False) as session:
        return session.query(Course).one()


@pytest.fixture
def course_folder(tmp_path: Path) -> Path:
    """A copy of the tiny course that a test may change."""
    return Path(shutil.copytree(TINY_COURSE, tmp_path / "tiny"))


@pytest.fixture
def lessons(course_folder: Path, database: str) -> None:
    """The tiny course, loaded, with questions of every kind in its first lesson."""
    put_quiz_into(course_folder)
    with db.session_scope() as session:
        load_course(session, course_folder)


@pytest.fixture
def in_english(client: TestClient) -> None:
    """`client` reads English."""
    client.cookies.set("language", "en", domain="127.0.0.1", path="/")


@pytest.fixture
def student(client: TestClient, session: Session) -> User:
    """A student whom `client` is signed in as."""
    user = make_user(session, "Ming")
    enter(client, session, user)
    return user


@pytest.fixture
def admin(client: TestClient, session: Session) -> User:
    """An admin whom `client` is signed in as, in English."""
    user = make_user(session, "Teacher", Role.ADMIN)
    enter(client, session, user)
    client.cookies.set("language", "en")
    return user


def enter(client: TestClient, session: Session, user: User) -> None:
    """Sign `client` in without a password."""
    token = open_session(session, user)
    session.commit()
    client.cookies.set(session_cookie_name(), token, domain="127.0.0.1", path="/")


def wait_until_noted() -> None:
    """Until the web server has stored the last use of the sessions."""
    deadline = time.monotonic() + 30
    while last_seen._used:
        assert time.monotonic() < deadline, "the use of sessions is never stored"
        time.sleep(0.02)


@pytest.fixture
def redis_away(redis: None, configure: Callable[..., None], tmp_path: Path) -> None:
    """Redis is unreachable: nothing listens on the configured socket."""
    configure(redis_url=f"unix://{tmp_path / 'nobody.sock'}")
    get_redis.cache_clear()
    _limiter.cache_clear()
    _sender.cache_clear()
