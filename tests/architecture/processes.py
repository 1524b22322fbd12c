"""`python -m tests.architecture.processes <kind>`: imports what that process of Sophora imports, and prints its registrations."""

import json
import sys
from contextlib import suppress
from multiprocessing.connection import Connection

from app.core import db, events
from app.web import slots


def known() -> str:
    """The listeners of each event, the providers of each part of a page, and the tables."""
    parts = (slots.below_lesson._slot, slots.below_job, slots.today)
    providers = [[provider.__qualname__ for provider in part._providers] for part in parts]
    return json.dumps([events.connected(), providers, sorted(db.Base.metadata.tables)])


def web() -> str:
    from app.main import create_app

    create_app()
    return known()


def command() -> str:
    from app.cli import cli

    with suppress(SystemExit):
        cli(["migrate", "--help"])
    return known()


def maintenance() -> str:
    from worker.celery_app import _take_a_role, app

    _take_a_role(conf=app.conf, options={"queues": "maintenance"})
    return known()


def trainer() -> str:
    """Its registrations, and, on a line of its own, those of a child of the fork server it starts."""
    import worker.tasks  # noqa: F401
    from worker.child import PRELOAD
    from worker.supervisor import _context

    _context.set_forkserver_preload(PRELOAD)
    receiving, sending = _context.Pipe(duplex=False)
    process = _context.Process(target=_say, args=(sending,))
    process.start()
    said = receiving.recv()
    process.join()
    return f"{known()}\n{said}"


def _say(to: Connection) -> None:
    to.send(known())


if __name__ == "__main__":
    print(globals()[sys.argv[1]]())  # noqa: T201
