"""`python -m tests.faults.clock_ahead worker -Q maintenance …`: Celery on a host whose clock is 40 seconds ahead."""

import sys
import time
from datetime import UTC, datetime, timedelta

import app.core.clock

AHEAD = 40
_time = time.time


def main() -> None:
    time.time = lambda: _time() + AHEAD
    app.core.clock.now = lambda: datetime.now(UTC) + timedelta(seconds=AHEAD)
    from celery.__main__ import main as celery

    sys.argv[:1] = ["celery", "-A", "worker.celery_app"]
    celery()


if __name__ == "__main__":
    main()
