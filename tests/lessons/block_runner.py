"""Runs the Python blocks of one lesson in a process of its own: JSON on standard input, JSON in the file argv[1].

Each block gets a fresh namespace, as if a reader had copied it alone into an empty file.
"""

import contextlib
import io
import json
import sys
import traceback
from pathlib import Path


def run(name: str, source: str) -> dict[str, str | None]:
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(source, name, "exec"), {"__name__": "__main__"})
    except Exception:
        return {"printed": printed.getvalue(), "error": traceback.format_exc(limit=-3)}
    return {"printed": printed.getvalue(), "error": None}


if __name__ == "__main__":
    results = {name: run(name, source) for name, source in json.load(sys.stdin).items()}
    Path(sys.argv[1]).write_text(json.dumps(results), encoding="utf-8")
