"""Misbehaving functions for sandboxed processes."""

import time
from html import escape

# A comment with this word never finishes rendering: it stands for the parser's next bug.
ENDLESS = "endless"


def deep(depth: int) -> int:
    return deep(depth + 1)


def spin(seconds: float) -> float:
    """Use the processor for this many seconds."""
    started = time.process_time()
    while time.process_time() - started < seconds:
        pass
    return seconds


def render_comment(body: str) -> str:
    """Replaces the board's."""
    if ENDLESS in body:
        sum(iter(int, 1))  # one C call that never returns
    return f"<p>{escape(body)}</p>"
