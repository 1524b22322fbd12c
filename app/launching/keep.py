"""`python -m app.launching.keep web|worker|maintenance`: keeps one process of the classroom running, in a container of its own.

Container supervisors restart what ends, but not what hangs.
"""

import signal
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext

from app.launching.checks import LaunchError, listen
from app.launching.programs import SILENCE, celery_program, web_program
from app.launching.supervision import GaveUp, Supervisor

STOP_GRACE = 25.0


def keep(name: str, host: str = "0.0.0.0", port: int = 8000) -> int:
    signals: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: signals.append(received))
    supervisor = Supervisor(_say)
    with listen(host, port) if name == "web" else nullcontext() as listener:
        if listener:
            supervisor.start(web_program(host, port, listener.fileno(), None, SILENCE[name]))
        else:
            supervisor.start(celery_program(name, None, SILENCE[name]))
        try:
            _look_until(supervisor, lambda: bool(signals))
        finally:
            supervisor.stop([(name,)], STOP_GRACE, hurry=lambda: len(signals) > 1)
    return 0


def _look_until(supervisor: Supervisor, is_over: Callable[[], bool]) -> None:
    while not is_over():
        supervisor.look()
        time.sleep(supervisor.pace.look)


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    try:
        sys.exit(keep(sys.argv[1]))
    except (LaunchError, GaveUp) as error:
        sys.exit(str(error))
