"""A classroom run by the real launcher; this process uses the same database and Redis."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil

from app import features  # noqa: F401 - rows refer to tables of other features
from app.core import db
from app.core.config import ROOT
from tests.faults.classroom import Classroom, forget_connections, wait_for

# TensorFlow is imported in each start of a worker.
PATIENCE = 400.0
# Command-line patterns that identify each process from outside.
WORDS = {
    "web": "app.launching.serve",
    "worker": "worker@",
    "maintenance": "maintenance@",
    "redis": "redis-server",
}


class Launched(Classroom):
    """Same interface as `Classroom`, but everything in it is started, kept and stopped by the launcher."""

    def __init__(self, data_dir: Path, **settings: object) -> None:
        self.data_dir = data_dir
        (data_dir / "datasets").symlink_to(ROOT / "var" / "datasets")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environment = {
            "SOPHORA_DATA_DIR": str(data_dir),
            "SOPHORA_CONTENT_DIR": str(ROOT / "tests"),
            "SOPHORA_RATE_LIMITS": "false",
            "SOPHORA_JOB_LEASE_SECONDS": "3",
            "SOPHORA_JOB_SWEEP_SECONDS": "0.5",
            "TF_CPP_MIN_LOG_LEVEL": "2",
            **{f"SOPHORA_{name.upper()}": str(value) for name, value in settings.items()},
        }
        self._before = {name: os.environ.get(name) for name in self.environment}
        os.environ.update(self.environment)
        forget_connections()
        self.seen: dict[int, psutil.Process] = {}
        self.output = data_dir / "terminal.txt"
        self.launcher = self.launch()

    def launch(self) -> subprocess.Popen[bytes]:
        with self.output.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.faults.quick_launcher", str(self.port)],
                cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            )  # fmt: skip

    def close(self) -> None:
        if self.launcher.poll() is None:
            self.note_processes()
            self.launcher.send_signal(signal.SIGTERM)
            self.launcher.wait(PATIENCE)
        db.get_engine().dispose()
        for name, value in self._before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
        forget_connections()

    def wait_until_ready(self) -> None:
        self._wait(lambda: self.said("is ready at"), "the classroom is ready")

    def wait_until_up(self, name: str, times: int = 1) -> None:
        """Until the launcher has seen this many of its processes alive."""
        self._wait(lambda: self.lives(name) >= times, f"{name} gives a sign of life")

    def lives(self, name: str) -> int:
        log = self.data_dir / "logs" / "launcher.log"
        return log.read_text(encoding="utf-8").count(f" {name} runs") if log.exists() else 0

    def wait_until_replaced(self, name: str, old: psutil.Process) -> None:
        """Until another process has replaced it and sent a heartbeat."""

        def another() -> bool:
            found = self.process(name)
            return found is not None and found.pid != old.pid

        lives = self.lives(name)
        self._wait(another, f"another {name} runs")
        self.wait_until_up(name, lives + 1)

    def _wait(self, condition: Callable[[], object], what: str) -> None:
        def looked() -> object:
            assert not self.has_ended(), self.terminal()
            return condition()

        wait_for(looked, f"{what}: {self.terminal()}", PATIENCE)

    def process(self, name: str) -> psutil.Process | None:
        for child in psutil.Process(self.launcher.pid).children():
            try:
                words = child.cmdline()
            except psutil.Error:
                continue
            if any(WORDS[name] in word for word in words) and not any(
                "end_with_parent" in word for word in words
            ):
                return child
        return None

    def running(self, name: str) -> psutil.Process:
        return wait_for(lambda: self.process(name), f"{name} runs")

    def note_processes(self) -> None:
        """Record all descendants of the launcher."""
        for process in psutil.Process(self.launcher.pid).children(recursive=True):
            self.seen[process.pid] = process

    def left_running(self) -> list[str]:
        """Those still running."""
        return [
            " ".join(p.cmdline())
            for p in self.seen.values()
            if p.is_running() and p.status() != psutil.STATUS_ZOMBIE
        ]

    def answers(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/healthz", timeout=30).status_code == 200
        except httpx.TransportError:
            return False

    def has_ended(self) -> bool:
        return self.launcher.poll() is not None

    def terminal(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def said(self, words: str) -> bool:
        return words in self.terminal()
