"""Memory of one idle `sophora run`, by process: proportional set size (PSS), which counts shared pages once. Goal: 600 MB in all.

Idle means that the worker has a child ready and nobody has requested anything. Linux only.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from app.core.config import ROOT
from bench.first_point import free_port
from bench.progress import told

SETTLED_AFTER = 3  # equal readings in a row
LOOK_SECONDS = 5
LOOKS = 120


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="sophora-bench-") as name:
        (Path(name) / "datasets").symlink_to(ROOT / "var" / "datasets")
        classroom = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "run", "--port", str(free_port())],
            cwd=ROOT,
            env=os.environ | {"SOPHORA_DATA_DIR": name, "TF_CPP_MIN_LOG_LEVEL": "3"},
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        try:
            held = at_rest(classroom.pid)
        finally:
            classroom.terminate()
            classroom.wait(60)
    for what, megabytes in held:
        print(f"{megabytes:7.0f} MB  {what}")
    print(f"{sum(megabytes for _, megabytes in held):7.0f} MB  in all (goal <= 600)")


def at_rest(pid: int) -> list[tuple[str, float]]:
    """(process, MB) once the same processes hold the same, within 2%, in several readings."""
    before, equal, held = 0.0, 0, []
    for _ in told(range(LOOKS), "look, until three in a row are alike,"):
        time.sleep(LOOK_SECONDS)
        held = look(pid)
        total = sum(megabytes for _, megabytes in held)
        has_spare = any(what == "spare child" for what, _ in held)
        equal = equal + 1 if has_spare and abs(total - before) < 0.02 * total else 0
        before = total
        if equal == SETTLED_AFTER:
            return held
    raise SystemExit("the classroom did not come to rest")


def look(pid: int) -> list[tuple[str, float]]:
    launcher = psutil.Process(pid)
    found = [("launcher", pss(pid))]
    for process in launcher.children(recursive=True):
        try:
            found.append((words_for(process), pss(process.pid)))
        except (psutil.Error, OSError):
            continue
    return sorted(found, key=lambda entry: -entry[1])


def words_for(process: psutil.Process) -> str:
    command, parent = " ".join(process.cmdline()), process.parent()
    if "forkserver" in command:
        return "spare child" if parent and "forkserver" in " ".join(parent.cmdline()) else "fork server"
    for part, words in (
        ("maintenance", "maintenance"), ("celery", "worker"), ("uvicorn", "web"), ("app.launching.serve", "web"),
        ("redis", "redis"), ("resource_tracker", "resource tracker"),
    ):  # fmt: skip
        if part in command:
            return words
    return command[:60]


def pss(pid: int) -> float:
    """In MB."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main()
