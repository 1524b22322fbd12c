"""Runs the Python blocks of lessons, each lesson in a process of its own, and the notebooks of trainings.

A line on standard input, {"folder": where to run, "blocks": {name: source}}, is answered by one on standard output: by name, what
each block printed and its error; null where they ended their process. TensorFlow is imported once: a lesson's process is a fork of
one that has done nothing else. Each block gets a fresh namespace, as if a reader had copied it alone into an empty file.
"""

import contextlib
import io
import json
import os
import sys
import traceback
from typing import Any

import tensorflow  # noqa: F401 - for the forks


def run(name: str, source: str) -> dict[str, str | None]:
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(source, name, "exec"), {"__name__": "__main__"})
    except Exception:
        return {"printed": printed.getvalue(), "error": traceback.format_exc(limit=-3)}
    return {"printed": printed.getvalue(), "error": None}


def answer(folder: str, blocks: dict[str, str]) -> None:
    os.chdir(folder)
    results: dict[str, Any] = {name: run(name, source) for name, source in blocks.items()}
    say(results)


def say(results: dict[str, Any] | None) -> None:
    sys.stdout.write(f"{json.dumps(results)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            answer(**json.loads(line))
            os._exit(0)
        if os.waitpid(child, 0)[1]:
            say(None)
