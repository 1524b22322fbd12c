"""The processes of a classroom beside Redis: how each is started, and how its health is checked.

`python -m app.launching.keep NAME` keeps one of them running in a container; `sophora run` keeps them all.
"""

import sys
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from app.core.alive import ask_redis, has_given_sign, node_name
from app.core.config import get_settings
from app.launching.supervision import Program

# Celery options of each process.
CELERY = {"worker": ("-Q", "cpu,gpu"), "maintenance": ("-Q", "maintenance")}
# Importing TensorFlow takes seconds, and minutes on a busy machine.
WEB_STARTS_IN, CELERY_STARTS_IN = 300.0, 600.0
ANSWER_SECONDS = 5.0
# Seconds without a heartbeat after which a program is replaced.
SILENCE = {"redis": 15.0, "web": 20.0, "worker": 60.0, "maintenance": 60.0}


def web_program(host: str, port: int, listener: int, log: Path | None, silent_seconds: float) -> Program:
    """`listener`: the file descriptor of a socket listening on `host` and `port`."""
    return Program(
        "web",
        [sys.executable, "-m", "app.launching.serve", str(listener)],
        log,
        lambda _pid: web_answers(host, port),
        start_seconds=WEB_STARTS_IN,
        silent_seconds=silent_seconds,
        pass_fds=(listener,),
    )


def web_answers(host: str, port: int) -> bool:
    here = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)
    connection = HTTPConnection(here, port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def celery_program(name: str, log: Path | None, silent_seconds: float) -> Program:
    """`name`: a key of CELERY."""
    settings, node = get_settings(), node_name(name)
    options = ["-n", node, *CELERY[name], "--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    # The sweep runs every few seconds, so it serves as maintenance's heartbeat: beat, broker and a free thread all took part.
    sign = f"{node}:sweep" if name == "maintenance" else node

    def is_alive(pid: int) -> bool | None:
        with ask_redis() as client:
            return has_given_sign(client, sign, pid)

    return Program(
        name,
        [sys.executable, "-m", "celery", "-A", "worker.celery_app", "worker", *options],
        log,
        is_alive,
        start_seconds=CELERY_STARTS_IN,
        silent_seconds=max(silent_seconds, 4 * settings.job_sweep_seconds),
    )
