"""`python -m tests.faults.quick_launcher PORT`: `sophora run`, with delays and timeouts short enough for a test."""

import sys

from app.launcher import Launcher
from app.launching.checks import LaunchError
from app.launching.supervision import Pace

QUICK = Pace(look=0.05, ask=0.2, first_pause=0.1, longest_pause=0.5, grace=1)
# A web server on a busy machine still answers within this time.
SILENCE = {"web": 8, "redis": 6, "worker": 12, "maintenance": 20}

if __name__ == "__main__":
    try:
        sys.exit(Launcher("127.0.0.1", int(sys.argv[1]), QUICK, SILENCE).run())
    except LaunchError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
