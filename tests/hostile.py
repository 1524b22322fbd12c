"""Functions that a helper process is asked to run, and that do not behave."""

import time
from html import escape

# A comment with this word is never laid out: it stands for the parser's next bug.
ENDLESS = "endless"


def deep(depth: int) -> int:
    return deep(depth + 1)


def spin(seconds: float) -> float:
    """Use the processor for so long."""
    started = time.process_time()
    while time.process_time() - started < seconds:
        pass
    return seconds


def render_comment(body: str) -> str:
    """In place of the board's."""
    if ENDLESS in body:
        sum(iter(int, 1))  # one call into C, which never comes back
    return f"<p>{escape(body)}</p>"
