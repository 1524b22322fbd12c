"""Progress of a benchmark, on standard error: what it does, about how long that takes, and how far it is.

`python -m bench.progress live_job …` runs bench/live_job.py, as script/bench does.
"""

import ast
import importlib.util
import runpy
import sys
import threading
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

# On two cores. Those that compare with another program download that first, once.
MINUTES = {
    "class_of_a_million": 25,
    "crowd": 10,
    "first_point": 3,
    "fuzz": 30,
    "isso_board": 5,
    "job_wait": 5,
    "lab_ranges": 30,
    "lesson_figures": 15,
    "lesson_page": 2,
    "lighthouse": 5,
    "live_job": 20,
    "memory": 2,
    "runs": 15,
    "recipes": 40,
    "wagtail_page": 4,
}
SAY_EVERY = 20.0


def told(items: Collection[T], what: str) -> Iterator[T]:
    """Each of `items`, with a line beforehand ("pair 7 of 30") unless one was printed a moment ago."""
    said = float("-inf")
    for number, item in enumerate(items, 1):
        if time.monotonic() - said > SAY_EVERY or number == len(items):
            said = time.monotonic()
            say(f"{what} {number} of {len(items)}")
        yield item


def say(line: str) -> None:
    sys.stderr.write(f"  … {line}\n")
    sys.stderr.flush()


def main() -> None:
    name = sys.argv[1]
    sys.argv = sys.argv[1:]
    module = importlib.util.find_spec(f"bench.{name}")
    if module is None:
        raise SystemExit(f"there is no bench/{name}.py")
    minutes = MINUTES.get(name)
    sys.stderr.write(f"{_first_sentence(name)}\n")
    if minutes:
        sys.stderr.write(f"That takes about {minutes} minutes.\n")
    began = time.monotonic()
    threading.Thread(target=_say_the_time, args=(began, minutes), daemon=True).start()
    runpy.run_module(f"bench.{name}", run_name="__main__", alter_sys=True)
    sys.stderr.write(f"It took {(time.monotonic() - began) / 60:.1f} minutes.\n")


def _first_sentence(name: str) -> str:
    text = ast.get_docstring(ast.parse(Path(__file__).with_name(f"{name}.py").read_text("utf-8"))) or name
    return " ".join(text.partition("\n\n")[0].split())


def _say_the_time(began: float, minutes: int | None) -> None:
    """Also while a single step takes long, such as creating a class of a million."""
    while True:
        time.sleep(60)
        of = f" of about {minutes}" if minutes else ""
        say(f"{(time.monotonic() - began) / 60:.0f}{of} minutes")


if __name__ == "__main__":
    main()
