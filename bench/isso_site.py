"""isso, in an environment of its own, with a thread of any length."""

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from app.core.config import ROOT

TOOLS = ROOT / "var" / "tools" / "isso"
PACKAGES = ["isso==0.14.*", "gunicorn==23.*"]
URI = "/lesson/"
# Its defaults, except for the guard, which would block our writer, and without notification mails.
SETTINGS = """
[general]
dbpath = {folder}/comments.db
host = http://127.0.0.1:{port}/
notify =
[server]
public-endpoint = http://127.0.0.1:{port}
[guard]
enabled = false
"""


def install() -> None:
    if not (TOOLS / "bin" / "python").exists():
        subprocess.run(["uv", "venv", "--quiet", "--python", sys.executable, str(TOOLS)], check=True)
        subprocess.run(["uv", "pip", "install", "--quiet", "--python", _python(), *PACKAGES], check=True)


def serve_isso(folder: Path, port: int, texts: list[str]) -> subprocess.Popen[bytes]:
    """A running isso whose one thread has a comment for each text."""
    folder.mkdir()
    settings = folder / "isso.cfg"
    settings.write_text(SETTINGS.format(folder=folder, port=port), encoding="utf-8")
    environment = os.environ | {"ISSO_SETTINGS": str(settings)}
    # Loading it creates the tables.
    subprocess.run(
        [_python(), "-c", "import isso.run"], env=environment, check=True, stderr=subprocess.DEVNULL
    )
    _fill(folder / "comments.db", texts)
    command = [
        _python(), "-m", "gunicorn", "isso.run", "--bind", f"127.0.0.1:{port}",
        "--workers", "1", "--threads", "8", "--log-level", "error",
    ]  # fmt: skip
    return subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)


def _fill(path: Path, texts: list[str]) -> None:
    database = sqlite3.connect(path)
    with database:
        database.execute("INSERT INTO threads (id, uri, title) VALUES (1, ?, 'A lesson')", (URI,))
        moment = time.time() - len(texts)
        database.executemany(
            "INSERT INTO comments (tid, created, mode, remote_addr, text, author, voters) VALUES (1, ?, 1, '127.0.0.0', ?, ?, ?)",
            [
                (moment + number, text, f"student {number % 8}", bytes(256))
                for number, text in enumerate(texts)
            ],
        )
    database.close()


def _python() -> str:
    return str(TOOLS / "bin" / "python")
